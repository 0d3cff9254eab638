/*-------------------------------------------------------------------------
 *
 * next_repair.c
 *	  The next call of the repair: see next_repair.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "advice/next_repair.h"
#include "base/arguments.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/own_function.h"
#include "base/proposal.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "runbook/ticket_call.h"

/* A fix, and the plan of the same rows. */
typedef struct FixFunction
{
	const char *fix;
	const char *plan;
	const char *what;			/* where its rows come from */
} FixFunction;

static const FixFunction fix_combos = {"menuca_fix_combos", "menuca_plan_combos", "V1's combos"};
static const FixFunction fix_group_dishes = {"menuca_fix_group_dishes", "menuca_plan_group_dishes", "V1's lists"};
static const FixFunction fix_v2_groups = {"menuca_fix_v2_groups", "menuca_plan_v2_groups", "V2's lists"};

/* What a dry run of a fix would do; texts may be NULL. */
typedef struct DryRun
{
	char	   *status;
	char	   *reason;
	char	   *next_step;
	int64		rows;
	char	   *orphans_before;
	char	   *orphans_after;
} DryRun;

/* A row of a suite of checks; texts may be NULL. */
typedef struct CheckRow
{
	char	   *name;
	char	   *title;
	char	   *status;
	char	   *actual;
	char	   *next_step;
	char	   *acceptance;		/* the call that accepts it, or NULL */
} CheckRow;

static uint64 staged_rows(const char *setting, const char *name);
static bool is_missing(const char *table);
static void find_fix(NextStep *next, const FixFunction *function, const char *target);
static void count_plan(NextStep *next, const FixFunction *function, const char *arguments);
static void *make_dry_run(TupleTableSlot *slot);
static bool writes(const char *statement);
static bool has_copy(void);
static bool comes_first(const CheckRow *row, const CheckRow *than);
static void *make_check_row(TupleTableSlot *slot);
static const char *or_unknown(const char *text);


/* Without V1's combos there is nothing to repair with. */
void
next_load(NextStep *next)
{
	RangeVar   *source = relation_parse_name("menuca.source_table", menuca_source_table);

	if (staged_rows("menuca.source_table", menuca_source_table) > 0)
		return;
	if (source->schemaname && !OidIsValid(get_namespace_oid(source->schemaname, true)))
		next_is(next, "not loaded", psprintf("CREATE SCHEMA %s;", quote_identifier(source->schemaname)),
				psprintf("V1's combos are not loaded into %s (setting menuca.source_table), and its schema does not exist.",
						 menuca_source_table),
				psprintf("creates the schema \"%s\"", source->schemaname));
	else
		next_is(next, "not loaded",
				migrate_call("SELECT * FROM menuca_load_dump('" ARGUMENT_REASON "', 'combos', %s);",
							 quote_literal_cstr(menuca_source_table)),
				psprintf("V1's combos are not loaded into %s (setting menuca.source_table). Put the text of the dump in place of '" ARGUMENT_REASON "'; a dump that is too large for one call goes into a large object in pieces: SELECT lo_from_bytea(0, ''); SELECT lo_put(oid, position, 'piece'); %s",
						 menuca_source_table,
						 migrate_call("SELECT * FROM menuca_load_dump_lo(oid, 'combos', %s);",
									  quote_literal_cstr(menuca_source_table))),
				psprintf("creates and fills %s; no table of the platform", menuca_source_table));
}

/* The rows of a staged table; 0 if it does not exist. */
static uint64
staged_rows(const char *setting, const char *name)
{
	RangeVar   *range = relation_parse_name(setting, name);
	Oid			relid;

	if (range->schemaname && !OidIsValid(get_namespace_oid(range->schemaname, true)))
		return 0;
	relid = RangeVarGetRelid(range, NoLock, true);
	if (!OidIsValid(relid))
		return 0;
	relation_require(relid, ACL_SELECT);
	return (uint64) query_int8(psprintf("SELECT count(*) FROM (SELECT FROM %s LIMIT 1) s", relation_quoted_name(relid)), NULL);
}

/* A person decides which table the rows belong in; the data says what they mean. */
void
next_decide(NextStep *next)
{
	char	   *meaning = NULL;
	char	   *statement = NULL;
	ListCell   *lc;

	migrate_require_table("menuca_decision", ACL_SELECT);
	next->target = ticket_call_decided_target();
	if (next->target)
		return;
	foreach(lc, query_list(psprintf("SELECT kind AS name, NULL::text AS title, status, finding AS actual, next_step, NULL::text AS remedy FROM %smenuca_decide()",
									migrate_schema()), NULL, make_check_row))
	{
		CheckRow   *row = lfirst(lc);

		if (meaning == NULL && strcmp(row->name, "meaning") == 0)
			meaning = row->actual;
		if (strcmp(row->name, "decision") == 0)
			statement = row->next_step;
	}
	next_is(next, "not decided", statement ? statement : migrate_call("SELECT * FROM menuca_decide();"),
			psprintf("%s Nobody has decided which table the rows belong in. Look first, at figures, examples and possibilities: %s then put who decided, and why, into the call.",
					 or_unknown(meaning), migrate_call("SELECT * FROM menuca_decide();")),
			migrate_call("adds a row to menuca_decision; no table of the platform"));
}

/* Every fix whose rows are staged, into the table that was decided for. */
void
next_fix(NextStep *next)
{
	bool		of_products = strcmp(next->target, "dish_combo_groups") == 0;

	if (of_products && is_missing(next->target))
	{
		next_is(next, "no table",
				migrate_call("SELECT * FROM menuca_create_dish_combo_groups(dry_run => false);"),
				psprintf("It was decided that the rows belong in %s, which does not exist.",
						 quote_qualified_identifier(menuca_target_schema, next->target)),
				psprintf("creates the table %s", quote_qualified_identifier(menuca_target_schema, next->target)));
		return;
	}
	find_fix(next, &fix_combos, next->target);
	if (next->state == NULL && of_products && staged_rows("menuca.combo_groups_table", menuca_combo_groups_table) > 0)
		find_fix(next, &fix_group_dishes, "combo_items");
	if (next->state == NULL && staged_rows("menuca.v2_group_items_table", menuca_v2_group_items_table) > 0)
		find_fix(next, &fix_v2_groups, "combo_items");
}

static bool
is_missing(const char *table)
{
	return !OidIsValid(get_relname_relid(table, get_namespace_oid(menuca_target_schema, true)));
}

/* Looks at a fix by its dry run, or by its plan where the role may not call the fix. */
static void
find_fix(NextStep *next, const FixFunction *function, const char *target)
{
	char	   *arguments = strcmp(target, "combo_items") == 0 ? "" : psprintf("target => %s", quote_literal_cstr(target));
	char	   *table = quote_qualified_identifier(menuca_target_schema, target);
	DryRun	   *dry_run;

	if (!own_function_may_call(function->fix))
	{
		count_plan(next, function, arguments);
		return;
	}
	dry_run = linitial(query_list(psprintf("SELECT status,"
										   " reasons[1] AS reason, next_step, insert AS rows,"
										   " figures ->> 'orphan_pct_before' AS before, orphan_pct_after AS after"
										   " FROM %s%s(%s)",
										   migrate_schema(), function->fix, arguments),
								  NULL, make_dry_run));
	if (strcmp(or_unknown(dry_run->status), "refused") == 0)
		next_is(next, "refused", dry_run->next_step,
				psprintf("A dry run with %s into %s would be refused: %s. To see what becomes of the rows: %s",
						 function->what, table, or_unknown(dry_run->reason),
						 migrate_call("SELECT outcome, count(*) FROM %s(%s) GROUP BY outcome;",
									  migrate_qualify(function->plan), arguments)),
				dry_run->next_step ? next_changes(dry_run->next_step) : NULL);
	else if (!writes(dry_run->next_step))
		return;
	else if (!has_copy())
		next_is(next, "no backup", migrate_call("SELECT * FROM menuca_snapshot('before_fix');"),
				psprintf("The fix is ready, but this database has neither a verified backup that is registered nor a snapshot. A snapshot is in the same database, so it replaces no backup: %s",
						 migrate_call("SELECT * FROM menuca_check_backup();")),
				"copies the tables that fixes write to into a schema of their own");
	else
		next_is(next, "to be fixed", dry_run->next_step,
				psprintf("A dry run with %s into %s passes every gate%s. To look at it again: %s",
						 function->what, table,
						 dry_run->orphans_before && dry_run->orphans_after ?
						 psprintf("; groups without items: %s %% now, %s %% afterwards", dry_run->orphans_before, dry_run->orphans_after) : "",
						 migrate_call("SELECT * FROM %s(%s);", migrate_qualify(function->fix), arguments)),
				psprintf("inserts %s into %s", format_things((uint64) dry_run->rows, "row"), table));
}

/* Somebody else has to make the call. */
static void
count_plan(NextStep *next, const FixFunction *function, const char *arguments)
{
	uint64		rows = (uint64) query_int8(psprintf("SELECT count(*) FROM %s%s(%s) WHERE outcome = 'insert'",
													migrate_schema(), function->plan, arguments), NULL);

	if (rows > 0)
		next_is(next, "to be fixed", migrate_call("SELECT * FROM %s(%s);", migrate_qualify(function->fix), arguments),
				psprintf("By the plan, %s of %s can be inserted. The call is a dry run, which shows whether the gates pass.",
						 format_things(rows, "row"), function->what), NULL);
}

static void *
make_dry_run(TupleTableSlot *slot)
{
	DryRun	   *dry_run = palloc0(sizeof(DryRun));

	dry_run->status = slot_text_or_null_of(slot, "status");
	dry_run->reason = slot_text_or_null_of(slot, "reason");
	dry_run->next_step = slot_text_or_null_of(slot, "next_step");
	dry_run->rows = slot_int8_or_zero_of(slot, "rows");
	dry_run->orphans_before = slot_text_or_null_of(slot, "before");
	dry_run->orphans_after = slot_text_or_null_of(slot, "after");
	return dry_run;
}

static bool
writes(const char *statement)
{
	return statement && strstr(statement, "dry_run => false");
}

/* True if a backup or a snapshot of this database exists. */
static bool
has_copy(void)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_backups WHERE verified AND of_this_database)"
							   " OR EXISTS (SELECT FROM %smenuca_snapshot_list WHERE target_schema = $1)",
							   migrate_schema(), migrate_schema()), &args);
}

/* The last step: what every check says of the repaired tables. */
void
next_validate(NextStep *next)
{
	char	   *arguments = strcmp(next->target, "combo_items") == 0 ? "" :
		psprintf("target => %s", quote_literal_cstr(next->target));
	char	   *call = migrate_call("menuca_validate(%s)", arguments);
	CheckRow   *failed = NULL;
	CheckRow   *summary = NULL;
	ListCell   *lc;

	foreach(lc, query_list(psprintf("SELECT name, title, status, actual, next_step, remedy FROM %s", call), NULL, make_check_row))
	{
		CheckRow   *row = lfirst(lc);

		if (strcmp(row->name, "summary") == 0)
			summary = row;
		else if (strcmp(row->status, "FAIL") == 0 || strcmp(row->status, "ERROR") == 0)
			failed = comes_first(row, failed) ? row : failed;
	}
	if (failed && failed->acceptance)
		next_is(next, "validation fails", failed->acceptance,
				psprintf("%s: %s. Look first: %s If it cannot be repaired, a person accepts it by name. All checks: %s",
						 or_unknown(failed->title), or_unknown(failed->actual),
						 failed->next_step ? failed->next_step : psprintf("SELECT * FROM %s;", call),
						 or_unknown(summary ? summary->actual : NULL)), next_changes(failed->acceptance));
	else if (failed)
		next_is(next, "validation fails",
				failed->next_step ? failed->next_step : psprintf("SELECT * FROM %s WHERE status IN ('FAIL', 'ERROR');", call),
				psprintf("%s: %s. All checks: %s", or_unknown(failed->title), or_unknown(failed->actual),
						 or_unknown(summary ? summary->actual : NULL)),
				failed->next_step ? next_changes(failed->next_step) : NULL);
	else if (summary && strcmp(summary->status, "WARN") == 0)
		next_is(next, "repaired, with warnings",
				psprintf("SELECT name, status, actual, detail, next_step FROM %s WHERE status = 'WARN';", call),
				psprintf("Every check passes or warns: %s. A person reads the warnings, and looks at samples: %s",
						 or_unknown(summary->actual), migrate_call("SELECT * FROM menuca_sample_combos();")), NULL);
	else
		next_is(next, "repaired", NULL,
				psprintf("Every check passes: %s. A person looks at samples: %s",
						 or_unknown(summary ? summary->actual : NULL), migrate_call("SELECT * FROM menuca_sample_combos();")), NULL);
}

/* What nobody can accept comes first, and of that what has a call. */
static bool
comes_first(const CheckRow *row, const CheckRow *than)
{
	if (than == NULL || (than->acceptance == NULL) != (row->acceptance == NULL))
		return than == NULL || than->acceptance != NULL;
	return than->next_step == NULL && row->next_step != NULL;
}

char *
next_acceptance(const char *remedy)
{
	const char *found = remedy ? strstr(remedy, migrate_call("SELECT * FROM menuca_accept(")) : NULL;

	return found ? proposal_first(found) : NULL;
}

static void *
make_check_row(TupleTableSlot *slot)
{
	CheckRow   *row = palloc(sizeof(CheckRow));

	row->name = slot_text_of(slot, "name");
	row->title = slot_text_or_null_of(slot, "title");
	row->status = slot_text_of(slot, "status");
	row->actual = slot_text_or_null_of(slot, "actual");
	row->next_step = slot_text_or_null_of(slot, "next_step");
	row->acceptance = next_acceptance(slot_text_or_null_of(slot, "remedy"));
	return row;
}

static const char *
or_unknown(const char *text)
{
	return text ? text : "?";
}
