/*-------------------------------------------------------------------------
 *
 * coverage_checks.c
 *	  Whether the wanted access covers each table: see coverage_checks.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "access/access_action.h"
#include "access/coverage_checks.h"
#include "access/wanted_row.h"
#include "base/access_roles.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/json.h"
#include "base/query.h"
#include "base/settings.h"

/* Maximum number of examples of each kind in a detail. */
#define MAX_EXAMPLES 5

static bool is_core(const List *wanted, const char *table);
static List *actions_of(const List *actions, AccessAction action);
static List *unprotected_tables(void);
static List *outside_tables(void);
static void append_examples(StringInfo detail, const char *what, const List *names);


void
coverage_check_wanted(const List *wanted, const List *actions, Finding *finding)
{
	List	   *absent = actions_of(actions, ACTION_ABSENT);
	List	   *impossible = NIL;
	List	   *core = NIL;
	StringInfoData detail;
	StringInfoData metadata;
	ListCell   *lc;

	foreach(lc, actions_of(actions, ACTION_IMPOSSIBLE))
	{
		if (is_core(wanted, lfirst(lc)))
			core = lappend(core, lfirst(lc));
		else
			impossible = lappend(impossible, lfirst(lc));
	}

	finding->status = core ? CHECK_FAIL : absent || impossible ? CHECK_WARN : CHECK_PASS;
	finding->expected = "all of them exist, and their access can be deployed";
	finding->actual = psprintf("%s absent, %s impossible, %s of them core tables",
							   format_things(list_length(absent), "table"),
							   format_count(list_length(core) + list_length(impossible)),
							   format_count(list_length(core)));
	initStringInfo(&detail);
	append_examples(&detail, "impossible, core tables", core);
	append_examples(&detail, "impossible", impossible);
	append_examples(&detail, "absent", absent);
	if (detail.len > 0)
		finding->detail = detail.data;
	if (core || impossible)
		finding->remedy = migrate_call("SELECT table_name, reason FROM menuca_access_plan() WHERE action = 'impossible';");
	else if (absent)
		finding->remedy = migrate_call("Create the tables, or say that they may be absent: UPDATE menuca_wanted_access SET optional = true WHERE table_name = %s;",
									   quote_literal_cstr(linitial(absent)));

	initStringInfo(&metadata);
	json_begin(&metadata);
	json_count(&metadata, "absent", list_length(absent));
	json_count(&metadata, "impossible", list_length(core) + list_length(impossible));
	json_count(&metadata, "core_impossible", list_length(core));
	json_end(&metadata);
	finding->metadata = metadata.data;
}

void
coverage_check_uncovered(const List *actions, Finding *finding)
{
	List	   *undecided = actions_of(actions, ACTION_UNDECIDED);
	List	   *open = unprotected_tables();
	List	   *outside = outside_tables();
	StringInfoData detail;
	StringInfoData metadata;

	finding->status = undecided || open ? CHECK_FAIL : CHECK_PASS;
	finding->expected = "each table is wanted, or outside for a reason";
	finding->actual = psprintf("%s undecided, %s open to visitors without row security, %s outside",
							   format_things(list_length(undecided), "table"),
							   format_count(list_length(open)), format_count(list_length(outside)));
	initStringInfo(&detail);
	append_examples(&detail, "undecided", undecided);
	append_examples(&detail, "open", open);
	append_examples(&detail, "outside", outside);
	if (detail.len > 0)
		finding->detail = detail.data;
	if (undecided)
		finding->remedy = migrate_call("SELECT table_name, reason FROM menuca_access_plan() WHERE action = 'undecided';");
	else if (open)
		finding->remedy = migrate_call("SELECT * FROM menuca_deploy_access(dry_run => false);");

	initStringInfo(&metadata);
	json_begin(&metadata);
	json_count(&metadata, "undecided", list_length(undecided));
	json_count(&metadata, "open", list_length(open));
	json_count(&metadata, "outside", list_length(outside));
	json_end(&metadata);
	finding->metadata = metadata.data;
}

static bool
is_core(const List *wanted, const char *table)
{
	const ListCell *lc;

	foreach(lc, wanted)
	{
		const WantedAccess *row = lfirst(lc);

		if (row->core && strcmp(row->table, table) == 0)
			return true;
	}
	return false;
}

/* The tables of the actions of that kind, each once; the actions are sorted by table. */
static List *
actions_of(const List *actions, AccessAction action)
{
	List	   *tables = NIL;
	const ListCell *lc;

	foreach(lc, actions)
	{
		const PlannedAction *planned = lfirst(lc);

		/* What concerns the roles is in check 1. */
		if (planned->action == action && planned->table &&
			(tables == NIL || strcmp(llast(tables), planned->table) != 0))
			tables = lappend(tables, planned->table);
	}
	return tables;
}

/* Those that visitors have any right on, and that nothing but their grants protects. */
static List *
unprotected_tables(void)
{
	QueryArgs	args = {0};

	if (!OidIsValid(access_role_oid(ROLE_PUBLIC)) || !OidIsValid(access_role_oid(ROLE_TENANT)))
		return NIL;
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, access_role_name(ROLE_PUBLIC));
	query_arg_text(&args, access_role_name(ROLE_TENANT));
	return query_texts(psprintf("SELECT table_name FROM %smenuca_table_coverage"
								" CROSS JOIN LATERAL unnest(ARRAY[$2, $3]) AS r(role)"
								" WHERE table_schema = $1 AND coverage <> 'outside' AND NOT has_row_security"
								" AND (has_any_column_privilege(r.role::name, table_oid, 'SELECT, INSERT, UPDATE')"
								" OR has_table_privilege(r.role::name, table_oid, 'DELETE, TRUNCATE, TRIGGER'))"
								" GROUP BY 1 ORDER BY 1", migrate_schema()), &args);
}

/* With their reasons. */
static List *
outside_tables(void)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	return query_texts(psprintf("SELECT concat(table_name, ' (', note, ')') FROM %smenuca_table_coverage"
								" WHERE table_schema = $1 AND coverage = 'outside' ORDER BY 1",
								migrate_schema()), &args);
}

/* "undecided: a, b"; nothing when there is no name. */
static void
append_examples(StringInfo detail, const char *what, const List *names)
{
	if (names == NIL)
		return;
	appendStringInfo(detail, "%s%s: ", detail->len > 0 ? "; " : "", what);
	for (int i = 0; i < Min(list_length(names), MAX_EXAMPLES); i++)
		appendStringInfo(detail, "%s%s", i > 0 ? ", " : "", (char *) list_nth(names, i));
	if (list_length(names) > MAX_EXAMPLES)
		appendStringInfoString(detail, ", ...");
}
