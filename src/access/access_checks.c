/*-------------------------------------------------------------------------
 *
 * access_checks.c
 *	  The checks of the access to the tables.
 *
 * menuca_check_access(matrix, overhead)
 *
 * The checks of tickets 03 and 08: first those that read the catalog, then the
 * matrix and the overhead, which execute statements as the roles.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "access/access_action.h"
#include "access/access_cell.h"
#include "access/access_matrix.h"
#include "access/access_opening_checks.h"
#include "access/access_overhead.h"
#include "access/access_plan.h"
#include "access/cell_counts.h"
#include "access/coverage_checks.h"
#include "access/wanted_access.h"
#include "base/arguments.h"
#include "base/extension.h"
#include "base/finding.h"
#include "base/format.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(menuca_check_access);

/* Maximum number of examples in a detail. */
#define MAX_EXAMPLES 5

/* Pairs of executions: the default of menuca_access_overhead(). */
#define OVERHEAD_PAIRS 201

/* What the checks examine. */
typedef struct AccessFacts
{
	List	   *wanted;			/* WantedAccesses */
	List	   *actions;		/* PlannedActions of all tables and the
								 * schemas */
	bool		matrix;			/* arguments of the call */
	bool		overhead;
} AccessFacts;

static void check_roles(void *subject, Finding *finding);
static void check_wanted_tables(void *subject, Finding *finding);
static void check_rls_enabled(void *subject, Finding *finding);
static void check_policies(void *subject, Finding *finding);
static void check_foreign_policies(void *subject, Finding *finding);
static void check_rls_without_policy(void *subject, Finding *finding);
static void check_grants(void *subject, Finding *finding);
static void check_uncovered_tables(void *subject, Finding *finding);
static void check_key_indexes(void *subject, Finding *finding);
static void check_matrix(void *subject, Finding *finding);
static void check_overhead(void *subject, Finding *finding);

static const FindingCheck access_checks[] = {
	{"roles", "The roles that requests have", check_roles},
	{"wanted_tables", "The tables of the wanted access exist", check_wanted_tables},
	{"rls_enabled", "Row security is on for each of them", check_rls_enabled},
	{"policies", "Each wanted policy, and each view that they read, exists and is unchanged", check_policies},
	{"foreign_policies", "Policies of others", check_foreign_policies},
	{"rls_without_policy", "Tables with row security but without a policy", check_rls_without_policy},
	{"grants", "Grants are as wanted, and hidden columns cannot be read", check_grants},
	{"uncovered_tables", "Tables that nobody has decided about, or that are open", check_uncovered_tables},
	{"bypassing_views", "Views that bypass row security and that visitors can read", access_opening_check_views},
	{"key_indexes", "An index begins with the owner's column", check_key_indexes},
	{"definer_functions", "Functions with their owner's rights that visitors can execute", access_opening_check_functions},
	{"related_tables", "Partitions, heirs, parents and foreign tables without policies", access_opening_check_tables},
	{"publications", "Publications of protected tables", access_opening_check_publications},
	{"other_openings", "Roles, owners, grants, rules and triggers that policies do not bind", access_opening_check_others},
	{"matrix", "Roles, tables and commands, tried out", check_matrix},
	{"overhead", "Menu queries with and without row security", check_overhead},
};

static bool has_policy_of_visitors(const AccessFacts *facts);
static void judge_actions(const AccessFacts *facts, Finding *finding, AccessAction first,
						  AccessAction last, FindingStatus otherwise, const char *noun,
						  char *remedy);
static void judge_names(Finding *finding, const char *sql, QueryArgs *args,
						FindingStatus otherwise, const char *noun, char *remedy);


/* menuca_check_access(matrix, overhead): a row per check and the summary. */
Datum
menuca_check_access(PG_FUNCTION_ARGS)
{
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	AccessFacts facts = {0};
	ListCell   *lc;

	facts.matrix = argument_bool(fcinfo, 0, "matrix");
	facts.overhead = argument_bool(fcinfo, 1, "overhead");
	facts.wanted = wanted_access_tables(NIL);
	foreach(lc, facts.wanted)
		facts.actions = list_concat(facts.actions, access_plan_table(lfirst(lc)));
	facts.actions = list_concat(facts.actions, access_plan_schemas());

	InitMaterializedSRF(fcinfo, 0);
	finding_rows_run(&rows, access_checks, lengthof(access_checks), &facts);
	finding_rows_add_summary(&rows, NULL);
	return (Datum) 0;
}

/* 1 */
static void
check_roles(pg_attribute_unused() void *subject, Finding *finding)
{
	List	   *remedies;
	List	   *problems = access_role_problems(&remedies);

	finding->status = problems ? CHECK_FAIL : CHECK_PASS;
	finding->expected = "three different roles, two of them bound by policies";
	finding->actual = problems ? linitial(problems) :
		psprintf("%s, %s and %s", menuca_public_role, menuca_tenant_role, menuca_admin_role);
	if (problems)
		finding->remedy = linitial(remedies);
	finding->metadata = json_one_count("problems", list_length(problems));
}

/* 2 */
static void
check_wanted_tables(void *subject, Finding *finding)
{
	const AccessFacts *facts = subject;

	coverage_check_wanted(facts->wanted, facts->actions, finding);
}

/* 3 */
static void
check_rls_enabled(void *subject, Finding *finding)
{
	judge_actions(subject, finding, ACTION_ENABLE_RLS, ACTION_ENABLE_RLS, CHECK_FAIL, "table",
				  migrate_call("SELECT * FROM menuca_deploy_access(dry_run => false);"));
	finding->expected = "none without row security";
}

/* 4 */
static void
check_policies(void *subject, Finding *finding)
{
	judge_actions(subject, finding, ACTION_CREATE_VIEW, ACTION_DROP_POLICY, CHECK_FAIL, "policy",
				  migrate_call("Find out who changed them, then SELECT * FROM menuca_deploy_access(dry_run => false);"));
	finding->expected = "none is missing, changed or no longer wanted";
}

/* 5 */
static void
check_foreign_policies(void *subject, Finding *finding)
{
	judge_actions(subject, finding, ACTION_KEEP_FOREIGN, ACTION_KEEP_FOREIGN,
				  has_policy_of_visitors(subject) ? CHECK_FAIL : CHECK_WARN, "policy",
				  migrate_call("Drop those that should not exist, since a permissive policy allows more rows: SELECT * FROM menuca_access_plan() WHERE action = 'keep_foreign';"));
	finding->expected = "none";
}

/* True if a policy of others applies to a role of the settings: what it allows, no row wants. */
static bool
has_policy_of_visitors(const AccessFacts *facts)
{
	ListCell   *lc;

	foreach(lc, facts->actions)
	{
		const PlannedAction *planned = lfirst(lc);
		QueryArgs	args = {0};

		if (planned->action != ACTION_KEEP_FOREIGN)
			continue;
		query_arg_text(&args, menuca_target_schema);
		query_arg_text(&args, planned->table);
		query_arg_text(&args, planned->object);
		query_arg_text(&args, menuca_admin_role);
		if (query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_policy_role"
								" WHERE table_schema = $1 AND table_name = $2 AND policy_name = $3"
								" AND (applies_to_visitors OR $4 = ANY (members)))", migrate_schema()),
					   &args))
			return true;
	}
	return false;
}

/* 6 */
static void
check_rls_without_policy(pg_attribute_unused() void *subject, Finding *finding)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	judge_names(finding, psprintf("SELECT table_name FROM %smenuca_table_coverage WHERE table_schema = $1"
								  " AND coverage = 'wanted' AND has_row_security"
								  " AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = table_oid) ORDER BY 1",
								  migrate_schema()),
				&args, CHECK_FAIL, "table",
				"Only the owner sees their rows: create policies, or ALTER TABLE ... DISABLE ROW LEVEL SECURITY;");
}

/* 7 */
static void
check_grants(void *subject, Finding *finding)
{
	judge_actions(subject, finding, ACTION_GRANT, ACTION_REVOKE, CHECK_FAIL, "grant",
				  migrate_call("SELECT * FROM menuca_deploy_access(dry_run => false);"));
	finding->expected = "none is missing, and none is excessive";
}

/* 8 */
static void
check_uncovered_tables(void *subject, Finding *finding)
{
	const AccessFacts *facts = subject;

	coverage_check_uncovered(facts->actions, finding);
}

/* 10: without such an index, reading one restaurant's rows reads those of all. */
static void
check_key_indexes(void *subject, Finding *finding)
{
	const AccessFacts *facts = subject;
	StringInfoData names;
	char	   *statement = NULL;
	uint64		missing = 0;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, facts->wanted)
	{
		const WantedAccess *wanted = lfirst(lc);
		const AccessKey *key = wanted->tenant_key ? wanted->tenant_key : wanted->user_key;
		QueryArgs	args = {0};

		if (!key || !OidIsValid(wanted->relid) || wanted->problem)
			continue;
		query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
		query_arg(&args, INT2OID, Int16GetDatum(key->attnum), false);
		if (query_bool("SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = $1"
					   " AND indisvalid AND indpred IS NULL AND indkey[0] = $2)", &args))
			continue;
		missing++;
		if (missing == 1)
			statement = psprintf("CREATE INDEX CONCURRENTLY ON %s (%s);", relation_quoted_name(wanted->relid),
								 quote_identifier(get_attname(wanted->relid, key->attnum, false)));
		if (missing <= MAX_EXAMPLES)
			format_append(&names, ", ", "%s (%s)", wanted->table, key->column);
	}
	finding->status = missing == 0 ? CHECK_PASS : CHECK_WARN;
	finding->expected = "such an index on each table";
	finding->actual = psprintf("%s without one", format_things(missing, "table"));
	if (missing > 0)
	{
		finding->detail = psprintf("%s%s", names.data, missing > MAX_EXAMPLES ? ", ..." : "");
		finding->remedy = psprintf("For each of them that grows, such as: %s", statement);
	}
	finding->metadata = json_one_count("without_index", missing);
}

/* 15 */
static void
check_matrix(void *subject, Finding *finding)
{
	const AccessFacts *facts = subject;
	uint64		counts[CHECK_STATUS_COUNT] = {0};
	StringInfoData examples;
	StringInfoData metadata;
	int			shown = 0;
	List	   *remedies;
	List	   *obstacles = access_role_obstacles(&remedies);
	List	   *cells;
	ListCell   *lc;

	finding->expected = "every cell as wanted";
	if (!facts->matrix || XactReadOnly)
	{
		finding->status = CHECK_SKIP;
		finding->actual = facts->matrix ? "it needs a transaction that may write, although everything is undone" :
			"not requested";
		finding->remedy = migrate_call("SELECT * FROM menuca_check_access();");
		return;
	}
	if (obstacles)
	{
		finding->status = CHECK_FAIL;
		finding->actual = psprintf("not tried: %s", (char *) linitial(obstacles));
		finding->remedy = linitial(remedies);
		return;
	}
	cells = access_matrix(NIL);

	initStringInfo(&examples);
	foreach(lc, cells)
	{
		const AccessCell *cell = lfirst(lc);
		bool		no_table = cell->status == CHECK_SKIP && strcmp(cell->command, "all") == 0;

		counts[cell->status]++;
		if (cell->status == CHECK_PASS || no_table || shown >= MAX_EXAMPLES)
			continue;
		shown++;
		format_append(&examples, "; ", "%s: %s, %s (%s) is %s", cell->table, cell->kind,
					  cell->command, cell->row, cell->actual ? cell->actual : "not tried");
	}
	finding->status = counts[CHECK_FAIL] > 0 || counts[CHECK_ERROR] > 0 ? CHECK_FAIL :
		counts[CHECK_PASS] == 0 ? CHECK_SKIP :
		counts[CHECK_SKIP] > 0 ? CHECK_WARN : CHECK_PASS;
	finding->actual = psprintf("%s as wanted, %s not, %s unclear, %s not tried",
							   format_things(counts[CHECK_PASS], "cell"),
							   format_count(counts[CHECK_FAIL]), format_count(counts[CHECK_ERROR]),
							   format_count(counts[CHECK_SKIP]));
	if (examples.len > 0)
		finding->detail = examples.data;
	if (finding->status != CHECK_PASS)
		finding->remedy = migrate_call("SELECT * FROM menuca_test_access() WHERE status <> 'PASS';");

	initStringInfo(&metadata);
	json_begin(&metadata);
	for (int i = 0; i < CHECK_STATUS_COUNT; i++)
		json_count(&metadata, finding_status_name(i), counts[i]);
	json_raw(&metadata, "tables", access_cell_counts(cells));
	json_end(&metadata);
	finding->metadata = metadata.data;
}

/* 16 */
static void
check_overhead(void *subject, Finding *finding)
{
	static const int severity[CHECK_STATUS_COUNT] = {
		[CHECK_PASS] = 0,[CHECK_SKIP] = 1,[CHECK_WARN] = 2,[CHECK_ERROR] = 3,[CHECK_FAIL] = 4
	};
	const AccessFacts *facts = subject;
	StringInfoData actual;
	StringInfoData detail;
	ListCell   *lc;

	finding->expected = psprintf("less than %g %%", menuca_max_access_overhead / 2);
	if (!facts->overhead)
	{
		finding->status = CHECK_SKIP;
		finding->actual = "not requested";
		finding->remedy = migrate_call("SELECT * FROM menuca_check_access();");
		return;
	}
	initStringInfo(&actual);
	initStringInfo(&detail);
	foreach(lc, access_overhead(0, OVERHEAD_PAIRS))
	{
		const AccessOverhead *overhead = lfirst(lc);

		if (severity[overhead->verdict.status] > severity[finding->status])
			finding->status = overhead->verdict.status;
		format_append(&actual, ", ", "%s as %s: %s", overhead->query, overhead->kind,
					  overhead->verdict.status == CHECK_SKIP ? "not measured" :
					  !overhead->verdict.has_interval ? psprintf("%.1f %%", overhead->verdict.pct) :
					  psprintf("%.1f %% (%.1f to %.1f)", overhead->verdict.pct,
							   overhead->verdict.low_pct, overhead->verdict.high_pct));
		format_append(&detail, "; ", "%s as %s: %s", overhead->query, overhead->kind,
					  overhead->verdict.detail);
	}
	finding->actual = actual.data;
	finding->detail = detail.data;
	if (finding->status != CHECK_PASS)
		finding->remedy = migrate_call("Measure longer: SELECT * FROM menuca_access_overhead(executions => 2001); then look at checks 5 and 10.");
}

/* PASS if the plan has none of these actions; otherwise: the status if it has. */
static void
judge_actions(const AccessFacts *facts, Finding *finding, AccessAction first, AccessAction last,
			  FindingStatus otherwise, const char *noun, char *remedy)
{
	StringInfoData names;
	uint64		count = 0;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, facts->actions)
	{
		const PlannedAction *planned = lfirst(lc);

		if (planned->action < first || planned->action > last)
			continue;
		count++;
		if (count <= MAX_EXAMPLES)
			format_append(&names, "; ", "%s%s%s%s",
						  planned->table ? planned->table : "the schema",
						  planned->object ? ": " : "", planned->object ? planned->object : "",
						  planned->action == ACTION_ABSENT ? "" :
						  psprintf(" (%s)", access_action_name(planned->action)));
	}
	finding->status = count == 0 ? CHECK_PASS : otherwise;
	finding->actual = psprintf("%s %s", format_count(count),
							   strcmp(noun, "policy") == 0 ? (count == 1 ? "policy" : "policies") :
							   psprintf("%s%s", noun, count == 1 ? "" : "s"));
	if (count > 0)
	{
		finding->detail = psprintf("%s%s", names.data, count > MAX_EXAMPLES ? "; ..." : "");
		finding->remedy = remedy;
	}
	finding->metadata = json_one_count("actions", count);
}

/* PASS if the query returns no name; otherwise: the status if it does. */
static void
judge_names(Finding *finding, const char *sql, QueryArgs *args, FindingStatus otherwise,
			const char *noun, char *remedy)
{
	List	   *names = query_texts(sql, args);
	int			count = list_length(names);

	finding->status = count == 0 ? CHECK_PASS : otherwise;
	finding->expected = "none";
	finding->actual = format_things(count, noun);
	if (count > 0)
	{
		StringInfoData detail;

		initStringInfo(&detail);
		for (int i = 0; i < Min(count, MAX_EXAMPLES); i++)
			format_append(&detail, ", ", "%s", (char *) list_nth(names, i));
		finding->detail = psprintf("%s%s", detail.data, count > MAX_EXAMPLES ? ", ..." : "");
		finding->remedy = remedy;
	}
	finding->metadata = json_one_count("count", count);
}
