/*-------------------------------------------------------------------------
 *
 * ticket_actions.c
 *	  Tasks of tickets that change something, or report other checks' findings:
 *	  see ticket_actions.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "backup/backup_gate.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "runbook/monitor.h"
#include "runbook/ticket_actions.h"
#include "runbook/ticket_gates.h"
#include "runbook/ticket_state.h"

static void add_deployed(TupleTableSlot *slot, void *arg);
static char *join_texts(List *texts);
static char *fix_statement(const TicketExecution *execution);
static void append_arguments(StringInfo call, const TicketExecution *execution, const char *separator,
							 bool of_validation);
static void store_fix_row(TupleTableSlot *slot, void *arg);
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

void
ticket_report_indexes(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	ticket_report_query(execution, psprintf("SELECT * FROM %smenuca_check_indexes() WHERE name <> 'summary'", migrate_schema()));
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

void
ticket_report_validation(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	StringInfoData call;

	initStringInfo(&call);
	appendStringInfo(&call, "SELECT * FROM %smenuca_validate(", migrate_schema());
	append_arguments(&call, execution, "", true);
	appendStringInfoString(&call, ") WHERE name <> 'summary'");
	ticket_report_query(execution, call.data);
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

void
ticket_measure_queries_before(TicketExecution *execution, Finding *finding)
{
	uint64		measured = query_write(psprintf("SELECT FROM %smenuca_record_queries('before')", migrate_schema()), NULL, NULL, NULL);

	(void) execution;
	finding->expected = "the menu and combo queries are measured before the change";
	finding->actual = format_things(measured, "measurement");
}

void
ticket_measure_queries_after(TicketExecution *execution, Finding *finding)
{
	uint64		measured = query_write(psprintf("SELECT FROM %smenuca_record_queries('after')", migrate_schema()), NULL, NULL, NULL);

	(void) execution;
	finding->expected = "the menu and combo queries are measured after the change";
	finding->actual = format_things(measured, "measurement");
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
 * Builds the indexes on staging.  On production that would block writers, so
 * the operator builds them outside of this transaction.
 */
void
ticket_deploy_indexes(TicketExecution *execution, Finding *finding)
{
	bool		deploy = ticket_option_is_true(execution, "deploy", !execution->environment->is_production);
	char	   *timeout = ticket_option(execution, "lock_timeout");
	uint64		rows;

	finding->expected = "the wanted indexes are built";
	if (!deploy)
	{
		rows = query_write(psprintf("SELECT FROM %smenuca_note_indexes()", migrate_schema()), NULL, NULL, NULL);
		finding->status = CHECK_SKIP;
		finding->actual = psprintf("not built here, since CREATE INDEX CONCURRENTLY cannot run inside a transaction; %s recorded",
								   format_things(rows, "index row"));
		finding->remedy = migrate_call("Announce them: SELECT * FROM menuca_begin_indexes(); then execute each statement that this returns, one a call: SELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild');");
		return;
	}
	rows = query_write(psprintf("SELECT FROM %smenuca_deploy_indexes(dry_run => false%s)", migrate_schema(),
								timeout ? psprintf(", lock_timeout => %s", quote_literal_cstr(timeout)) : ""), NULL, NULL, NULL);
	finding->actual = psprintf("%s reported", format_things(rows, "wanted index row"));
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

/* State of ticket_fix_combos(): its run, and the row that the fix returned. */
typedef struct FixRow
{
	MemoryContext context;
	bool		dry_run;
	int64		run_id;			/* 0: it was a dry run */
	int64		source_rows;
	int64		mapped;
	char	   *figures;
	bool		refused;
	char	   *reasons;
	char	   *next_step;
} FixRow;

/* In a dry run of the ticket, the fix is a dry run, too. */
void
ticket_fix_combos(TicketExecution *execution, Finding *finding)
{
	FixRow		row = {.context = CurrentMemoryContext,.dry_run = execution->dry_run};

	finding->expected = "every source row that can be mapped is inserted, and the gates before and after it pass";
	if (ticket_has_failed(execution))
	{
		finding_skip(finding, "not done, since an earlier check failed", NULL);
		return;
	}

	if (execution->dry_run)
		query_each(fix_statement(execution), NULL, store_fix_row, &row);
	else
	{
		/* The ticket's own gate has judged the backup already. */
		int			nest_level = settings_begin_ticket(execution->no);

		query_write(fix_statement(execution), NULL, store_fix_row, &row);
		settings_end_ticket(nest_level);
	}

	execution->run_id = row.run_id;
	execution->source_rows = row.source_rows;
	execution->mapped = row.mapped;
	finding->status = row.refused ? CHECK_FAIL : CHECK_PASS;
	finding->next_step = row.refused ? row.next_step : NULL;
	finding->actual = execution->dry_run ? psprintf("would be: %s", row.figures) :
		psprintf("run %lld: %s", (long long) row.run_id, row.figures);
	finding->detail = execution->dry_run ? row.reasons :
		migrate_call("To undo it: SELECT * FROM menuca_rollback(%lld, dry_run => false);", (long long) row.run_id);
}

static char *
fix_statement(const TicketExecution *execution)
{
	StringInfoData call;

	initStringInfo(&call);
	appendStringInfo(&call, "SELECT f.run_id, f.status, f.insert, f.inserted, f.orphan_pct_after, f.reasons, f.next_step,"
					 " r.source_rows, r.already_present, r.items_before, r.items_after, r.orphan_pct_before, r.band"
					 " FROM %smenuca_fix_combos(dry_run => %s",
					 migrate_schema(), execution->dry_run ? "true" : "false");
	append_arguments(&call, execution, ", ", false);
	appendStringInfoString(&call, ") f CROSS JOIN LATERAL pg_catalog.jsonb_to_record(f.figures) AS r(source_rows pg_catalog.int8,"
						   " already_present pg_catalog.int8, items_before pg_catalog.int8, items_after pg_catalog.int8,"
						   " orphan_pct_before pg_catalog.numeric, band pg_catalog.text)");
	return call.data;
}

/*
 * Appends the options that are arguments of the fix or, with of_validation, of
 * the validation.  separator precedes the first one.
 */
static void
append_arguments(StringInfo call, const TicketExecution *execution, const char *separator, bool of_validation)
{
	static const struct
	{
		const char *name;
		const char *type;
		bool		of_validation;
	}			arguments[] = {
		{"source", "regclass", true}, {"id_column", "text", true}, {"dish_column", "text", true},
		{"group_column", "text", true}, {"order_column", "text", true}, {"strict", "bool", true},
		{"target", "text", true}, {"min_coverage_pct", "numeric", false},
		{"min_group_coverage_pct", "numeric", false}, {"min_dish_coverage_pct", "numeric", false},
		{"max_orphan_pct", "numeric", false}, {"gate_on", "text", false}, {"batch_size", "int", false},
		{"max_cross_restaurant_pct", "numeric", false}, {"lock", "text", false}
	};

	for (size_t i = 0; i < lengthof(arguments); i++)
	{
		if (ticket_option_is_given(execution, arguments[i].name) && (arguments[i].of_validation || !of_validation))
		{
			char	   *value = ticket_option(execution, arguments[i].name);

			/* The caller's search_path finds it; the query's does not */
			if (value && strcmp(arguments[i].type, "regclass") == 0)
				value = relation_quoted_name(RangeVarGetRelid(relation_parse_name("source", value), NoLock, false));
			appendStringInfo(call, "%s%s => %s::%s", separator, quote_identifier(arguments[i].name),
							 value ? quote_literal_cstr(value) : "NULL", arguments[i].type);
			separator = ", ";
		}
	}
}

static void
store_fix_row(TupleTableSlot *slot, void *arg)
{
	FixRow	   *row = arg;
	MemoryContext old = MemoryContextSwitchTo(row->context);
	int			reasons = slot_attribute(slot, "reasons");
	char	   *before = slot_text_or_null_of(slot, "orphan_pct_before");
	char	   *after = slot_text_or_null_of(slot, "orphan_pct_after");
	char	   *band = slot_text_or_null_of(slot, "band");

	row->run_id = slot_int8_or_zero_of(slot, "run_id");
	row->source_rows = slot_int8_of(slot, "source_rows");
	row->mapped = slot_int8_of(slot, "insert") + slot_int8_of(slot, "already_present");
	row->figures = psprintf("%lld before + %lld inserted = %lld after; orphans %s %% before, %s %% after (%s)",
							(long long) slot_int8_of(slot, "items_before"),
							(long long) slot_int8_of(slot, row->dry_run ? "insert" : "inserted"),
							(long long) slot_int8_of(slot, "items_after"),
							before ? before : "", after ? after : "", band ? band : "");
	row->refused = strcmp(slot_text_of(slot, "status"), "refused") == 0;
	row->next_step = slot_text_or_null_of(slot, "next_step");
	row->reasons = slot->tts_isnull[reasons] ? NULL : join_texts(slot_text_list(slot, reasons));
	MemoryContextSwitchTo(old);
}

/* A label such as "ticket_01_20261009_013012_345", by ticket and time. */
static char *
ticket_label(const TicketExecution *execution)
{
	return psprintf("ticket_%s_%s", ticket_number(execution->no),
					query_text("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS_MS')", NULL));
}
