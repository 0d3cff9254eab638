/*-------------------------------------------------------------------------
 *
 * execution_log.c
 *	  The history of the runbook as Markdown.
 *
 * menuca_execution_log()
 *
 * It shows what ran, what was expected and found, by whom, how long it took,
 * what was overridden and why, and who signed.  As a page with pictures, see
 * menuca_report().
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "base/database_identity.h"
#include "utils/builtins.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "ledger/run_damage.h"
#include "runbook/ticket_environment.h"
#include "runbook/ticket_list.h"
#include "runbook/ticket_state.h"
#include "verdict/log_people.h"
#include "verdict/log_text.h"

PG_FUNCTION_INFO_V1(menuca_execution_log);

static void write_title(StringInfo log, const Environment *environment);
static void write_verdicts(StringInfo log, const Environment *environment);
static void write_verdict(TupleTableSlot *slot, void *arg);
static void write_staging_override(TupleTableSlot *slot, void *arg);
static void write_tickets(StringInfo log, const Environment *environment);
static void write_ticket(TupleTableSlot *slot, void *arg);
static void write_ticket_facts(StringInfo log, TupleTableSlot *slot);
static void write_run(TupleTableSlot *slot, void *arg);
static void write_check(TupleTableSlot *slot, void *arg);
static void write_acceptances(StringInfo log);
static void write_acceptance(TupleTableSlot *slot, void *arg);
static void write_signatures(StringInfo log, const Environment *environment);
static void write_signature(TupleTableSlot *slot, void *arg);


/* Returns the whole history, oldest first. */
Datum
menuca_execution_log(pg_attribute_unused() PG_FUNCTION_ARGS)
{
	List	   *environments = ticket_environments();
	ListCell   *lc;
	StringInfoData log;

	initStringInfo(&log);
	query_begin_snapshot();
	foreach(lc, environments)
	{
		const Environment *environment = lfirst(lc);

		if (log.len > 0)
			appendStringInfoString(&log, "\n");
		write_title(&log, environment);
		write_verdicts(&log, environment);
		write_tickets(&log, environment);
		log_write_people(&log, environment);
		write_acceptances(&log);
		write_signatures(&log, environment);
	}
	query_end_snapshot();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(log.data, log.len));
}

/* Writes the environment, its database and its state. */
static void
write_title(StringInfo log, const Environment *environment)
{
	QueryArgs	args = {0};
	int			last = environment->is_production ? TICKET_COUNT - 1 : FIRST_PRODUCTION_TICKET - 1;
	char	   *status = ticket_status(environment, last);
	char	   *decision = ticket_decision(environment, last);
	int64		overrides;

	query_arg_int8(&args, environment->id);
	overrides = query_int8(psprintf("SELECT (SELECT count(*) FROM %smenuca_ticket_execution WHERE environment_id = $1 AND forced)"
									" + (SELECT count(*) FROM %smenuca_attestation WHERE environment_id = $1 AND result = 'WAIVED')",
									migrate_schema(), migrate_schema()), &args);
	appendStringInfo(log, "# Execution log: %s\n\n", environment->name);
	if (environment->is_hosted)
		appendStringInfo(log, "- Database: `%s`%s%s, hosted; its copy is `%s` in cluster %lld\n", environment->database,
						 environment->system_identifier == 0 ? "" : psprintf(" in cluster %lld", (long long) environment->system_identifier),
						 environment->project ? psprintf(" of project `%s`", environment->project) : "",
						 database_identity_name(), (long long) database_identity_cluster());
	else
		appendStringInfo(log, "- Database: `%s` in cluster %lld\n", environment->database,
						 (long long) environment->system_identifier);
	appendStringInfo(log, "- Verdict: **%s**\n",
					 strcmp(status, "COMPLETE") != 0 ? "NO-GO, the tickets are not complete" :
					 decision == NULL ? "complete, not signed off" : decision);
	appendStringInfo(log, "- With pictures, as an HTML page: `%s`\n", migrate_call("SELECT menuca_report();"));
	if (overrides > 0)
		appendStringInfo(log, "- Overrides: %s\n", log_warning(psprintf("%lld", (long long) overrides)));
}

/* Writes staging's verdicts, which production has imported. */
static void
write_verdicts(StringInfo log, const Environment *environment)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, environment->id);
	query_each(psprintf("SELECT * FROM %smenuca_imported_verdicts WHERE environment_id = $1 ORDER BY verdict_id",
						migrate_schema()), &args, write_verdict, log);
}

static void
write_verdict(TupleTableSlot *slot, void *arg)
{
	StringInfo	log = arg;
	QueryArgs	args = {0};

	appendStringInfo(log, "\n## Staging's verdict: %s\n\n", log_cell(slot, "go"));
	appendStringInfo(log, "Imported %s by %s; database `%s` in cluster %s, exported %s by %s.",
					 format_utc(slot_time_of(slot, "imported_at", NULL)), log_cell(slot, "imported_by"),
					 log_cell(slot, "database_name"), log_cell(slot, "system_identifier"),
					 log_cell(slot, "exported_at"), log_cell(slot, "exported_by"));
	query_arg_int8(&args, slot_int8_of(slot, "verdict_id"));
	query_each(psprintf("SELECT ticket_no, executed_by, reason FROM %smenuca_imported_ticket"
						" WHERE verdict_id = $1 AND forced ORDER BY place", migrate_schema()),
			   &args, write_staging_override, log);
	appendStringInfoString(log, "\n\n");
}

static void
write_staging_override(TupleTableSlot *slot, void *arg)
{
	appendStringInfo(arg, "\n%s ticket %s, by %s: %s", log_warning("OVERRIDDEN on staging:"),
					 ticket_number((int) slot_int8_of(slot, "ticket_no")), log_cell(slot, "executed_by"), log_cell(slot, "reason"));
}

/* Writes every execution of every ticket with its checks. */
static void
write_tickets(StringInfo log, const Environment *environment)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, environment->id);
	query_each(psprintf("SELECT * FROM %smenuca_ticket_executions WHERE environment_id = $1 ORDER BY execution_id",
						migrate_schema()), &args, write_ticket, log);
}

static void
write_ticket(TupleTableSlot *slot, void *arg)
{
	StringInfo	log = arg;
	QueryArgs	args = {0};
	int64		no = slot_int8_of(slot, "ticket_no");

	appendStringInfo(log, "\n## Ticket %s, %s: %s (%s)\n\n", ticket_number((int) no), ticket_title(no),
					 log_cell(slot, "status"), log_cell(slot, "result"));
	write_ticket_facts(log, slot);

	appendStringInfoString(log, "\n| check | status | expected | actual | detail |\n|---|---|---|---|---|\n");
	query_arg_int8(&args, slot_int8_of(slot, "execution_id"));
	query_each(psprintf("SELECT title, status, expected, actual, detail FROM %smenuca_ticket_check"
						" WHERE execution_id = $1 ORDER BY check_no", migrate_schema()),
			   &args, write_check, log);
}

/* Writes what an execution has besides its checks; most of it is optional. */
static void
write_ticket_facts(StringInfo log, TupleTableSlot *slot)
{
	char	   *options = slot_text_or_null_of(slot, "options");
	char	   *superseded_by = slot_text_or_null_of(slot, "superseded_by");
	QueryArgs	args = {0};
	char	   *label = slot_text_or_null_of(slot, "backup_label");

	appendStringInfo(log, "Execution %lld, %s, %s s, by %s.", (long long) slot_int8_of(slot, "execution_id"),
					 format_utc(slot_time_of(slot, "started_at", NULL)), log_cell(slot, "seconds"), log_cell(slot, "executed_by"));
	if (superseded_by)
		appendStringInfo(log, " Superseded by execution %s.", superseded_by);
	query_arg_int8(&args, slot_int8_of(slot, "execution_id"));
	query_each(psprintf("SELECT u.run_id FROM %smenuca_ticket_executions x, unnest(x.run_ids) WITH ORDINALITY u(run_id, n)"
						" WHERE x.execution_id = $1 AND u.run_id IS NOT NULL ORDER BY u.n", migrate_schema()),
			   &args, write_run, log);
	if (label)
		appendStringInfo(log, " Backup `%s` (`%s`).", log_cell(slot, "backup_label"), log_cell(slot, "backup_id"));
	if (options && strcmp(options, "{}") != 0)
		appendStringInfo(log, " Options: `%s`.", log_cell(slot, "options"));
	if (slot_bool_of(slot, "sets_gate"))
		appendStringInfo(log, " %s", log_warning("These options set a gate."));
	appendStringInfoChar(log, '\n');
	if (slot_bool_of(slot, "forced"))
		appendStringInfo(log, "\n%s %s\n", log_warning("OVERRIDDEN:"), log_cell(slot, "reason"));
}

static void
write_run(TupleTableSlot *slot, void *arg)
{
	int64		run_id = slot_int8_of(slot, "run_id");
	char	   *damage = run_damage(run_id);

	appendStringInfo(arg, " Ledger run %lld.", (long long) run_id);
	if (damage)
		appendStringInfo(arg, " %s", log_warning(psprintf("Its ledger is damaged: %s.", damage)));
}

static void
write_check(TupleTableSlot *slot, void *arg)
{
	char	   *detail = log_cell(slot, "detail");
	bool		overridden = strncmp(detail, "OVERRIDDEN", strlen("OVERRIDDEN")) == 0;

	appendStringInfo(arg, "| %s | %s | %s | %s | %s |\n", log_cell(slot, "title"), log_cell(slot, "status"),
					 log_cell(slot, "expected"), log_cell(slot, "actual"), overridden ? log_warning(detail) : detail);
}

/* Writes every figure that was ever accepted, and what became of it. */
static void
write_acceptances(StringInfo log)
{
	StringInfoData rows;

	initStringInfo(&rows);
	if (query_each(psprintf("SELECT a.*, e.acceptance_id IS NOT NULL AS in_effect FROM %smenuca_acceptance a"
							" LEFT JOIN %smenuca_acceptance_in_effect e USING (acceptance_id) ORDER BY acceptance_id",
							migrate_schema(), migrate_schema()), NULL, write_acceptance, &rows) > 0)
		appendStringInfo(log, "\n## Accepted figures\n\n| figure | bound | in effect | approver | accepted | reason |\n|---|---|---|---|---|---|\n%s",
						 rows.data);
}

static void
write_acceptance(TupleTableSlot *slot, void *arg)
{
	bool		in_effect = slot_bool_of(slot, "in_effect");

	appendStringInfo(arg, "| %s | %s | %s | %s | %s by %s%s%s | %s |\n", log_cell(slot, "figure"), log_cell(slot, "bound"),
					 in_effect ? log_warning("yes") : "no", log_cell(slot, "approver"),
					 format_utc(slot_time_of(slot, "accepted_at", NULL)), log_cell(slot, "accepted_by"),
					 *log_cell(slot, "imported_from") ? ", from " : "", log_cell(slot, "imported_from"), log_cell(slot, "reason"));
}

static void
write_signatures(StringInfo log, const Environment *environment)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, environment->id);
	appendStringInfoString(log, "\n## Sign-offs\n\n");
	if (query_each(psprintf("SELECT ticket_no, decision, approver, signed_by, signed_at, note"
							" FROM %smenuca_signature WHERE environment_id = $1 ORDER BY signature_id", migrate_schema()),
				   &args, write_signature, log) == 0)
		appendStringInfoString(log, "None.\n");
}

static void
write_signature(TupleTableSlot *slot, void *arg)
{
	char	   *note = log_cell(slot, "note");

	appendStringInfo(arg, "- Ticket %s: **%s** by %s (session of %s), %s%s%s\n",
					 ticket_number((int) slot_int8_of(slot, "ticket_no")), log_cell(slot, "decision"),
					 log_cell(slot, "approver"), log_cell(slot, "signed_by"),
					 format_utc(slot_time_of(slot, "signed_at", NULL)), *note ? ": " : "", note);
}
