/*-------------------------------------------------------------------------
 *
 * ticket_checks.c
 *	  Tasks of tickets that check this database: see ticket_checks.h.
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
#include "ledger/run_damage.h"
#include "runbook/ticket_checks.h"
#include "runbook/ticket_state.h"
#include "target/keyed_table.h"
#include "target/table_counts.h"

/*
 * In a maintenance window, fewer other sessions than these are active and idle
 * (tickets BK-11).  With more than BUSY_ACTIVE active ones it is not a window.
 */
#define QUIET_ACTIVE 10
#define QUIET_IDLE 50
#define BUSY_ACTIVE 50

/* Free disk space in sizes of the database: PASS and WARN. */
#define DISK_AMPLE 2.0
#define DISK_ENOUGH 1.0

static char *option_or(const TicketExecution *execution, const char *name, const char *fallback);
static bool target_table_exists(const char *table);
static void report_count(TicketExecution *execution, const char *table);
static void store_range(TupleTableSlot *slot, void *arg);
static void *make_orphan_rate(TupleTableSlot *slot);
static void append_id_counts(TupleTableSlot *slot, void *text);
static void append_run(TupleTableSlot *slot, void *arg);
static void store_activity(TupleTableSlot *slot, void *arg);


void
ticket_check_identity(TicketExecution *execution, Finding *finding)
{
	finding->expected = psprintf("the database that is registered as %s", execution->environment->name);
	finding->actual = psprintf("database \"%s\" in cluster %lld", execution->environment->database,
							   (long long) execution->environment->system_identifier);
}

void
ticket_check_server(pg_attribute_unused() TicketExecution *execution, Finding *finding)
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
ticket_check_schema(pg_attribute_unused() TicketExecution *execution, Finding *finding)
{
	static const char *const required[] = {
		"restaurants", "courses", "dishes", "combo_groups", "combo_items"
	};
	StringInfoData missing;

	initStringInfo(&missing);
	for (size_t i = 0; i < lengthof(required); i++)
	{
		if (!target_table_exists(required[i]))
			format_append(&missing, ", ", "%s", required[i]);
	}
	finding->expected = "restaurants, courses, dishes, combo_groups and combo_items";
	finding->actual = missing.len == 0 ? psprintf("all of them exist in schema \"%s\"", menuca_target_schema) :
		psprintf("missing in schema \"%s\": %s", menuca_target_schema, missing.data);
	if (missing.len > 0)
	{
		finding->status = CHECK_FAIL;
		finding->remedy = "Connect to the right database, or SET menuca.target_schema = '...';";
	}
}

/* Reports one row per table. */
void
ticket_check_counts(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	for (int i = 0; i < table_counts_ntables; i++)
		report_count(execution, table_counts_tables[i]);
}

/* A row of menuca_expected_count. */
typedef struct Range
{
	bool		found;
	bool		has_least;
	bool		has_most;
	int64		least;
	int64		most;
} Range;

/*
 * The operator's range decides.  Without one, there must be as many groups and
 * dishes as 95 % of the distinct ids in the loaded source, the default of the
 * fix's coverage gate.
 */
static void
report_count(TicketExecution *execution, const char *table)
{
	Finding		finding = {0};
	QueryArgs	args = {0};
	Range		range = {0};
	uint64		count;
	bool		derived = false;
	char	   *column = strcmp(table, "combo_groups") == 0 ? option_or(execution, "group_column", "group") :
		strcmp(table, "dishes") == 0 ? option_or(execution, "dish_column", "dish") : NULL;
	Oid			source = RangeVarGetRelid(relation_parse_name("source", option_or(execution, "source", menuca_source_table)),
										  NoLock, true);

	if (!target_table_exists(table))
	{
		finding_skip(&finding, "the table does not exist", NULL);
		ticket_report(execution, psprintf("count_%s", table), psprintf("Rows of %s", table), &finding);
		return;
	}
	count = ticket_count_rows(table);
	query_arg_text(&args, table);
	query_each(psprintf("SELECT at_least, at_most FROM %smenuca_expected_count WHERE table_name = $1",
						migrate_schema()), &args, store_range, &range);
	if (!range.found && column && OidIsValid(source))
	{
		relation_require(source, ACL_SELECT);
		range.least = query_int8(psprintf("SELECT ceil(0.95 * count(DISTINCT s.%s))::int8 FROM %s s",
										  quote_identifier(column), relation_quoted_name(source)), NULL);
		range.found = range.has_least = derived = true;
	}

	finding.actual = format_things(count, "row");
	finding.metadata = table_counts_json(menuca_target_schema, table);
	if (!range.found)
	{
		finding.status = CHECK_SKIP;
		finding.expected = "no range is set";
		finding.remedy = migrate_call("Set one, such as 5 %% around the present count: INSERT INTO menuca_expected_count VALUES ('%s', %lld, %lld);", table,
									  (long long) (count * 95 / 100), (long long) (count * 105 / 100 + 1));
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
			finding.remedy = migrate_call("Check that this is the right database. If the range is wrong, correct it in table menuca_expected_count.");
	}
	ticket_report(execution, psprintf("count_%s", table), psprintf("Rows of %s", table), &finding);
}

static void
store_range(TupleTableSlot *slot, void *arg)
{
	Range	   *range = arg;

	range->found = true;
	range->has_least = !slot->tts_isnull[slot_attribute(slot, "at_least")];
	range->has_most = !slot->tts_isnull[slot_attribute(slot, "at_most")];
	range->least = slot_int8_or_zero_of(slot, "at_least");
	range->most = slot_int8_or_zero_of(slot, "at_most");
}

/* What ticket_check_orphans() reports of menuca_orphan_rate(). */
typedef struct OrphanRate
{
	char	   *figures;
	char	   *metadata;
	bool		is_low;			/* less than half of the groups are orphans */
} OrphanRate;

static void *
make_orphan_rate(TupleTableSlot *slot)
{
	OrphanRate *rate = palloc(sizeof(OrphanRate));
	int64		groups = slot_int8_of(slot, "groups");

	rate->figures = groups == 0 ? "there are no groups" :
		psprintf("%lld of %lld groups (%s %%, %s); items: %lld",
				 (long long) slot_int8_of(slot, "orphans"), (long long) groups, slot_text_of(slot, "orphan_pct"),
				 slot_text_of(slot, "band"), (long long) slot_int8_of(slot, "items"));
	rate->metadata = slot_text_of(slot, "metadata");
	rate->is_low = slot_bool_of(slot, "is_low");
	return rate;
}

/* Before the fix nearly all groups are orphans. */
void
ticket_check_orphans(pg_attribute_unused() TicketExecution *execution, Finding *finding)
{
	OrphanRate *rate = linitial(query_list(psprintf("SELECT r.*, r.orphan_pct < 50 AS is_low, to_jsonb(r) AS metadata"
													" FROM %smenuca_orphan_rate() r",
													migrate_schema()), NULL, make_orphan_rate));

	finding->expected = "most groups are orphans before the fix";
	finding->actual = rate->figures;
	finding->metadata = rate->metadata;
	if (rate->is_low)
	{
		finding->status = CHECK_WARN;
		finding->remedy = migrate_call("The fix may have run already: SELECT * FROM menuca_runs; if it runs again, it inserts only missing items.");
	}
}

void
ticket_check_row_security(pg_attribute_unused() TicketExecution *execution, Finding *finding)
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
		finding->remedy = psprintf("Row level security was enabled before: SELECT * FROM pg_policies WHERE schemaname = %s;",
								   quote_literal_cstr(menuca_target_schema));
	}
}

void
ticket_check_index_count(pg_attribute_unused() TicketExecution *execution, Finding *finding)
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
		finding->remedy = migrate_call("A failed CREATE INDEX CONCURRENTLY left these behind: SELECT * FROM menuca_index_plan();");
	}
}

/* Whoever signs off has to know what was accepted. */
void
ticket_check_acceptances(pg_attribute_unused() TicketExecution *execution, Finding *finding)
{
	List	   *accepted = query_texts(psprintf("SELECT accepted FROM %smenuca_acceptance_in_words ORDER BY acceptance_id",
												migrate_schema()), NULL);
	StringInfoData figures;
	ListCell   *lc;

	finding->expected = "none, or what a person has accepted by name";
	finding->actual = accepted == NIL ? "none" : format_things(list_length(accepted), "figure");
	if (accepted == NIL)
		return;
	initStringInfo(&figures);
	foreach(lc, accepted)
		format_append(&figures, "; ", "%s", (char *) lfirst(lc));
	finding->status = CHECK_WARN;
	finding->detail = figures.data;
}

/* Checks the free space of the disk with the data directory. */
void
ticket_check_disk(pg_attribute_unused() TicketExecution *execution, Finding *finding)
{
	struct statvfs disk;
	uint64		size = query_int8("SELECT pg_database_size(current_database())", NULL);
	uint64		available;

	finding->expected = psprintf("free space for %g times the database size", DISK_AMPLE);
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
		finding->remedy = "Check the free space on the server's disk by other means.";
		return;
	}
	available = (uint64) disk.f_bavail * disk.f_frsize;
	finding->actual = psprintf("%s MB free, database %s MB", format_count(available / 1024 / 1024),
							   format_count(size / 1024 / 1024));
	finding->detail = "Tablespaces on other disks and the quota of a hosting plan are not measured.";
	finding->metadata = psprintf("{\"free_bytes\": " UINT64_FORMAT ", \"database_bytes\": " UINT64_FORMAT "}", available, size);
	finding->status = available >= size * DISK_AMPLE ? CHECK_PASS :
		available >= size * DISK_ENOUGH ? CHECK_WARN : CHECK_FAIL;
	if (finding->status != CHECK_PASS)
		finding->remedy = "Free disk space before indexes are built and rows inserted.";
}

static void
append_id_counts(TupleTableSlot *slot, void *text)
{
	appendStringInfo(text, "%lld ids, %lld of them not unique",
					 (long long) slot_int8_of(slot, "ids"), (long long) slot_int8_of(slot, "repeated"));
}

void
ticket_check_legacy_ids(pg_attribute_unused() TicketExecution *execution, Finding *finding)
{
	static const char *const tables[] = {"combo_groups", "dishes"};
	StringInfoData text;

	initStringInfo(&text);
	finding->expected = "combo_groups and dishes have V1's ids";
	for (size_t i = 0; i < lengthof(tables); i++)
	{
		Oid			relid = target_table_oid(menuca_target_schema, tables[i]);
		bool		has = relation_has_column(relid, "legacy_v1_id");

		relation_require(relid, ACL_SELECT);
		if (!has)
			finding->status = CHECK_FAIL;
		format_append(&text, "; ", "%s: ", tables[i]);
		if (has)
			query_each(psprintf("SELECT count(*) AS ids, count(*) FILTER (WHERE n > 1) AS repeated"
								" FROM (SELECT count(*) AS n FROM %s WHERE legacy_v1_id IS NOT NULL GROUP BY legacy_v1_id) l",
								relation_quoted_name(relid)), NULL, append_id_counts, &text);
		else
			appendStringInfoString(&text, "no column legacy_v1_id");
	}
	finding->actual = text.data;

	finding->detail = "Ids that are not unique are distinguished by the restaurant.";
	if (finding->status == CHECK_FAIL)
		finding->remedy = "Without V1's ids nothing can be mapped. Check that this is the migrated schema.";
}

/* The runs that have not ended well, and what to do about each. */
typedef struct OpenRuns
{
	StringInfoData runs;
	StringInfoData remedies;
} OpenRuns;

static void
append_run(TupleTableSlot *slot, void *arg)
{
	OpenRuns   *open = arg;
	long long	run_id = slot_int8_of(slot, "run_id");
	char	   *status = slot_text_of(slot, "status");
	char	   *damage = run_damage(run_id);

	if (damage)
	{
		format_append(&open->runs, ", ", "its ledger is damaged: %s", damage);
		format_append(&open->remedies, " ", "Restore menuca_run, menuca_run_batch and menuca_run_baseline from a backup.");
	}
	if (strcmp(status, "completed") == 0)
		return;
	format_append(&open->runs, ", ", "run %lld is %s", run_id, status);
	format_append(&open->remedies, " ", "%s",
				  strcmp(status, "interrupted") == 0 ?
				  migrate_call("CALL menuca_resume(%lld, dry_run => false); or SELECT * FROM menuca_rollback(%lld, dry_run => false);", run_id, run_id) :
				  strcmp(status, "gate_failed") == 0 ?
				  migrate_call("SELECT * FROM menuca_rollback(%lld, dry_run => false);", run_id) :
				  migrate_call("Wait until it has ended: SELECT status FROM menuca_runs WHERE run_id = %lld;", run_id));
}

void
ticket_check_runs(pg_attribute_unused() TicketExecution *execution, Finding *finding)
{
	OpenRuns	open;
	ListCell   *lc;

	initStringInfo(&open.runs);
	initStringInfo(&open.remedies);
	query_each(psprintf("SELECT run_id, status FROM %smenuca_runs"
						" WHERE status <> 'rolled_back' ORDER BY run_id",
						migrate_schema()), NULL, append_run, &open);
	foreach(lc, run_damage_lost_ids())
	{
		format_append(&open.runs, ", ", "the ledger has lost run %s", (char *) lfirst(lc));
		format_append(&open.remedies, " ", "Restore menuca_run from a backup.");
	}
	finding->expected = "no run is open, and the ledger of each is whole";
	finding->actual = open.runs.len > 0 ? open.runs.data : "none";
	if (open.runs.len > 0)
	{
		finding->status = CHECK_FAIL;
		finding->remedy = open.remedies.data;
	}
}

/* Numbers of other client sessions of this database. */
typedef struct Activity
{
	int64		active;
	int64		idle;
	int64		hidden;			/* their state is hidden from the caller */
} Activity;

void
ticket_check_activity(pg_attribute_unused() TicketExecution *execution, Finding *finding)
{
	Activity	activity = {0};

	query_each(psprintf("SELECT active, idle, hidden FROM %smenuca_activity", migrate_schema()),
			   NULL, store_activity, &activity);
	finding->expected = psprintf("fewer than %d active sessions and %d idle ones; more than %d active ones are too many",
								 QUIET_ACTIVE, QUIET_IDLE, BUSY_ACTIVE);
	finding->actual = psprintf("%s active, %s idle", format_count(activity.active), format_count(activity.idle));
	finding->metadata = psprintf("{\"active\": " INT64_FORMAT ", \"idle\": " INT64_FORMAT "}", activity.active, activity.idle);
	if (activity.hidden > 0)
	{
		finding->status = CHECK_SKIP;
		finding->actual = psprintf("the state of %s is hidden", format_things(activity.hidden, "session"));
		finding->remedy = psprintf("GRANT pg_read_all_stats TO %s;", quote_identifier(GetUserNameFromId(GetUserId(), false)));
		return;
	}
	finding->status = activity.active > BUSY_ACTIVE ? CHECK_FAIL :
		activity.active >= QUIET_ACTIVE || activity.idle >= QUIET_IDLE ? CHECK_WARN : CHECK_PASS;
	if (finding->status != CHECK_PASS)
		finding->remedy = "Wait until there are fewer: SELECT * FROM pg_stat_activity WHERE datname = current_database();";
}

static void
store_activity(TupleTableSlot *slot, void *arg)
{
	Activity   *activity = arg;

	activity->active = slot_int8_of(slot, "active");
	activity->idle = slot_int8_of(slot, "idle");
	activity->hidden = slot_int8_of(slot, "hidden");
}

void
ticket_check_sizes(pg_attribute_unused() TicketExecution *execution, Finding *finding)
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

/* Checks all earlier tickets of this environment. */
void
ticket_check_tickets(TicketExecution *execution, Finding *finding)
{
	StringInfoData open;

	initStringInfo(&open);
	for (int no = 0; no < execution->no; no++)
	{
		char	   *status;

		if (!ticket_is_here(execution->environment, no))
			continue;
		status = ticket_status(execution->environment, no);
		if (strcmp(status, "COMPLETE") != 0)
			format_append(&open, ", ", "%s is %s", ticket_number(no), status);
	}
	finding->expected = "every earlier ticket is COMPLETE";
	finding->actual = open.len > 0 ? open.data : "all of them are";
	if (open.len > 0)
	{
		finding->status = CHECK_FAIL;
		finding->remedy = migrate_call("SELECT * FROM menuca_status();");
	}
}

static char *
option_or(const TicketExecution *execution, const char *name, const char *fallback)
{
	char	   *value = ticket_option(execution, name);

	return value ? value : pstrdup(fallback);
}

uint64
ticket_count_rows(const char *table)
{
	Oid			relid = target_table_oid(menuca_target_schema, table);

	relation_require(relid, ACL_SELECT);
	return query_int8(psprintf("SELECT count(*) FROM %s", relation_quoted_name(relid)), NULL);
}

static bool
target_table_exists(const char *table)
{
	return OidIsValid(get_relname_relid(table, get_namespace_oid(menuca_target_schema, true)));
}
