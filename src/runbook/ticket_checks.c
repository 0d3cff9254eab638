/*-------------------------------------------------------------------------
 *
 * ticket_checks.c
 *	  Tasks of tickets that look: see ticket_checks.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include <sys/statvfs.h>

#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "runbook/ticket_checks.h"
#include "runbook/ticket_state.h"
#include "target/keyed_table.h"

/*
 * Sessions of others at work, and idle ones, that a window for changes has
 * (tickets BK-11); with more than 50 at work it is no window.
 */
#define QUIET_ACTIVE 10
#define QUIET_IDLE 50
#define BUSY_ACTIVE 50

/* Free disk space, in sizes of the database: an index or a copy fits twice. */
#define DISK_AMPLE 2.0
#define DISK_ENOUGH 1.0

static char *option_or(const TicketRun *run, const char *name, const char *without);
static bool table_exists(const char *table);
static void report_count(TicketRun *run, const char *table);
static void fetch_range(TupleTableSlot *slot, void *arg);
static void fetch_activity(TupleTableSlot *slot, void *arg);


void
ticket_check_identity(TicketRun *run, Finding *finding)
{
	finding->expected = psprintf("the database that is registered as %s", run->environment->name);
	finding->actual = psprintf("database \"%s\" of the cluster %lld", run->environment->database,
							   (long long) run->environment->system_identifier);
}

void
ticket_check_server(pg_attribute_unused() TicketRun *run, Finding *finding)
{
	finding->expected = "PostgreSQL 15 to 18, a primary server";
	finding->actual = psprintf("PostgreSQL %s%s", PG_VERSION,
							   query_bool("SELECT pg_is_in_recovery()", NULL) ? ", a standby" : "");
	if (query_bool("SELECT pg_is_in_recovery()", NULL))
	{
		finding->status = CHECK_FAIL;
		finding->remedy = "Connect to the primary server.";
	}
}

void
ticket_check_schema(pg_attribute_unused() TicketRun *run, Finding *finding)
{
	static const char *const wanted[] = {
		"restaurants", "courses", "dishes", "combo_groups", "combo_items"
	};
	StringInfoData missing;

	initStringInfo(&missing);
	for (size_t i = 0; i < lengthof(wanted); i++)
	{
		if (!table_exists(wanted[i]))
			appendStringInfo(&missing, "%s%s", missing.len > 0 ? ", " : "", wanted[i]);
	}
	finding->expected = "restaurants, courses, dishes, combo_groups and combo_items";
	finding->actual = missing.len == 0 ? psprintf("all of them are in schema \"%s\"", menuca_target_schema) :
		psprintf("missing in schema \"%s\": %s", menuca_target_schema, missing.data);
	if (missing.len > 0)
	{
		finding->status = CHECK_FAIL;
		finding->remedy = "Connect to the right database, or SET menuca.target_schema = '...';";
	}
}

/* A row per table. */
void
ticket_check_counts(TicketRun *run, pg_attribute_unused() Finding *finding)
{
	static const char *const counted[] = {
		"restaurants", "courses", "dishes", "combo_groups", "combo_items",
		"combo_steps", "ingredients", "users"
	};

	for (size_t i = 0; i < lengthof(counted); i++)
		report_count(run, counted[i]);
}

/* State of report_count(): a range that the operator has set. */
typedef struct Range
{
	bool		found;
	bool		has_least;
	bool		has_most;
	int64		least;
	int64		most;
} Range;

/*
 * The operator's range decides.  Without one, groups and dishes are at least
 * those that 95 % of the loaded source needs, which is the fix's own gate.
 */
static void
report_count(TicketRun *run, const char *table)
{
	Finding		finding = {0};
	QueryArgs	args = {0};
	Range		range = {0};
	uint64		count;
	bool		derived = false;
	char	   *column = strcmp(table, "combo_groups") == 0 ? option_or(run, "group_column", "group") :
		strcmp(table, "dishes") == 0 ? option_or(run, "dish_column", "dish") : NULL;
	Oid			source = RangeVarGetRelid(relation_parse_name("source", option_or(run, "source", menuca_source_table)),
										  NoLock, true);

	if (!table_exists(table))
	{
		finding_skip(&finding, "it is not there", NULL);
		ticket_report(run, psprintf("count_%s", table), psprintf("Rows of %s", table), &finding);
		return;
	}
	count = ticket_count_rows(table);
	query_arg_text(&args, table);
	query_each(psprintf("SELECT at_least, at_most FROM %smenuca_expected_count WHERE table_name = $1",
						migrate_schema()), &args, fetch_range, &range);
	if (!range.found && column && OidIsValid(source))
	{
		range.least = query_int8(psprintf("SELECT ceil(0.95 * count(DISTINCT s.%s))::int8 FROM %s s",
										  quote_identifier(column), relation_quoted_name(source)), NULL);
		range.found = range.has_least = derived = true;
	}

	finding.actual = format_things(count, "row");
	finding.metadata = psprintf("{\"table\": \"%s\", \"rows\": " UINT64_FORMAT "}", table, count);
	if (!range.found)
	{
		finding.status = CHECK_SKIP;
		finding.expected = "no range is set";
		finding.remedy = psprintf("INSERT INTO %smenuca_expected_count VALUES ('%s', least, most);",
								  migrate_schema(), table);
	}
	else
	{
		bool		outside = (range.has_least && (int64) count < range.least) ||
			(range.has_most && (int64) count > range.most);

		finding.expected = psprintf("%s%s%s%s", range.has_least ? psprintf("at least %s", format_count(range.least)) : "",
									range.has_least && range.has_most ? ", " : "",
									range.has_most ? psprintf("at most %s", format_count(range.most)) : "",
									derived ? " (95 % of the distinct ids of the loaded source)" : "");
		finding.status = !outside ? CHECK_PASS : derived ? CHECK_WARN : CHECK_FAIL;
		if (outside)
			finding.remedy = "Is this the right database? A wrong range is corrected in menuca_expected_count.";
	}
	ticket_report(run, psprintf("count_%s", table), psprintf("Rows of %s", table), &finding);
}

static void
fetch_range(TupleTableSlot *slot, void *arg)
{
	Range	   *range = arg;

	range->found = true;
	range->has_least = !slot->tts_isnull[0];
	range->has_most = !slot->tts_isnull[1];
	range->least = range->has_least ? slot_int8(slot, 0) : 0;
	range->most = range->has_most ? slot_int8(slot, 1) : 0;
}

/* Before the fix nearly all groups are orphans; less is another state. */
void
ticket_check_orphans(pg_attribute_unused() TicketRun *run, Finding *finding)
{
	char	   *rate = query_text(psprintf("SELECT format('%%s of %%s groups (%%s %%%%, %%s); items: %%s', orphans, groups, orphan_pct, band, items)"
										   " FROM %smenuca_orphan_rate()", migrate_schema()), NULL);
	bool		low = query_bool(psprintf("SELECT orphan_pct < 50 FROM %smenuca_orphan_rate()", migrate_schema()), NULL);

	finding->expected = "most groups are orphans: the fix is still to come";
	finding->actual = rate ? rate : "there are no groups";
	finding->metadata = query_text(psprintf("SELECT to_jsonb(r)::text FROM %smenuca_orphan_rate() r", migrate_schema()), NULL);
	if (low)
	{
		finding->status = CHECK_WARN;
		finding->remedy = "Was the fix made already? SELECT * FROM menuca_runs; a fix that is made again inserts what is missing only.";
	}
}

void
ticket_check_row_security(pg_attribute_unused() TicketRun *run, Finding *finding)
{
	QueryArgs	args = {0};
	char	   *tables;

	query_arg_text(&args, menuca_target_schema);
	tables = query_text("SELECT string_agg(c.relname, ', ' ORDER BY c.relname)"
						" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
						" WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND c.relrowsecurity", &args);
	finding->expected = "recorded: row level security before the rollout";
	finding->actual = tables ? psprintf("on for %s", tables) : "off for all tables";
	if (tables)
	{
		finding->status = CHECK_WARN;
		finding->remedy = "Somebody has begun before: look at these tables' policies in pg_policies.";
	}
}

void
ticket_check_index_count(pg_attribute_unused() TicketRun *run, Finding *finding)
{
	QueryArgs	args = {0};
	uint64		indexes;
	char	   *invalid;

	query_arg_text(&args, menuca_target_schema);
	indexes = query_int8("SELECT count(*) FROM pg_indexes WHERE schemaname = $1", &args);
	invalid = query_text("SELECT string_agg(c.relname, ', ' ORDER BY c.relname) FROM pg_index x"
						 " JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
						 " WHERE n.nspname = $1 AND NOT (x.indisvalid AND x.indisready)", &args);
	finding->expected = "recorded; none is invalid";
	finding->actual = psprintf("%s in schema \"%s\"%s%s", format_count(indexes), menuca_target_schema,
							   invalid ? "; invalid: " : "", invalid ? invalid : "");
	finding->metadata = psprintf("{\"indexes\": " UINT64_FORMAT "}", indexes);
	if (invalid)
	{
		finding->status = CHECK_WARN;
		finding->remedy = "These are left over from a CREATE INDEX CONCURRENTLY that failed: SELECT * FROM menuca_index_plan();";
	}
}

/* Free space of the disk that the data directory is on. */
void
ticket_check_disk(pg_attribute_unused() TicketRun *run, Finding *finding)
{
	struct statvfs disk;
	uint64		size = query_int8("SELECT pg_database_size(current_database())", NULL);
	uint64		available;

	finding->expected = psprintf("free for %g times the database", DISK_AMPLE);
	if (!has_privs_of_role(GetUserId(), ROLE_PG_MONITOR))
	{
		finding->status = CHECK_SKIP;
		finding->actual = "not measured";
		finding->remedy = psprintf("GRANT pg_monitor TO %s;", quote_identifier(GetUserNameFromId(GetUserId(), false)));
		return;
	}
	if (statvfs(DataDir, &disk) != 0)
	{
		finding->status = CHECK_SKIP;
		finding->actual = psprintf("not measured: %m");
		finding->remedy = "Look at the server's disk by hand.";
		return;
	}
	available = (uint64) disk.f_bavail * disk.f_frsize;
	finding->actual = psprintf("%s MB free, database %s MB", format_count(available / 1024 / 1024),
							   format_count(size / 1024 / 1024));
	finding->detail = "Tablespaces on other disks and a hosting plan's quota are not seen.";
	finding->metadata = psprintf("{\"free_bytes\": " UINT64_FORMAT ", \"database_bytes\": " UINT64_FORMAT "}", available, size);
	finding->status = available >= size * DISK_AMPLE ? CHECK_PASS :
		available >= size * DISK_ENOUGH ? CHECK_WARN : CHECK_FAIL;
	if (finding->status != CHECK_PASS)
		finding->remedy = "Make room before indexes are built and rows inserted.";
}

/* Needed by the fix; before that it is only said. */
void
ticket_check_source(TicketRun *run, Finding *finding)
{
	char	   *source = option_or(run, "source", menuca_source_table);
	Oid			relid = RangeVarGetRelid(relation_parse_name("source", source), NoLock, true);
	uint64		rows = 0;

	if (OidIsValid(relid))
		rows = query_int8(psprintf("SELECT count(*) FROM %s", relation_quoted_name(relid)), NULL);
	finding->expected = "V1's combos are loaded: as many rows as the dump has tuples";
	finding->actual = OidIsValid(relid) ? psprintf("%s in %s", format_things(rows, "row"), relation_display_name(relid)) :
		psprintf("%s does not exist", source);
	if (rows > 0)
		return;
	finding->status = run->no == 0 ? CHECK_SKIP : CHECK_FAIL;
	finding->remedy = "Load the dump: SELECT menuca_load_dump_lo(oid, 'combos', 'staging.menuca_v1_combos');";
}

void
ticket_check_legacy_ids(pg_attribute_unused() TicketRun *run, Finding *finding)
{
	static const char *const tables[] = {"combo_groups", "dishes"};
	StringInfoData text;

	initStringInfo(&text);
	finding->expected = "combo_groups and dishes keep V1's ids";
	for (size_t i = 0; i < lengthof(tables); i++)
	{
		Oid			relid = target_table_oid(menuca_target_schema, tables[i]);
		bool		has = relation_has_column(relid, "legacy_v1_id");

		if (!has)
			finding->status = CHECK_FAIL;
		appendStringInfo(&text, "%s%s: %s", i > 0 ? "; " : "", tables[i], !has ? "no column legacy_v1_id" :
						 query_text(psprintf("SELECT format('%%s ids, %%s of them not unique', count(*), count(*) FILTER (WHERE n > 1))"
											 " FROM (SELECT count(*) AS n FROM %s WHERE legacy_v1_id IS NOT NULL GROUP BY legacy_v1_id) l",
											 relation_quoted_name(relid)), NULL));
	}
	finding->actual = text.data;

	finding->detail = "Ids that are not unique are told apart by the restaurant.";
	if (finding->status == CHECK_FAIL)
		finding->remedy = "Without V1's ids nothing can be mapped: is this the migrated schema?";
}

void
ticket_check_runs(pg_attribute_unused() TicketRun *run, Finding *finding)
{
	char	   *open = query_text(psprintf("SELECT string_agg(format('run %%s is %%s', run_id, status), ', ' ORDER BY run_id)"
										   " FROM %smenuca_runs WHERE status IN ('running', 'interrupted', 'gate_failed')",
										   migrate_schema()), NULL);

	finding->expected = "no run is open";
	finding->actual = open ? open : "none";
	if (open)
	{
		finding->status = CHECK_FAIL;
		finding->remedy = "CALL menuca_resume(run_id); or SELECT * FROM menuca_rollback(run_id, dry_run => false);";
	}
}

/* State of check_activity(). */
typedef struct Activity
{
	int64		active;
	int64		idle;
	int64		unknown;		/* sessions whose state is not to be seen */
} Activity;

void
ticket_check_activity(pg_attribute_unused() TicketRun *run, Finding *finding)
{
	Activity	activity = {0};

	/* Of what is hidden not even the kind is to be seen. */
	query_each("SELECT count(*) FILTER (WHERE state = 'active'), count(*) FILTER (WHERE state LIKE 'idle%'),"
			   " count(*) FILTER (WHERE state IS NULL OR state = 'disabled')"
			   " FROM pg_stat_activity"
			   " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
			   "  AND coalesce(backend_type, 'client backend') = 'client backend'",
			   NULL, fetch_activity, &activity);
	finding->expected = psprintf("fewer than %d sessions at work and %d idle; more than %d at work is no window",
								 QUIET_ACTIVE, QUIET_IDLE, BUSY_ACTIVE);
	finding->actual = psprintf("%s at work, %s idle", format_count(activity.active), format_count(activity.idle));
	finding->metadata = psprintf("{\"active\": " INT64_FORMAT ", \"idle\": " INT64_FORMAT "}", activity.active, activity.idle);
	if (activity.unknown > 0)
	{
		finding->status = CHECK_SKIP;
		finding->actual = psprintf("%s cannot be seen", format_things(activity.unknown, "session"));
		finding->remedy = psprintf("GRANT pg_read_all_stats TO %s;", quote_identifier(GetUserNameFromId(GetUserId(), false)));
		return;
	}
	finding->status = activity.active > BUSY_ACTIVE ? CHECK_FAIL :
		activity.active >= QUIET_ACTIVE || activity.idle >= QUIET_IDLE ? CHECK_WARN : CHECK_PASS;
	if (finding->status != CHECK_PASS)
		finding->remedy = "Wait for a quiet hour: SELECT * FROM pg_stat_activity WHERE state = 'active';";
}

static void
fetch_activity(TupleTableSlot *slot, void *arg)
{
	Activity   *activity = arg;

	activity->active = slot_int8(slot, 0);
	activity->idle = slot_int8(slot, 1);
	activity->unknown = slot_int8(slot, 2);
}

void
ticket_check_sizes(pg_attribute_unused() TicketRun *run, Finding *finding)
{
	QueryArgs	args = {0};
	uint64		database = query_int8("SELECT pg_database_size(current_database())", NULL);
	uint64		schema;

	query_arg_text(&args, menuca_target_schema);
	schema = query_int8("SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::int8"
						" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
						" WHERE n.nspname = $1 AND c.relkind = 'r'", &args);
	finding->expected = "recorded";
	finding->actual = psprintf("database %s MB, schema \"%s\" %s MB", format_count(database / 1024 / 1024),
							   menuca_target_schema, format_count(schema / 1024 / 1024));
	finding->metadata = psprintf("{\"database_bytes\": " UINT64_FORMAT ", \"schema_bytes\": " UINT64_FORMAT "}", database, schema);
}

/* All tickets before this one, in this environment. */
void
ticket_check_tickets(TicketRun *run, Finding *finding)
{
	StringInfoData open;

	initStringInfo(&open);
	for (int no = 0; no < run->no; no++)
	{
		char	   *status;

		if (!ticket_is_here(run->environment, no))
			continue;
		status = ticket_status(run->environment, no);
		if (strcmp(status, "COMPLETE") != 0)
			appendStringInfo(&open, "%s%s is %s", open.len > 0 ? ", " : "", ticket_number(no), status);
	}
	finding->expected = "every ticket before is COMPLETE";
	finding->actual = open.len > 0 ? open.data : "all of them are";
	if (open.len > 0)
	{
		finding->status = CHECK_FAIL;
		finding->remedy = "SELECT * FROM menuca_status();";
	}
}

static char *
option_or(const TicketRun *run, const char *name, const char *without)
{
	char	   *value = ticket_option(run, name);

	return value ? value : pstrdup(without);
}

uint64
ticket_count_rows(const char *table)
{
	return query_int8(psprintf("SELECT count(*) FROM %s",
							   relation_quoted_name(target_table_oid(menuca_target_schema, table))), NULL);
}

static bool
table_exists(const char *table)
{
	return OidIsValid(get_relname_relid(table, get_namespace_oid(menuca_target_schema, true)));
}
