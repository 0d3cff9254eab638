/*-------------------------------------------------------------------------
 *
 * backfill.c
 *	  Inserting the dishes that a source names and the target lacks.
 *
 * menuca_plan_backfill(menu, source, ...)	returns the outcome of each menu row
 * menuca_backfill_dishes(menu, dry_run, ...)	inserts them, in one transaction
 *
 * The phases are those of a fix: plan, gate, ledger, write, count.  The dishes
 * come from V1's staged menu, are inactive, and have no course and no price:
 * the menu does not have these, and they are not made up.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "backup/backup_gate.h"
#include "base/arguments.h"
#include "base/column.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/preview.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/sqlstate.h"
#include "base/statement.h"
#include "fix/backfill_dishes.h"
#include "fix/backfill_report.h"
#include "fix/backfill_state.h"
#include "ledger/baseline.h"
#include "ledger/run_ledger.h"
#include "plan/dish_plan.h"
#include "plan/gate.h"
#include "source/source.h"

PG_FUNCTION_INFO_V1(menuca_plan_backfill);
PG_FUNCTION_INFO_V1(menuca_backfill_dishes);
PG_FUNCTION_INFO_V1(menuca_preview_backfill);

static char *call_for_plan(FunctionCallInfo fcinfo);
static void open_backfill(Backfill *backfill, FunctionCallInfo fcinfo, int source, int target);
static Source *open_source_of_any_kind(Oid relid, FunctionCallInfo fcinfo, int columns);
static void open_dishes(Backfill *backfill);
static void plan_backfill(Backfill *backfill);
static List *judge_plan(const Backfill *backfill);
static void write_dishes(Backfill *backfill);
static void begin_backfill_run(Backfill *backfill, const Baseline *baseline);
static void finish_backfill_run(Backfill *backfill);


/*
 * menuca_backfill_dishes(menu, dry_run, source, activate,
 * max_cross_restaurant_pct, target, group_column, dish_column): one row.  A
 * real run raises an error, and writes nothing, when the gate refuses.
 */
Datum
menuca_backfill_dishes(PG_FUNCTION_ARGS)
{
	TimestampTz start = GetCurrentTimestamp();
	Backfill	backfill = {0};

	backfill.dry_run = argument_bool(fcinfo, 1, "dry_run");
	backfill.activate = argument_bool(fcinfo, 3, "activate");
	backfill.max_cross_restaurant = argument_numeric(fcinfo, 4, "max_cross_restaurant_pct");
	argument_check_percentage("max_cross_restaurant_pct", backfill.max_cross_restaurant);
	backfill.real_call = given_call_for_real(fcinfo);
	if (!backfill.dry_run)
	{
		query_require_writable("menuca_backfill_dishes(dry_run := false)");
		query_require_read_committed("menuca_backfill_dishes(dry_run := false)");
		statement_require_first("menuca_backfill_dishes", "dishes", backfill.real_call);
	}

	open_backfill(&backfill, fcinfo, 2, 5);
	if (backfill.dry_run)
	{
		plan_backfill(&backfill);
		backfill.dishes_before = query_int8(psprintf("SELECT count(*) FROM %s", backfill.table.name), NULL);
		backfill.dishes_after = backfill.dishes_before + backfill.plan->outcomes[DISH_INSERT];
		backfill_announce_plan(&backfill);
	}
	else
		write_dishes(&backfill);
	return backfill_result(fcinfo, &backfill, start);
}

/* menuca_preview_backfill(...): its dry run, for who may only look. */
Datum
menuca_preview_backfill(PG_FUNCTION_ARGS)
{
	return preview_call(fcinfo, "menuca_backfill_dishes");
}

/*
 * menuca_plan_backfill(menu, source, target, group_column, dish_column): one
 * row for each row of the menu.
 */
Datum
menuca_plan_backfill(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Backfill	backfill = {.dry_run = true};
	Datum		next_step = CStringGetTextDatum(call_for_plan(fcinfo));

	open_backfill(&backfill, fcinfo, 1, 2);
	InitMaterializedSRF(fcinfo, 0);
	plan_backfill(&backfill);
	for (uint32 i = 0; i < backfill.plan->nrows; i++)
	{
		const MenuRow *row = &backfill.plan->rows[i];
		Datum		values[7];
		bool		nulls[7] = {0};

		CHECK_FOR_INTERRUPTS();
		values[0] = Int64GetDatum(row->legacy);
		nulls[0] = !row->has_legacy;
		values[1] = Int64GetDatum(row->legacy_restaurant);
		nulls[1] = !row->has_legacy_restaurant;
		values[2] = Int64GetDatum(row->restaurant);
		nulls[2] = !row->has_restaurant;
		values[3] = result_text(row->name, &nulls[3]);
		values[4] = Int64GetDatum(row->source_rows);
		values[5] = CStringGetTextDatum(dish_plan_outcome_name(row->outcome));
		values[6] = next_step;
		nulls[6] = row->outcome != DISH_INSERT;
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* The backfill of the same arguments; only those that are given are named. */
static char *
call_for_plan(FunctionCallInfo fcinfo)
{
	static const struct
	{
		const char *name;
		const char *value;
	}			texts[] = {{"target", "combo_items"}, {"group_column", "group"}, {"dish_column", "dish"}};
	StringInfoData arguments;

	initStringInfo(&arguments);
	for (int i = 0; i < 2; i++)
	{
		Oid			relid = argument_table_or_invalid(fcinfo, i, i == 0 ? "menu" : "source");

		if (OidIsValid(relid) && get_rel_name(relid))
			format_append(&arguments, ", ", "%s => %s", i == 0 ? "menu" : "source",
						  quote_literal_cstr(relation_quoted_name(relid)));
	}
	for (size_t i = 0; i < lengthof(texts); i++)
	{
		char	   *value = argument_text(fcinfo, (int) i + 2, texts[i].name);

		if (strcmp(value, texts[i].value) != 0)
			format_append(&arguments, ", ", "%s => %s", texts[i].name, quote_literal_cstr(value));
	}
	return migrate_call("SELECT * FROM menuca_backfill_dishes(%s);", arguments.data);
}

/*
 * Opens the tables that the arguments name.  The menu is the first argument;
 * source and target are the positions of these arguments, and the names of the
 * source's columns follow target.
 */
static void
open_backfill(Backfill *backfill, FunctionCallInfo fcinfo, int source, int target)
{
	backfill->target = target_open(NULL, argument_text(fcinfo, target, "target"), ACL_SELECT);
	open_dishes(backfill);
	backfill->source = open_source_of_any_kind(argument_table_or_invalid(fcinfo, source, "source"), fcinfo, target + 1);
	backfill->menu = dish_plan_open_menu(argument_table_or_invalid(fcinfo, 0, "menu"));
}

/*
 * Opens a source of lists if its column of dishes is a bytea, else one of
 * rows.
 */
static Source *
open_source_of_any_kind(Oid relid, FunctionCallInfo fcinfo, int columns)
{
	SourceColumns names = {
		.group = argument_text(fcinfo, columns, "group_column"),
		.dish = argument_text(fcinfo, columns + 1, "dish_column")
	};

	if (OidIsValid(relid))
	{
		AttrNumber	dish = column_find(relid, names.dish);

		if (dish != InvalidAttrNumber && column_type(relid, dish) == BYTEAOID)
			return source_open_lists(SOURCE_PHP_LISTS, relid, &names);
	}
	return source_open(relid, &names, false);
}

/* Opens the table of dishes and checks that it can hold new ones. */
static void
open_dishes(Backfill *backfill)
{
	Oid			relid;

	keyed_table_open(&backfill->table, backfill->target->schema,
					 backfill->target->dishes.bare_name,
					 backfill->dry_run ? ACL_SELECT : ACL_SELECT | ACL_INSERT);
	relid = backfill->table.oid;
	backfill->name = column_quoted(relid, column_require(relid, "name", InvalidOid));
	backfill->is_active = column_find(relid, "is_active");
	if (backfill->is_active == InvalidAttrNumber && !backfill->activate)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s has no column \"is_active\"", backfill->table.display_name),
				 errdetail("New dishes could not be inactive: customers would see them at once, without a price. Nothing was changed."),
				 errhint("ALTER TABLE %s ADD COLUMN is_active boolean NOT NULL DEFAULT true; or, if customers may see them, pass activate => true.",
						 backfill->table.name)));
	backfill_require_fillable(backfill);
}

static void
plan_backfill(Backfill *backfill)
{
	int32		typmod;

	(void) column_base_type(backfill->table.oid, column_require(backfill->table.oid, "name", InvalidOid), &typmod);
	backfill->plan = dish_plan_make(backfill->target, backfill->source, backfill->menu,
									typmod > VARHDRSZ ? typmod - VARHDRSZ : 0);
	backfill->visible = backfill_count_visible(backfill);
	backfill->refusals = list_concat(gate_repeated_keys(&backfill->table), judge_plan(backfill));
}

/*
 * The gate before the first row.  The menu also has dishes with the ids of
 * other things, but these belong to other restaurants than the source's
 * groups.
 */
static List *
judge_plan(const Backfill *backfill)
{
	const DishPlan *plan = backfill->plan;
	uint64		crossed = plan->outcomes[DISH_CROSS_RESTAURANT];
	uint64		found = plan->outcomes[DISH_INSERT] + crossed;
	Refusal    *refusal;

	if (format_percentage(crossed, found) <= backfill->max_cross_restaurant)
		return NIL;
	refusal = palloc0(sizeof(Refusal));
	refusal->sqlstate = ERRCODE_MENUCA_ID_SPACE;
	refusal->message = psprintf("%s of %s found in %s (%s) belong to other restaurants than the groups that use them",
								format_count(crossed), format_things(found, "dish id"),
								backfill->menu->display_name, format_pct(crossed, found));
	refusal->call = migrate_call("SELECT * FROM menuca_plan_backfill(%s) WHERE outcome = 'cross_restaurant';",
								 quote_literal_cstr(backfill->menu->name));
	refusal->hint = psprintf("They may not be dishes: V1 numbered ingredients separately, also from 1, so pass V1's menu. To see them: %s",
							 refusal->call);
	return list_make1(refusal);
}

/* A real run: locks, plans, applies the gate, inserts, and counts. */
static void
write_dishes(Backfill *backfill)
{
	Baseline   *baseline = baseline_begin(maintenance_work_mem / 4);

	run_require_rights();
	backup_gate_require(menuca_running_ticket >= 0);
	keyed_table_reserve(&backfill->table, false);
	keyed_table_lock(&backfill->table);

	query_begin_snapshot();
	plan_backfill(backfill);
	if (backfill->refusals == NIL)
		baseline_read(baseline, &backfill->table);
	query_end_snapshot();

	if (backfill->refusals)
		gate_raise(backfill->refusals, "refused",
				   psprintf("Nothing was written to %s: this gate comes before the first row.",
							backfill->table.display_name),
				   NULL);
	keyed_table_warn_foreign(&backfill->table);
	backfill_announce_plan(backfill);
	backfill->dishes_before = baseline->rows;
	begin_backfill_run(backfill, baseline);
	baseline_record(baseline, backfill->run_id);
	backfill_insert_dishes(backfill);
	finish_backfill_run(backfill);
	backfill_announce_end(backfill);
}

static void
begin_backfill_run(Backfill *backfill, const Baseline *baseline)
{
	RunStart	start = {
		.kind = "backfill_dishes",
		.target_schema = backfill->target->schema,
		.target = backfill->target->dishes.bare_name,
		.source = backfill->menu->name,
		.mode = "transaction",
		.engine = "executor",
		.parameters = backfill_parameters_json(backfill),
		.outcomes = backfill_outcomes_json(backfill->plan),
		.figures_before = backfill_figures_before_json(backfill, baseline->rows),
		.items_before = baseline->rows,
		.checksum_before = baseline->checksum
	};

	backfill->run_id = run_begin(&start);
}

/* Counts the dishes again, and closes the run. */
static void
finish_backfill_run(Backfill *backfill)
{
	RunEnd		end = {.status = "completed",.engine = "executor"};

	query_begin_snapshot();
	backfill->dishes_after = query_int8(psprintf("SELECT count(*) FROM %s", backfill->table.name), NULL);
	query_end_snapshot();

	if (backfill->dishes_before + backfill->inserted != backfill->dishes_after)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("the dishes do not add up: %s before + %s inserted, but %s after",
						format_count(backfill->dishes_before), format_count(backfill->inserted),
						format_count(backfill->dishes_after)),
				 errdetail("All that the run had written was undone; nothing was changed."),
				 errhint("A trigger on %s adds or deletes rows: look at its triggers.",
						 backfill->table.display_name)));
	if (backfill->visible != backfill_count_visible(backfill))
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("%s of the new dishes became visible to customers, not %s as planned",
						format_count(backfill->visible), format_count(backfill_count_visible(backfill))),
				 errdetail("All that the run had written was undone; nothing was changed."),
				 errhint("A trigger on %s changes is_active: look at its triggers.",
						 backfill->table.display_name)));

	end.figures_after = backfill_figures_after_json(backfill);
	end.items_after = backfill->dishes_after;
	run_finish(backfill->run_id, &end);
}
