/*-------------------------------------------------------------------------
 *
 * execution_log.c
 *	  The history of the runbook, as Markdown.
 *
 * menuca_execution_log()
 *
 * What ran, what was expected and found, by whom, how long it took, what was
 * overridden and why, who signed.  Nothing in it is written by hand.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "base/extension.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/ticket_list.h"
#include "runbook/ticket_state.h"

PG_FUNCTION_INFO_V1(menuca_execution_log);

/* How overrides are shown: Markdown has no colours of its own. */
#define RED "<span style=\"color:red\">**%s**</span>"

/* Options that change what a gate lets through. */
#define GATE_OPTIONS "'{min_coverage_pct,min_group_coverage_pct,min_dish_coverage_pct,max_orphan_pct,gate_on," \
	"max_cross_restaurant_pct,max_backup_age,stability}'::text[]"

static void write_title(StringInfo log, const Environment *environment);
static void write_verdicts(StringInfo log, const Environment *environment);
static void write_tickets(StringInfo log, const Environment *environment);
static void write_ticket(TupleTableSlot *slot, void *arg);
static void write_check(TupleTableSlot *slot, void *arg);
static void write_signatures(StringInfo log, const Environment *environment);
static void write_line(TupleTableSlot *slot, void *arg);
static char *cell(TupleTableSlot *slot, int column);


/* The whole history, oldest first. */
Datum
menuca_execution_log(pg_attribute_unused() PG_FUNCTION_ARGS)
{
	Environment *environment = environment_require();
	StringInfoData log;

	initStringInfo(&log);
	query_begin_snapshot();
	write_title(&log, environment);
	write_verdicts(&log, environment);
	write_tickets(&log, environment);
	write_signatures(&log, environment);
	query_end_snapshot();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(log.data, log.len));
}

/* Which database, and where it stands. */
static void
write_title(StringInfo log, const Environment *environment)
{
	QueryArgs	args = {0};
	int			last = environment->is_production ? TICKET_COUNT - 1 : FIRST_PRODUCTION_TICKET - 1;
	char	   *status = ticket_status(environment, last);
	char	   *decision;

	query_arg_int8(&args, environment->id);
	decision = ticket_decision(environment, last);
	appendStringInfo(log, "# Execution log: %s\n\n", environment->name);
	appendStringInfo(log, "- Database: `%s` of the cluster %lld\n", environment->database, (long long) environment->system_identifier);
	appendStringInfo(log, "- Verdict: **%s**\n",
					 strcmp(status, "COMPLETE") != 0 ? "NO-GO, the tickets are not complete" :
					 decision == NULL ? "complete, not signed off" : decision);
	query_each(psprintf("SELECT format('- Overrides: " RED "', count(*)) FROM %smenuca_ticket_run"
						" WHERE environment_id = $1 AND forced HAVING count(*) > 0", "%s", migrate_schema()),
			   &args, write_line, log);
}

/* On production: what was taken over from staging. */
static void
write_verdicts(StringInfo log, const Environment *environment)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, environment->id);
	query_each(psprintf("SELECT format(E'\\n## Staging''s verdict: %%s\\n\\nImported %%s by %%s; database `%%s` of the cluster %%s, exported %%s by %%s.%%s\\n',"
						" verdict ->> 'go', to_char(imported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC'), imported_by,"
						" verdict ->> 'database', verdict ->> 'system_identifier', verdict ->> 'exported_at', verdict ->> 'exported_by',"
						" (SELECT string_agg(format(E'\\n" RED " ticket %%s, by %%s: %%s', lpad(t ->> 'ticket', 2, '0'), t ->> 'run_by', t ->> 'reason'), '')"
						"  FROM jsonb_array_elements(verdict -> 'tickets') t WHERE (t ->> 'forced')::bool))"
						" FROM %smenuca_imported_verdict WHERE environment_id = $1 ORDER BY verdict_id", "OVERRIDDEN on staging:", migrate_schema()),
			   &args, write_line, log);
}

static void
write_tickets(StringInfo log, const Environment *environment)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, environment->id);
	query_each(psprintf("SELECT r.ticket_run_id, r.ticket_no::int8, r.status, r.verdict,"
						" to_char(r.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC'),"
						" round(extract(epoch FROM r.finished_at - r.started_at), 2)::text, r.run_by,"
						" nullif(r.options::text, '{}'), CASE WHEN r.forced THEN r.reason END, r.run_id::text,"
						" (SELECT format('`%%s` (`%%s`)', b.label, b.id) FROM %smenuca_backup b WHERE b.id = r.backup),"
						" (SELECT min(n.ticket_run_id)::text FROM %smenuca_ticket_run n WHERE n.environment_id = r.environment_id"
						"  AND n.ticket_no = r.ticket_no AND n.ticket_run_id > r.ticket_run_id),"
						" r.options ?| " GATE_OPTIONS
						" FROM %smenuca_ticket_run r WHERE r.environment_id = $1 ORDER BY r.ticket_run_id",
						migrate_schema(), migrate_schema(), migrate_schema()),
			   &args, write_ticket, log);
}

static void
write_ticket(TupleTableSlot *slot, void *arg)
{
	StringInfo	log = arg;
	QueryArgs	args = {0};
	int			no = (int) slot_int8(slot, 1);

	appendStringInfo(log, "\n## Ticket %s, %s: %s (%s)\n\n", ticket_number(no), ticket_list[no].title,
					 cell(slot, 2), cell(slot, 3));
	appendStringInfo(log, "Run %lld, %s, %s s, by %s.", (long long) slot_int8(slot, 0), cell(slot, 4), cell(slot, 5), cell(slot, 6));
	if (!slot->tts_isnull[11])
		appendStringInfo(log, " Superseded by run %s.", cell(slot, 11));
	if (!slot->tts_isnull[9])
		appendStringInfo(log, " Ledger run %s.", cell(slot, 9));
	if (!slot->tts_isnull[10])
		appendStringInfo(log, " Backup %s.", cell(slot, 10));
	if (!slot->tts_isnull[7])
		appendStringInfo(log, " Options: `%s`.", cell(slot, 7));
	if (DatumGetBool(slot->tts_values[12]))
		appendStringInfo(log, " " RED, "These options set a gate.");
	appendStringInfoChar(log, '\n');
	if (!slot->tts_isnull[8])
		appendStringInfo(log, "\n" RED " %s\n", "OVERRIDDEN:", cell(slot, 8));

	appendStringInfoString(log, "\n| check | status | expected | actual | detail |\n|---|---|---|---|---|\n");
	query_arg_int8(&args, slot_int8(slot, 0));
	query_each(psprintf("SELECT c ->> 'title', c ->> 'status', c ->> 'expected', c ->> 'actual', c ->> 'detail'"
						" FROM %smenuca_ticket_run r, jsonb_array_elements(r.checks) WITH ORDINALITY AS e(c, n)"
						" WHERE r.ticket_run_id = $1 ORDER BY n", migrate_schema()),
			   &args, write_check, log);
}

static void
write_check(TupleTableSlot *slot, void *arg)
{
	StringInfo	log = arg;
	bool		overridden = strncmp(cell(slot, 4), "OVERRIDDEN", 10) == 0;

	appendStringInfo(log, "| %s | %s | %s | %s | ", cell(slot, 0), cell(slot, 1), cell(slot, 2), cell(slot, 3));
	appendStringInfo(log, overridden ? RED : "%s", cell(slot, 4));
	appendStringInfoString(log, " |\n");
}

static void
write_signatures(StringInfo log, const Environment *environment)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, environment->id);
	appendStringInfoString(log, "\n## Sign-offs\n\n");
	if (query_each(psprintf("SELECT format('- Ticket %%s: **%%s** by %%s (session of %%s), %%s%%s', lpad(ticket_no::text, 2, '0'), decision,"
							" approver, signed_by, to_char(signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC'), coalesce(': ' || note, ''))"
							" FROM %smenuca_signature WHERE environment_id = $1 ORDER BY signature_id", migrate_schema()),
				   &args, write_line, log) == 0)
		appendStringInfoString(log, "None.\n");
}

static void
write_line(TupleTableSlot *slot, void *arg)
{
	appendStringInfo(arg, "%s\n", TextDatumGetCString(slot->tts_values[0]));
}

/* A column's text, fit for a table's cell. */
static char *
cell(TupleTableSlot *slot, int column)
{
	StringInfoData escaped;

	if (slot->tts_isnull[column])
		return "";
	initStringInfo(&escaped);
	for (const char *p = TextDatumGetCString(slot->tts_values[column]); *p; p++)
	{
		if (*p == '\n')
			appendStringInfoString(&escaped, "<br>");
		else if (*p == '|')
			appendStringInfoString(&escaped, "\\|");
		else
			appendStringInfoChar(&escaped, *p);
	}
	return escaped.data;
}
