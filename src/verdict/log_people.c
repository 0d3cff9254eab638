/*-------------------------------------------------------------------------
 *
 * log_people.c
 *	  What people did and said, in the execution log: see log_people.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/ticket_state.h"
#include "verdict/log_people.h"
#include "verdict/log_text.h"

static void write_section(StringInfo log, const Environment *environment, const char *head, const char *sql, QueryRowFn fn);
static void write_attestation(TupleTableSlot *slot, void *arg);
static void write_open_must(TupleTableSlot *slot, void *arg);
static void write_answer(TupleTableSlot *slot, void *arg);
static void write_issue(TupleTableSlot *slot, void *arg);


void
log_write_people(StringInfo log, const Environment *environment)
{
	write_section(log, environment,
				  "## Attested by people\n\n| ticket | item | result | who | recorded | note |\n|---|---|---|---|---|---|\n",
				  psprintf("SELECT a.ticket_no, coalesce(c.title, a.item) AS title, coalesce(c.must, false) AS must, a.result, a.who,"
						   " a.attested_by, a.attested_at, a.note FROM %smenuca_attestation a"
						   " LEFT JOIN %smenuca_checklist c ON c.ticket_no = a.ticket_no AND c.item = a.item"
						   " WHERE a.environment_id = $1 ORDER BY a.attestation_id", migrate_schema(), migrate_schema()),
				  write_attestation);
	write_section(log, environment, "## Open before a ticket is COMPLETE\n\n",
				  psprintf("SELECT ticket_no, title, state FROM %smenuca_ticket_open WHERE environment_id = $1"
						   " ORDER BY ticket_no, state = 'failed' DESC, kind = 'undone' DESC, kind = 'review' DESC, kind = 'issue' DESC, place, item COLLATE \"C\"",
						   migrate_schema()),
				  write_open_must);
	write_section(log, environment,
				  "## Samples reviewed by people\n\n| ticket | good | bad | of groups | reviewer | recorded | note |\n|---|---|---|---|---|---|---|\n",
				  psprintf("SELECT ticket_no, good, bad, groups, reviewer, answered_by, answered_at, note FROM %smenuca_review_answer"
						   " WHERE environment_id = $1 ORDER BY answer_id", migrate_schema()),
				  write_answer);
	write_section(log, environment,
				  "## Issues found\n\n| issue | ticket | severity | what | found by | note | resolution |\n|---|---|---|---|---|---|---|\n",
				  psprintf("SELECT * FROM %smenuca_issue WHERE environment_id = $1 ORDER BY issue_id", migrate_schema()),
				  write_issue);
}

/* Writes the rows of a query below their head; nothing if there are none. */
static void
write_section(StringInfo log, const Environment *environment, const char *head, const char *sql, QueryRowFn fn)
{
	QueryArgs	args = {0};
	StringInfoData rows;

	query_arg_int8(&args, environment->id);
	initStringInfo(&rows);
	if (query_each(sql, &args, fn, &rows) > 0)
		appendStringInfo(log, "\n%s%s", head, rows.data);
}

/* What nobody has looked at is an override. */
static void
write_attestation(TupleTableSlot *slot, void *arg)
{
	char	   *result = log_cell(slot, "result");

	if (strcmp(result, "WAIVED") == 0)
		result = log_warning("OVERRIDDEN: WAIVED");
	else if (strcmp(result, "PASS") != 0)
		result = log_warning(result);
	appendStringInfo(arg, "| %s | %s%s | %s | %s | %s by %s | %s |\n", ticket_number((int) slot_int8_of(slot, "ticket_no")),
					 log_cell(slot, "title"), slot_bool_of(slot, "must") ? " (must)" : "", result, log_cell(slot, "who"),
					 format_utc(slot_time_of(slot, "attested_at", NULL)), log_cell(slot, "attested_by"), log_cell(slot, "note"));
}

static void
write_open_must(TupleTableSlot *slot, void *arg)
{
	bool		has_failed = strcmp(slot_text_of(slot, "state"), "failed") == 0;

	appendStringInfo(arg, "- Ticket %s: %s%s\n", ticket_number((int) slot_int8_of(slot, "ticket_no")),
					 has_failed ? psprintf("%s ", log_warning("FAILED:")) : "", log_cell(slot, "title"));
}

static void
write_answer(TupleTableSlot *slot, void *arg)
{
	int64		bad = slot_int8_of(slot, "bad");
	char	   *count = psprintf("%lld", (long long) bad);

	appendStringInfo(arg, "| %s | %lld | %s | %s | %s | %s by %s | %s |\n", ticket_number((int) slot_int8_of(slot, "ticket_no")),
					 (long long) slot_int8_of(slot, "good"), bad > 0 ? log_warning(count) : count, log_cell(slot, "groups"),
					 log_cell(slot, "reviewer"), format_utc(slot_time_of(slot, "answered_at", NULL)),
					 log_cell(slot, "answered_by"), log_cell(slot, "note"));
}

static void
write_issue(TupleTableSlot *slot, void *arg)
{
	bool		is_open;
	TimestampTz resolved = slot_time_of(slot, "resolved_at", &is_open);
	char	   *severity = log_cell(slot, "severity");

	appendStringInfo(arg, "| %lld | %s | %s | %s | %s, %s by %s | %s | %s |\n", (long long) slot_int8_of(slot, "issue_id"),
					 ticket_number((int) slot_int8_of(slot, "ticket_no")),
					 is_open && strcmp(severity, "critical") == 0 ? log_warning(severity) : severity,
					 log_cell(slot, "title"), log_cell(slot, "who"), format_utc(slot_time_of(slot, "reported_at", NULL)),
					 log_cell(slot, "reported_by"), log_cell(slot, "note"),
					 is_open ? "open" : psprintf("%s, says %s, %s by %s", log_cell(slot, "resolution"), log_cell(slot, "resolved_who"),
												 format_utc(resolved), log_cell(slot, "resolved_by")));
}
