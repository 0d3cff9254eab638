/*-------------------------------------------------------------------------
 *
 * ticket_indexes.c
 *	  Tasks of the tickets that build indexes: see ticket_indexes.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/ticket_indexes.h"

/* The names of indexes, as a query found them. */
typedef struct IndexNames
{
	int64		count;
	char	   *names;			/* NULL when there is none */
} IndexNames;

static bool builds_here(const TicketExecution *execution);
static void *make_index_names(TupleTableSlot *slot);
static char *build_call(void);


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

/*
 * Builds the indexes on staging.  On production that would block writers, so
 * the operator builds them outside of this transaction.
 */
void
ticket_deploy_indexes(TicketExecution *execution, Finding *finding)
{
	char	   *timeout = ticket_option(execution, "lock_timeout");
	uint64		rows;

	finding->expected = "the wanted indexes are built";
	if (!builds_here(execution))
	{
		rows = query_write(psprintf("SELECT FROM %smenuca_note_indexes()", migrate_schema()), NULL, NULL, NULL);
		finding->status = CHECK_SKIP;
		finding->actual = psprintf("not built here, since CREATE INDEX CONCURRENTLY cannot run inside a transaction; %s recorded",
								   format_things(rows, "index row"));
		finding->remedy = migrate_call("Announce them, then execute the next_step of each row one by one: SELECT * FROM menuca_begin_indexes();");
		return;
	}
	rows = query_write(psprintf("SELECT FROM %smenuca_deploy_indexes(dry_run => false%s)", migrate_schema(),
								timeout ? psprintf(", lock_timeout => %s", quote_literal_cstr(timeout)) : ""), NULL, NULL, NULL);
	finding->actual = psprintf("%s reported", format_things(rows, "wanted index row"));
}

/* Production's writers would be blocked. */
static bool
builds_here(const TicketExecution *execution)
{
	return ticket_option_is_true(execution, "deploy", !execution->environment->is_production);
}

/*
 * An index that can be built and is not there would be forgotten.  Those that are
 * there go into staging's verdict.
 */
void
ticket_check_buildable_indexes(TicketExecution *execution, Finding *finding)
{
	IndexNames *missing = linitial(query_list(psprintf("SELECT count(DISTINCT name), string_agg(DISTINCT name, ', ' ORDER BY name)"
													   " FROM %smenuca_index_plan() WHERE action IN ('create', 'rebuild')",
													   migrate_schema()), NULL, make_index_names));

	finding->expected = "every wanted index that can be built is there";
	finding->actual = missing->count == 0 ? "all of them are" : psprintf("%s of them not: %s", format_count(missing->count), missing->names);
	finding->metadata = query_text(psprintf("SELECT jsonb_build_object('built', coalesce(jsonb_agg(DISTINCT name), '[]'))::text"
											" FROM %smenuca_index_plan() WHERE action = 'exists' OR covered_by IS NOT NULL",
											migrate_schema()), NULL);
	if (missing->count == 0)
		return;
	if (execution->dry_run && builds_here(execution))
	{
		finding_skip(finding, psprintf("would be built: %s", missing->names), NULL);
		return;
	}
	finding->status = CHECK_FAIL;
	finding->remedy = build_call();
}

/* Production must not have fewer of them than were tried on staging. */
void
ticket_check_staging_indexes(TicketExecution *execution, Finding *finding)
{
	QueryArgs	args = {0};
	char	   *list;
	IndexNames *missing;
	int64		there;

	query_arg_int8(&args, execution->environment->id);
	list = query_text(psprintf("SELECT document ->> 'indexes' FROM %smenuca_imported_verdict"
							   " WHERE environment_id = $1 ORDER BY verdict_id DESC LIMIT 1", migrate_schema()), &args);
	finding->expected = "every wanted index that staging had";
	if (list == NULL)
	{
		finding_skip(finding, "staging's verdict does not say which it had",
					 "Export the verdict on staging once ticket 02 is COMPLETE, and import it here.");
		return;
	}
	args.count = 0;
	query_arg_json(&args, list);
	there = query_int8("SELECT jsonb_array_length($1)::int8", &args);
	missing = linitial(query_list(psprintf("SELECT count(*), string_agg(s.name, ', ' ORDER BY s.name)"
										   " FROM jsonb_array_elements_text($1) s(name) WHERE s.name IS NOT NULL AND s.name NOT IN"
										   " (SELECT name FROM %smenuca_index_plan() WHERE (action = 'exists' OR covered_by IS NOT NULL) AND name IS NOT NULL)",
										   migrate_schema()), &args, make_index_names));
	finding->actual = psprintf("%s of %s", format_count(there - missing->count), format_count(there));
	if (missing->count == 0)
		return;
	finding->status = CHECK_FAIL;
	finding->detail = psprintf("Missing: %s.", missing->names);
	finding->remedy = psprintf("%s What is not in it, or cannot be built, is another table or another row of menuca_wanted_index than on staging.", build_call());
}

static void *
make_index_names(TupleTableSlot *slot)
{
	IndexNames *found = palloc(sizeof(IndexNames));

	found->count = slot_int8(slot, 0);
	found->names = slot_text_or_null(slot, 1);
	return found;
}

static char *
build_call(void)
{
	return migrate_call("Announce them, then execute the next_step of each row one by one, outside of a transaction: SELECT * FROM menuca_begin_indexes();");
}

void
ticket_report_indexes(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	ticket_report_query(execution, psprintf("SELECT * FROM %smenuca_check_indexes() WHERE name <> 'summary'", migrate_schema()));
}
