/*-------------------------------------------------------------------------
 *
 * ticket_acts.c
 *	  Tasks of tickets that do something, or pass on what others found: see
 *	  ticket.h.
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
#include "runbook/ticket_acts.h"
#include "runbook/ticket_gates.h"
#include "runbook/ticket_state.h"

/* The columns of check rows, as ticket_report_query() wants them. */
#define CHECK_COLUMNS "name, title, status, expected, actual, detail, remedy, metadata"

static void fetch_deployed(TupleTableSlot *slot, void *arg);
static char *fix_statement(const TicketRun *run);
static void append_arguments(StringInfo call, const TicketRun *run, const char *separator,
							 bool of_validation);
static void fetch_fix(TupleTableSlot *slot, void *arg);
static void report_watched(const char *name, const char *title, const Finding *finding, void *arg);
static char *ticket_label(const TicketRun *run);


/* The backup that counts: the one named, or the newest. */
void
ticket_report_backup(TicketRun *run, pg_attribute_unused() Finding *finding)
{
	char	   *max_age = ticket_option(run, "max_backup_age");
	char	   *label = ticket_option(run, "backup");

	ticket_report_query(run, psprintf("SELECT " CHECK_COLUMNS " FROM %smenuca_check_backup(%s, %s::interval)",
									  migrate_schema(), label ? quote_literal_cstr(label) : "NULL",
									  quote_literal_cstr(max_age ? max_age : ticket_backup_age(run))));
	run->backup = backup_gate_newest(label);
}

void
ticket_report_indexes(TicketRun *run, pg_attribute_unused() Finding *finding)
{
	ticket_report_query(run, psprintf("SELECT " CHECK_COLUMNS " FROM %smenuca_check_indexes() WHERE name <> 'summary'", migrate_schema()));
}

/* The matrix is tried out for real, and undone; a dry run does not even try. */
void
ticket_report_access(TicketRun *run, pg_attribute_unused() Finding *finding)
{
	if (run->dry_run)
		ticket_report_query(run, psprintf("SELECT " CHECK_COLUMNS " FROM %smenuca_check_access(matrix => false, overhead => false)"
										  " WHERE name <> 'summary'", migrate_schema()));
	else
		ticket_report_trial(run, psprintf("SELECT " CHECK_COLUMNS " FROM %smenuca_check_access()"
										  " WHERE name OPERATOR(pg_catalog.<>) 'summary'", migrate_schema()));
}

void
ticket_report_validation(TicketRun *run, pg_attribute_unused() Finding *finding)
{
	StringInfoData call;

	initStringInfo(&call);
	appendStringInfo(&call, "SELECT " CHECK_COLUMNS " FROM %smenuca_validate(", migrate_schema());
	append_arguments(&call, run, "", true);
	appendStringInfoString(&call, ") WHERE name <> 'summary'");
	ticket_report_query(run, call.data);
}

/* The hours that follow the changes: what the samples come to. */
void
ticket_check_stability(TicketRun *run, pg_attribute_unused() Finding *finding)
{
	monitor_judge(run->environment, ticket_option(run, "stability"), NULL, report_watched, run);
}

/* Time that has not passed yet is no failure. */
static void
report_watched(const char *name, const char *title, const Finding *finding, void *arg)
{
	TicketRun  *run = arg;
	Finding		row = *finding;

	if (strcmp(name, "watched") == 0 && ticket_option(run, "stability"))
		row.detail = psprintf("OVERRIDDEN: %s instead of %s", ticket_option(run, "stability"),
							  monitor_duration(run->environment));
	if (strcmp(name, "watched") == 0 && finding->status == CHECK_FAIL && !run->forced)
	{
		run->waiting = true;
		run->waits++;
	}
	ticket_report(run, name, title, &row);
}

void
ticket_measure_queries_before(TicketRun *run, Finding *finding)
{
	uint64		measured = query_write(psprintf("SELECT FROM %smenuca_record_queries('before')", migrate_schema()), NULL, NULL, NULL);

	(void) run;
	finding->expected = "the menu and combo queries are measured before the change";
	finding->actual = format_things(measured, "measurement");
}

void
ticket_measure_queries_after(TicketRun *run, Finding *finding)
{
	uint64		measured = query_write(psprintf("SELECT FROM %smenuca_record_queries('after')", migrate_schema()), NULL, NULL, NULL);

	(void) run;
	finding->expected = "and after it";
	finding->actual = format_things(measured, "measurement");
}

/* The tables that this project writes to, as they are now. */
void
ticket_take_snapshot(TicketRun *run, Finding *finding)
{
	QueryArgs	args = {0};
	char	   *label = ticket_label(run);

	query_arg_text(&args, label);
	query_write(psprintf("SELECT FROM %smenuca_snapshot($1)", migrate_schema()), &args, NULL, NULL);
	finding->expected = "the tables that will be written to are kept as they are";
	finding->actual = psprintf("snapshot %s", label);
	finding->detail = psprintf("To go back to it: SELECT * FROM menuca_restore_snapshot('%s');", label);
}

/*
 * On staging the indexes are built here and now.  On production that would
 * keep writers out, so that the operator builds them outside.
 */
void
ticket_deploy_indexes(TicketRun *run, Finding *finding)
{
	bool		wanted = ticket_option_is_true(run, "deploy", !run->environment->is_production);
	char	   *timeout = ticket_option(run, "lock_timeout");
	uint64		rows;

	finding->expected = "the wanted indexes are built";
	if (!wanted)
	{
		rows = query_write(psprintf("SELECT FROM %smenuca_note_indexes()", migrate_schema()), NULL, NULL, NULL);
		finding->status = CHECK_SKIP;
		finding->actual = psprintf("not built here, since CREATE INDEX CONCURRENTLY cannot run inside a transaction; %s noted",
								   format_things(rows, "index row"));
		finding->remedy = "psql: SELECT * FROM menuca_begin_indexes(); then SELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild') \\gexec";
		return;
	}
	rows = query_write(psprintf("SELECT FROM %smenuca_deploy_indexes(dry_run => false%s)", migrate_schema(),
								timeout ? psprintf(", lock_timeout => %s", quote_literal_cstr(timeout)) : ""), NULL, NULL, NULL);
	finding->actual = psprintf("%s looked at", format_things(rows, "wanted index row"));
}

/* State of ticket_deploy_access(): how the tables fared. */
typedef struct Deployed
{
	uint64		tables;
	uint64		failed;
	StringInfoData reasons;
} Deployed;

void
ticket_deploy_access(TicketRun *run, Finding *finding)
{
	char	   *timeout = ticket_option(run, "lock_timeout");
	Deployed	deployed = {0};

	initStringInfo(&deployed.reasons);
	query_write(psprintf("SELECT d.table_name, d.status, pg_catalog.array_to_string(d.reasons, '; ')"
						 " FROM %smenuca_deploy_access(dry_run => false%s) d", migrate_schema(),
						 timeout ? psprintf(", lock_timeout => %s", quote_literal_cstr(timeout)) : ""),
				NULL, fetch_deployed, &deployed);
	finding->status = deployed.failed > 0 ? CHECK_FAIL : CHECK_PASS;
	finding->expected = "row level security is rolled out";
	finding->actual = psprintf("%s looked at, %s not rolled out", format_things(deployed.tables, "table"),
							   format_count(deployed.failed));
	if (deployed.failed > 0)
	{
		finding->detail = deployed.reasons.data;
		finding->remedy = "SELECT * FROM menuca_deploy_access(); says what each of them wants.";
	}
}

static void
fetch_deployed(TupleTableSlot *slot, void *arg)
{
	Deployed   *deployed = arg;
	char	   *status = TextDatumGetCString(slot->tts_values[1]);

	deployed->tables++;
	if (strcmp(status, "failed") != 0 && strcmp(status, "refused") != 0)
		return;
	deployed->failed++;
	appendStringInfo(&deployed->reasons, "%s%s: %s", deployed->reasons.len > 0 ? "; " : "",
					 slot->tts_isnull[0] ? "the schema" : TextDatumGetCString(slot->tts_values[0]),
					 slot->tts_isnull[2] ? status : TextDatumGetCString(slot->tts_values[2]));
}

/* State of ticket_fix_combos(). */
typedef struct FixRow
{
	MemoryContext context;
	int64		run_id;			/* 0: of a dry run */
	int64		source_rows;
	int64		mapped;
	char	   *text;
	bool		refused;
	char	   *reasons;
} FixRow;

/* A dry run of the ticket is one of the fix. */
void
ticket_fix_combos(TicketRun *run, Finding *finding)
{
	FixRow		row = {.context = CurrentMemoryContext};

	finding->expected = "every source row that can be mapped is inserted, between its gates";
	if (ticket_has_failed(run))
	{
		finding_skip(finding, "not done: a check before it has failed", NULL);
		return;
	}

	if (run->dry_run)
		query_each(fix_statement(run), NULL, fetch_fix, &row);
	else
	{
		/* The gate of this ticket has judged the backup. */
		int			nest_level = settings_begin_ticket(run->no);

		query_write(fix_statement(run), NULL, fetch_fix, &row);
		settings_end_ticket(nest_level);
	}

	run->run_id = row.run_id;
	run->source_rows = row.source_rows;
	run->mapped = row.mapped;
	finding->status = row.refused ? CHECK_FAIL : CHECK_PASS;
	finding->actual = run->dry_run ? psprintf("would be: %s", row.text) :
		psprintf("run %lld: %s", (long long) row.run_id, row.text);
	finding->detail = run->dry_run ? row.reasons :
		psprintf("To undo it: SELECT * FROM menuca_rollback(%lld, dry_run => false);", (long long) row.run_id);
}

static char *
fix_statement(const TicketRun *run)
{
	StringInfoData call;

	initStringInfo(&call);
	appendStringInfo(&call, "SELECT r.run_id, pg_catalog.format('%%s before + %%s inserted = %%s after; orphans %%s %%%% before, %%s %%%% after (%%s)',"
					 " r.items_before, %s, r.items_after, r.orphan_pct_before, r.orphan_pct_after, r.band),"
					 " r.status OPERATOR(pg_catalog.=) 'refused', pg_catalog.array_to_string(r.reasons, '; '),"
					 " r.source_rows, r.insert OPERATOR(pg_catalog.+) r.already_present"
					 " FROM %smenuca_fix_combos(dry_run => %s",
					 run->dry_run ? "r.insert" : "r.inserted", migrate_schema(), run->dry_run ? "true" : "false");
	append_arguments(&call, run, ", ", false);
	appendStringInfoString(&call, ") r");
	return call.data;
}

/*
 * The options that are arguments of the fix, or of the validation.  separator
 * comes before the first.
 */
static void
append_arguments(StringInfo call, const TicketRun *run, const char *separator, bool of_validation)
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
		if (ticket_option_is_given(run, arguments[i].name) && (arguments[i].of_validation || !of_validation))
		{
			char	   *value = ticket_option(run, arguments[i].name);

			/* Found where the caller looks, and named where nobody does */
			if (value && strcmp(arguments[i].type, "regclass") == 0)
				value = relation_quoted_name(RangeVarGetRelid(relation_parse_name("source", value), NoLock, false));
			appendStringInfo(call, "%s%s => %s::%s", separator, quote_identifier(arguments[i].name),
							 value ? quote_literal_cstr(value) : "NULL", arguments[i].type);
			separator = ", ";
		}
	}
}

static void
fetch_fix(TupleTableSlot *slot, void *arg)
{
	FixRow	   *row = arg;
	MemoryContext old = MemoryContextSwitchTo(row->context);

	row->run_id = slot->tts_isnull[0] ? 0 : slot_int8(slot, 0);
	row->text = TextDatumGetCString(slot->tts_values[1]);
	row->refused = DatumGetBool(slot->tts_values[2]);
	row->reasons = slot_text(slot, 3);
	row->source_rows = slot_int8(slot, 4);
	row->mapped = slot_int8(slot, 5);
	MemoryContextSwitchTo(old);
}

/* "ticket_01_20261009_013012_345": what it is for, and when it was taken. */
static char *
ticket_label(const TicketRun *run)
{
	return psprintf("ticket_%s_%s", ticket_number(run->no),
					query_text("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS_MS')", NULL));
}
