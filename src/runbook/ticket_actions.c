/*-------------------------------------------------------------------------
 *
 * ticket_actions.c
 *	  Tasks of tickets that change something, or report other checks' findings:
 *	  see ticket_actions.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "backup/backup_gate.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/monitor.h"
#include "runbook/ticket_actions.h"
#include "runbook/ticket_arguments.h"
#include "runbook/ticket_gates.h"
#include "runbook/ticket_items.h"
#include "runbook/ticket_state.h"

static void add_deployed(TupleTableSlot *slot, void *arg);
static char *join_texts(List *texts);
static void report_monitored(const char *name, const char *title, const Finding *finding, void *arg);
static char *ticket_label(const TicketExecution *execution);


/* The newest backup with the label of option backup, or the newest of all. */
void
ticket_report_backup(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	char	   *max_age = ticket_option(execution, "max_backup_age");
	char	   *label = ticket_option(execution, "backup");

	ticket_report_query(execution, psprintf("SELECT * FROM %smenuca_check_backup(%s, %s::interval)",
											migrate_schema(), label ? quote_literal_cstr(label) : "NULL",
											quote_literal_cstr(max_age ? max_age : ticket_backup_age(execution))));
	execution->backup = backup_gate_newest(label);
}

/* The matrix makes changes and undoes them, so a dry run omits it. */
void
ticket_report_access(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	if (execution->dry_run)
		ticket_report_query(execution, psprintf("SELECT * FROM %smenuca_check_access(matrix => false, overhead => false)"
												" WHERE name <> 'summary'", migrate_schema()));
	else
		ticket_report_trial(execution, psprintf("SELECT * FROM %smenuca_check_access()"
												" WHERE name OPERATOR(pg_catalog.<>) 'summary'", migrate_schema()));
}

/* It becomes visitors and staff, which no query that runs as nobody can. */
void
ticket_report_customer_view(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	ticket_report_trial(execution, psprintf("SELECT * FROM %smenuca_check_customer_view()"
											" WHERE name OPERATOR(pg_catalog.<>) 'summary'", migrate_schema()));
}

void
ticket_report_load(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	ticket_report_query(execution, psprintf("SELECT * FROM %smenuca_check_load() WHERE name <> 'summary'", migrate_schema()));
}

void
ticket_report_validation(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	StringInfoData call;

	initStringInfo(&call);
	appendStringInfo(&call, "SELECT * FROM %smenuca_validate(", migrate_schema());
	ticket_arguments_append(&call, execution, CALLEE_VALIDATE, true, "");
	appendStringInfoString(&call, ") WHERE name <> 'summary'");
	ticket_report_query(execution, call.data);
	ticket_report_items(execution);
}

/* Judges the samples of the hours that follow the changes. */
void
ticket_check_stability(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	monitor_judge(execution->environment, ticket_option(execution, "stability"), NULL, report_monitored, execution);
}

/* Time that has not passed yet is not a failure. */
static void
report_monitored(const char *name, const char *title, const Finding *finding, void *arg)
{
	TicketExecution *execution = arg;
	Finding		row = *finding;

	if (strcmp(name, "monitored") == 0 && ticket_option(execution, "stability"))
		row.detail = psprintf("OVERRIDDEN: %s instead of %s", ticket_option(execution, "stability"),
							  monitor_duration(execution->environment));
	if (strcmp(name, "monitored") == 0 && finding->status == CHECK_FAIL && !execution->forced)
		execution->waits++;
	ticket_report(execution, name, title, &row);
}

/* Takes a snapshot of the tables that runs write to. */
void
ticket_take_snapshot(TicketExecution *execution, Finding *finding)
{
	QueryArgs	args = {0};
	char	   *label = ticket_label(execution);

	query_arg_text(&args, label);
	query_write(psprintf("SELECT FROM %smenuca_snapshot($1)", migrate_schema()), &args, NULL, NULL);
	finding->expected = "the tables that will be written to are copied";
	finding->actual = psprintf("snapshot %s", label);
	finding->detail = migrate_call("To restore it: SELECT * FROM menuca_restore_snapshot('%s', dry_run => false);", label);
}

/*
 * What a ticket deploys stays locked until the ticket ends, so on production a table at
 * a time is better; then the ticket itself changes and locks nothing.
 */
void
ticket_check_access_locks(TicketExecution *execution, Finding *finding)
{
	int64		tables = query_int8(psprintf("SELECT count(DISTINCT table_name) FROM %smenuca_access_plan()"
											 " WHERE action NOT IN ('keep', 'keep_foreign', 'absent', 'impossible')", migrate_schema()), NULL);

	finding->expected = "no table of production is locked for longer than its own change";
	finding->actual = psprintf("%s to be changed", format_things(tables, "table"));
	if (tables == 0 || !execution->environment->is_production)
		return;
	finding->status = CHECK_WARN;
	finding->detail = "This ticket locks them together, if they can be had at once, and until it ends: nobody can read them while it tries and measures.";
	finding->remedy = migrate_call("Deploy one table after the other before it, as a statement by itself: CALL menuca_deploy_access_by_table(dry_run => false);");
	finding->next_step = migrate_call("CALL menuca_deploy_access_by_table(dry_run => false);");
}

/* State of ticket_deploy_access(): the results of the tables. */
typedef struct Deployed
{
	uint64		tables;
	uint64		failed;
	StringInfoData reasons;
} Deployed;

void
ticket_deploy_access(TicketExecution *execution, Finding *finding)
{
	char	   *timeout = ticket_option(execution, "lock_timeout");
	Deployed	deployed = {0};

	initStringInfo(&deployed.reasons);
	query_write(psprintf("SELECT * FROM %smenuca_deploy_access(dry_run => false%s)", migrate_schema(),
						 timeout ? psprintf(", lock_timeout => %s", quote_literal_cstr(timeout)) : ""),
				NULL, add_deployed, &deployed);
	finding->status = deployed.failed > 0 ? CHECK_FAIL : CHECK_PASS;
	finding->expected = "row level security is rolled out";
	finding->actual = psprintf("%s checked, %s not rolled out", format_things(deployed.tables, "table"),
							   format_count(deployed.failed));
	if (deployed.failed > 0)
	{
		finding->detail = deployed.reasons.data;
		finding->remedy = migrate_call("SELECT * FROM menuca_deploy_access(); shows what each table needs.");
	}
}

static void
add_deployed(TupleTableSlot *slot, void *arg)
{
	Deployed   *deployed = arg;
	char	   *table = slot_text_or_null_of(slot, "table_name");
	char	   *status = slot_text_of(slot, "status");
	int			reasons = slot_attribute(slot, "reasons");

	deployed->tables++;
	if (strcmp(status, "failed") != 0 && strcmp(status, "refused") != 0)
		return;
	deployed->failed++;
	format_append(&deployed->reasons, "; ", "%s: %s", table ? table : "the schema",
				  slot->tts_isnull[reasons] ? status : join_texts(slot_text_list(slot, reasons)));
}

/* Texts with "; " between them. */
static char *
join_texts(List *texts)
{
	StringInfoData joined;
	ListCell   *lc;

	initStringInfo(&joined);
	foreach(lc, texts)
		format_append(&joined, "; ", "%s", (char *) lfirst(lc));
	return joined.data;
}

/* A label such as "ticket_01_20261009_013012_345", by ticket and time. */
static char *
ticket_label(const TicketExecution *execution)
{
	return psprintf("ticket_%s_%s", ticket_number(execution->no),
					query_text("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS_MS')", NULL));
}
