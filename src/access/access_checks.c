/*-------------------------------------------------------------------------
 *
 * access_checks.c
 *	  Whether the access to the tables is as wanted, check by check.
 *
 * menuca_check_access(matrix, overhead)
 *
 * The checks of the tickets 03 and 08.  What can be read in the catalog comes
 * first; then the matrix and the overhead, which are tried out.
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

#include "access/access_matrix.h"
#include "access/access_overhead.h"
#include "access/access_plan.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/finding.h"
#include "base/format.h"
#include "base/json.h"
#include "base/relation.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(menuca_check_access);

/* How many examples a detail names. */
#define EXAMPLES 5

/* How many executions the overhead is measured with. */
#define OVERHEAD_RUNS 201

/* What the checks look at. */
typedef struct AccessState
{
	List	   *wanted;
	List	   *steps;			/* of the plan, all tables together */
	bool		matrix;
	bool		overhead;
} AccessState;

typedef struct AccessCheck
{
	const char *name;
	const char *title;
	void		(*run) (AccessState *state, Finding *finding);
} AccessCheck;

static void check_roles(AccessState *state, Finding *finding);
static void check_tables(AccessState *state, Finding *finding);
static void check_enabled(AccessState *state, Finding *finding);
static void check_policies(AccessState *state, Finding *finding);
static void check_foreign(AccessState *state, Finding *finding);
static void check_empty(AccessState *state, Finding *finding);
static void check_grants(AccessState *state, Finding *finding);
static void check_uncovered(AccessState *state, Finding *finding);
static void check_views(AccessState *state, Finding *finding);
static void check_indexes(AccessState *state, Finding *finding);
static void check_matrix(AccessState *state, Finding *finding);
static void check_overhead(AccessState *state, Finding *finding);

static const AccessCheck access_checks[] = {
	{"roles", "The roles that requests have", check_roles},
	{"wanted_tables", "Tables of the wanted access that are there", check_tables},
	{"rls_enabled", "Row security is on for each of them", check_enabled},
	{"policies", "Each wanted policy is there, and unchanged", check_policies},
	{"foreign_policies", "Policies of others", check_foreign},
	{"rls_without_policy", "Tables with row security and without a policy", check_empty},
	{"grants", "Grants are as wanted, and nothing hidden can be read", check_grants},
	{"uncovered_tables", "Tables without row security that visitors can read", check_uncovered},
	{"bypassing_views", "Views past row security that visitors can read", check_views},
	{"key_indexes", "The owner's column leads an index", check_indexes},
	{"matrix", "Roles, tables and commands, tried out", check_matrix},
	{"overhead", "Menu queries with and without row security", check_overhead},
};

/* A check in an attempt. */
typedef struct CheckRun
{
	const AccessCheck *check;
	AccessState *state;
	Finding    *finding;
} CheckRun;

static void run_check(void *arg);
static bool visitors_are_missing(Finding *finding);
static void judge_steps(AccessState *state, Finding *finding, StepAction first,
						StepAction last, FindingStatus otherwise, const char *noun,
						char *remedy);
static void judge_names(Finding *finding, const char *sql, QueryArgs *args,
						FindingStatus otherwise, const char *noun, char *remedy);
static char *count_metadata(const char *key, uint64 count);


/* menuca_check_access(matrix, overhead): a row per check and the verdict. */
Datum
menuca_check_access(PG_FUNCTION_ARGS)
{
	FindingRows	rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	AccessState state = {0};
	ListCell   *lc;

	state.matrix = argument_bool(fcinfo, 0, "matrix");
	state.overhead = argument_bool(fcinfo, 1, "overhead");
	state.wanted = access_wanted(NIL);
	foreach(lc, state.wanted)
		state.steps = list_concat(state.steps, access_plan_table(lfirst(lc)));
	state.steps = list_concat(state.steps, access_plan_schema());

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < lengthof(access_checks); i++)
	{
		Finding		finding = {0};
		CheckRun	run = {&access_checks[i], &state, &finding};
		ErrorData  *error = attempt(run_check, &run);

		if (error)
			finding_of_error(&finding, error);
		finding_rows_add(&rows, access_checks[i].name, access_checks[i].title, &finding);
	}
	finding_rows_add_summary(&rows);
	return (Datum) 0;
}

static void
run_check(void *arg)
{
	CheckRun   *run = arg;

	run->check->run(run->state, run->finding);
}

/* 1 */
static void
check_roles(pg_attribute_unused() AccessState *state, Finding *finding)
{
	List	   *remedies;
	List	   *problems = access_role_problems(&remedies);

	finding->status = problems ? CHECK_FAIL : CHECK_PASS;
	finding->expected = "three different roles, of which two are bound by policies";
	finding->actual = problems ? linitial(problems) :
		psprintf("%s, %s and %s", menuca_public_role, menuca_tenant_role, menuca_admin_role);
	if (problems)
		finding->remedy = linitial(remedies);
	finding->metadata = count_metadata("problems", list_length(problems));
}

/* 2 */
static void
check_tables(AccessState *state, Finding *finding)
{
	judge_steps(state, finding, STEP_ABSENT, STEP_IMPOSSIBLE, CHECK_WARN, "table",
				"Correct menuca_wanted_access, or set wanted to false there; or create the tables.");
	finding->expected = "all of them are there, and the access to them is possible";
}

/* 3 */
static void
check_enabled(AccessState *state, Finding *finding)
{
	judge_steps(state, finding, STEP_ENABLE_RLS, STEP_ENABLE_RLS, CHECK_FAIL, "table",
				"SELECT * FROM menuca_deploy_access(dry_run => false);");
	finding->expected = "none without row security";
}

/* 4 */
static void
check_policies(AccessState *state, Finding *finding)
{
	judge_steps(state, finding, STEP_CREATE_POLICY, STEP_DROP_POLICY, CHECK_FAIL, "policy",
				"Ask who changed them; then SELECT * FROM menuca_deploy_access(dry_run => false);");
	finding->expected = "none missing, changed or left over";
}

/* 5 */
static void
check_foreign(AccessState *state, Finding *finding)
{
	judge_steps(state, finding, STEP_KEEP_FOREIGN, STEP_KEEP_FOREIGN, CHECK_WARN, "policy",
				"Drop those that should not be: a permissive policy lets more rows through.");
	finding->expected = "none";
}

/* 6 */
static void
check_empty(pg_attribute_unused() AccessState *state, Finding *finding)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	judge_names(finding, "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
				" WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND c.relrowsecurity"
				" AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid) ORDER BY 1",
				&args, CHECK_FAIL, "table",
				"Only the owner sees rows of them: create policies, or DISABLE ROW LEVEL SECURITY.");
}

/* 7 */
static void
check_grants(AccessState *state, Finding *finding)
{
	judge_steps(state, finding, STEP_GRANT, STEP_REVOKE, CHECK_FAIL, "grant",
				"SELECT * FROM menuca_deploy_access(dry_run => false);");
	finding->expected = "none missing, and none too many";
}

/* 8: what the tickets' list of tables does not know. */
static void
check_uncovered(pg_attribute_unused() AccessState *state, Finding *finding)
{
	QueryArgs	args = {0};

	if (visitors_are_missing(finding))
		return;
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, menuca_public_role);
	query_arg_text(&args, menuca_tenant_role);
	judge_names(finding, "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
				" WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity"
				" AND (has_any_column_privilege($2::name, c.oid, 'SELECT')"
				" OR has_any_column_privilege($3::name, c.oid, 'SELECT')) ORDER BY 1",
				&args, CHECK_WARN, "table",
				"Add them to menuca_wanted_access, or revoke the grants.");
}

/* 9: a view reads with its owner's rights, unless it is told otherwise. */
static void
check_views(pg_attribute_unused() AccessState *state, Finding *finding)
{
	QueryArgs	args = {0};

	if (visitors_are_missing(finding))
		return;
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, menuca_public_role);
	query_arg_text(&args, menuca_tenant_role);
	judge_names(finding, "SELECT DISTINCT format('%I.%I', w.nspname, v.relname)"
				" FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid"
				" JOIN pg_class v ON v.oid = r.ev_class JOIN pg_namespace w ON w.oid = v.relnamespace"
				" JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace"
				" WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass"
				" AND n.nspname = $1 AND c.relkind IN ('r', 'p') AND c.relrowsecurity"
				" AND v.relkind IN ('v', 'm')"
				" AND NOT EXISTS (SELECT FROM unnest(v.reloptions) o"
				" WHERE o ~* '^security_invoker=(true|on|yes|1)$')"
				" AND (has_any_column_privilege($2::name, v.oid, 'SELECT')"
				" OR has_any_column_privilege($3::name, v.oid, 'SELECT')) ORDER BY 1",
				&args, CHECK_WARN, "view",
				"ALTER VIEW ... SET (security_invoker = true); or revoke the grants, for materialized views, too.");
}

/* 10: without it, each visit of a restaurant reads all restaurants' rows. */
static void
check_indexes(AccessState *state, Finding *finding)
{
	StringInfoData names;
	uint64		missing = 0;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, state->wanted)
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
		if (missing <= EXAMPLES)
			appendStringInfo(&names, "%s%s (%s)", names.len > 0 ? ", " : "",
							 wanted->table, key->column);
	}
	finding->status = missing == 0 ? CHECK_PASS : CHECK_WARN;
	finding->expected = "an index on it for each table";
	finding->actual = psprintf("%s without one", format_things(missing, "table"));
	if (missing > 0)
	{
		finding->detail = psprintf("%s%s", names.data, missing > EXAMPLES ? ", ..." : "");
		finding->remedy = "CREATE INDEX CONCURRENTLY ... on those that grow.";
	}
	finding->metadata = count_metadata("without_index", missing);
}

/* 11 */
static void
check_matrix(AccessState *state, Finding *finding)
{
	uint64		counts[CHECK_STATUS_COUNT] = {0};
	StringInfoData examples;
	StringInfoData metadata;
	int			shown = 0;
	List	   *cells;
	ListCell   *lc;

	finding->expected = "every cell as wanted";
	if (!state->matrix || XactReadOnly)
	{
		finding->status = CHECK_SKIP;
		finding->actual = state->matrix ? "it needs a transaction that may write, although all is undone" :
			"not asked for";
		finding->remedy = "SELECT * FROM menuca_check_access();";
		return;
	}
	cells = access_matrix(NIL);

	initStringInfo(&examples);
	foreach(lc, cells)
	{
		const AccessCell *cell = lfirst(lc);
		bool		absent = cell->status == CHECK_SKIP && strcmp(cell->command, "all") == 0;

		counts[cell->status]++;
		if (cell->status == CHECK_PASS || absent || shown >= EXAMPLES)
			continue;
		shown++;
		appendStringInfo(&examples, "%s%s: %s, %s (%s) is %s", examples.len > 0 ? "; " : "",
						 cell->table, cell->kind, cell->command, cell->row,
						 cell->actual ? cell->actual : "not tried");
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
		finding->remedy = "SELECT * FROM menuca_test_access() WHERE status <> 'PASS';";

	initStringInfo(&metadata);
	json_begin(&metadata);
	for (int i = 0; i < CHECK_STATUS_COUNT; i++)
		json_count(&metadata, finding_status_name(i), counts[i]);
	json_end(&metadata);
	finding->metadata = metadata.data;
}

/* 12 */
static void
check_overhead(AccessState *state, Finding *finding)
{
	static const int severity[CHECK_STATUS_COUNT] = {
		[CHECK_PASS] = 0,[CHECK_SKIP] = 1,[CHECK_WARN] = 2,[CHECK_ERROR] = 3,[CHECK_FAIL] = 4
	};
	StringInfoData actual;
	StringInfoData detail;
	ListCell   *lc;

	finding->expected = "less than 10 %";
	if (!state->overhead)
	{
		finding->status = CHECK_SKIP;
		finding->actual = "not asked for";
		finding->remedy = "SELECT * FROM menuca_check_access();";
		return;
	}
	initStringInfo(&actual);
	initStringInfo(&detail);
	foreach(lc, access_overhead(0, OVERHEAD_RUNS))
	{
		const AccessOverhead *overhead = lfirst(lc);

		if (severity[overhead->status] > severity[finding->status])
			finding->status = overhead->status;
		appendStringInfo(&actual, "%s%s as %s: %s", actual.len > 0 ? ", " : "",
						 overhead->query, overhead->kind,
						 overhead->status == CHECK_SKIP ? "not measured" :
						 psprintf("%.1f %%", overhead->pct));
		appendStringInfo(&detail, "%s%s as %s: %s", detail.len > 0 ? "; " : "",
						 overhead->query, overhead->kind, overhead->detail);
	}
	finding->actual = actual.data;
	finding->detail = detail.data;
	if (finding->status != CHECK_PASS)
		finding->remedy = "SELECT * FROM menuca_access_overhead(runs => 2001); look at check 10 and at policies of others.";
}

/* Then nobody can say what they may read. */
static bool
visitors_are_missing(Finding *finding)
{
	if (OidIsValid(access_role_oid(ROLE_PUBLIC)) && OidIsValid(access_role_oid(ROLE_TENANT)))
		return false;
	finding->status = CHECK_SKIP;
	finding->actual = "the roles of visitors do not exist";
	finding->remedy = "See check 1.";
	return true;
}

/* Steps of the plan from one action to another should not be there. */
static void
judge_steps(AccessState *state, Finding *finding, StepAction first, StepAction last,
			FindingStatus otherwise, const char *noun, char *remedy)
{
	StringInfoData names;
	uint64		count = 0;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, state->steps)
	{
		const AccessStep *step = lfirst(lc);

		if (step->action < first || step->action > last)
			continue;
		count++;
		if (count <= EXAMPLES)
			appendStringInfo(&names, "%s%s%s%s%s", names.len > 0 ? "; " : "",
							 step->table ? step->table : "the schema",
							 step->object ? ": " : "", step->object ? step->object : "",
							 step->action == STEP_ABSENT ? "" :
							 psprintf(" (%s)", access_step_name(step->action)));
	}
	finding->status = count == 0 ? CHECK_PASS : otherwise;
	finding->actual = psprintf("%s %s", format_count(count),
							   strcmp(noun, "policy") == 0 ? (count == 1 ? "policy" : "policies") :
							   psprintf("%s%s", noun, count == 1 ? "" : "s"));
	if (count > 0)
	{
		finding->detail = psprintf("%s%s", names.data, count > EXAMPLES ? "; ..." : "");
		finding->remedy = remedy;
	}
	finding->metadata = count_metadata("steps", count);
}

/* State of judge_names(). */
typedef struct Names
{
	MemoryContext context;
	StringInfoData text;
	uint64		count;
} Names;

static void
add_name(TupleTableSlot *slot, void *arg)
{
	Names	   *names = arg;
	MemoryContext old = MemoryContextSwitchTo(names->context);

	names->count++;
	if (names->count <= EXAMPLES)
		appendStringInfo(&names->text, "%s%s", names->text.len > 0 ? ", " : "",
						 TextDatumGetCString(slot->tts_values[0]));
	MemoryContextSwitchTo(old);
}

/* What the query names should not be there. */
static void
judge_names(Finding *finding, const char *sql, QueryArgs *args, FindingStatus otherwise,
			const char *noun, char *remedy)
{
	Names		names = {.context = CurrentMemoryContext};

	initStringInfo(&names.text);
	query_each(sql, args, add_name, &names);
	finding->status = names.count == 0 ? CHECK_PASS : otherwise;
	finding->expected = "none";
	finding->actual = format_things(names.count, noun);
	if (names.count > 0)
	{
		finding->detail = psprintf("%s%s", names.text.data, names.count > EXAMPLES ? ", ..." : "");
		finding->remedy = remedy;
	}
	finding->metadata = count_metadata("count", names.count);
}

static char *
count_metadata(const char *key, uint64 count)
{
	StringInfoData metadata;

	initStringInfo(&metadata);
	json_begin(&metadata);
	json_count(&metadata, key, count);
	json_end(&metadata);
	return metadata.data;
}
