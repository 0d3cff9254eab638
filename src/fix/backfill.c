/*-------------------------------------------------------------------------
 *
 * backfill.c
 *	  Bringing over the dishes that a source names and the target lacks.
 *
 * menuca_plan_backfill(menu, source, ...)	what would become of each row
 * menuca_backfill_dishes(menu, dry_run, ...)	doing it, in one transaction
 *
 * The story is a fix's: plan, gate, ledger, write, count.  The dishes come
 * from V1's staged menu, are inactive, and have no course and no price: what
 * the menu does not say is not made up.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "backup/backup_gate.h"
#include "base/arguments.h"
#include "base/column.h"
#include "base/format.h"
#include "base/json.h"
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/sqlstate.h"
#include "ledger/baseline.h"
#include "ledger/environment.h"
#include "ledger/run_ledger.h"
#include "plan/dish_plan.h"
#include "plan/gate.h"
#include "source/source_arguments.h"
#include "write/new_rows.h"

PG_FUNCTION_INFO_V1(menuca_plan_backfill);
PG_FUNCTION_INFO_V1(menuca_backfill_dishes);

/* Dishes that one statement inserts. */
#define BATCH_SIZE 10000

/* What is written into a column of a new dish besides its own values. */
typedef struct DishColumn
{
	const char *name;
	const char *value;			/* an expression over v */
	enum
	{
		FILL_ALWAYS,
		FILL_WITHOUT_DEFAULT,	/* only when the column has none */
		FILL_OVER_DEFAULT		/* NULL, only when it has one and may be NULL */
	}			when;
} DishColumn;

typedef struct Backfill
{
	Target	   *target;
	KeyedTable	table;			/* dishes */
	Source	   *source;
	Menu	   *menu;
	bool		dry_run;
	bool		activate;
	double		max_cross_restaurant;
	char	   *name;			/* columns, quoted */
	AttrNumber	is_active;		/* 0: it has none */
	DishPlan   *plan;
	List	   *refusals;
	int64		run_id;
	uint64		dishes_before;
	uint64		dishes_after;
	uint64		inserted;
	uint64		visible;		/* new dishes that customers see */
} Backfill;

static void open_backfill(Backfill *backfill, FunctionCallInfo fcinfo, int source, int target);
static Source *open_any_source(Oid relid, FunctionCallInfo fcinfo, int columns);
static void open_dishes(Backfill *backfill);
static void require_fillable(Backfill *backfill);
static void plan_and_judge(Backfill *backfill);
static List *judge(const Backfill *backfill);
static bool is_visible(const Backfill *backfill, const MenuRow *row);
static uint64 count_visible(const Backfill *backfill);
static void write_dishes(Backfill *backfill);
static void open_run(Backfill *backfill, const Baseline *baseline);
static void insert_dishes(Backfill *backfill);
static void insert_batch(Backfill *backfill, const MenuRow **dishes, int n, int batch);
static char *insert_statement(const Backfill *backfill);
static void add_dish_arrays(QueryArgs *args, const Backfill *backfill,
							const MenuRow **dishes, int n);
static void conclude(Backfill *backfill);
static void announce_plan(const Backfill *backfill);
static char *reported_text(const DishPlan *plan);
static void announce_end(const Backfill *backfill);
static char *outcomes_json(const DishPlan *plan);
static char *parameters_json(const Backfill *backfill);
static char *figures_json(uint64 dishes, uint64 visible);
static Datum backfill_result(FunctionCallInfo fcinfo, const Backfill *backfill,
							 TimestampTz start);


/*
 * menuca_backfill_dishes(menu, dry_run, source, activate,
 * max_cross_restaurant_pct, target, group_column, dish_column): one row.  In earnest,
 * raises an error, and has written nothing, when the gate refuses.
 */
Datum
menuca_backfill_dishes(PG_FUNCTION_ARGS)
{
	TimestampTz start = GetCurrentTimestamp();
	Backfill	backfill = {0};

	backfill.dry_run = argument_bool(fcinfo, 1, "dry_run");
	backfill.activate = argument_bool(fcinfo, 3, "activate");
	backfill.max_cross_restaurant = argument_numeric(fcinfo, 4, "max_cross_restaurant_pct");
	gate_check_percentage("max_cross_restaurant_pct", backfill.max_cross_restaurant);
	if (!backfill.dry_run)
	{
		query_require_writable("menuca_backfill_dishes(dry_run := false)");
		query_require_read_committed("menuca_backfill_dishes(dry_run := false)");
	}

	open_backfill(&backfill, fcinfo, 2, 5);
	if (backfill.dry_run)
	{
		plan_and_judge(&backfill);
		backfill.dishes_before = query_int8(psprintf("SELECT count(*) FROM %s", backfill.table.name), NULL);
		backfill.dishes_after = backfill.dishes_before + backfill.plan->outcomes[DISH_INSERT];
		announce_plan(&backfill);
	}
	else
		write_dishes(&backfill);
	return backfill_result(fcinfo, &backfill, start);
}

/*
 * menuca_plan_backfill(menu, source, target, group_column, dish_column): a row per row
 * of the menu.
 */
Datum
menuca_plan_backfill(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Backfill	backfill = {.dry_run = true};

	open_backfill(&backfill, fcinfo, 1, 2);
	InitMaterializedSRF(fcinfo, 0);
	plan_and_judge(&backfill);
	for (uint32 i = 0; i < backfill.plan->nrows; i++)
	{
		const MenuRow *row = &backfill.plan->rows[i];
		Datum		values[6];
		bool		nulls[6] = {0};

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
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * The tables that the arguments name: the menu is the first, the source that
 * at the given place; target and the source's columns stand together.
 */
static void
open_backfill(Backfill *backfill, FunctionCallInfo fcinfo, int source, int target)
{
	backfill->target = target_open(NULL, argument_text(fcinfo, target, "target"), ACL_SELECT);
	open_dishes(backfill);
	backfill->source = open_any_source(argument_oid_or_invalid(fcinfo, source), fcinfo, target + 1);
	backfill->menu = dish_plan_open_menu(argument_oid_or_invalid(fcinfo, 0));
}

/* A table of rows, or one of lists when its column of dishes is a bytea. */
static Source *
open_any_source(Oid relid, FunctionCallInfo fcinfo, int columns)
{
	SourceColumns names = source_list_columns(fcinfo, columns);

	if (OidIsValid(relid))
	{
		AttrNumber	dish = column_find(relid, names.dish);

		if (dish != InvalidAttrNumber && get_atttype(relid, dish) == BYTEAOID)
			return source_open_lists(SOURCE_PHP_LISTS, relid, &names);
	}
	return source_open(relid, &names, false);
}

/* The table of dishes, and what it must have. */
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
				 errhint("ALTER TABLE %s ADD COLUMN is_active boolean NOT NULL DEFAULT true; or, if they are to be seen, activate => true.",
						 backfill->table.name)));
	require_fillable(backfill);
}

/* What every new dish gets, as far as the table has such a column. */
static const DishColumn dish_columns[] = {
	{"source_system", "'v1'", FILL_ALWAYS},
	{"source_id", "v.legacy", FILL_ALWAYS},
	{"is_active", "v.active", FILL_ALWAYS},
	{"created_at", "pg_catalog.now()", FILL_WITHOUT_DEFAULT},
	{"uuid", "pg_catalog.gen_random_uuid()", FILL_WITHOUT_DEFAULT},
	{"course_id", "NULL", FILL_OVER_DEFAULT},
	{"base_price", "NULL", FILL_OVER_DEFAULT},
	{"prices", "NULL", FILL_OVER_DEFAULT},
};

/* Raises an error when a column wants a value that nobody knows. */
static void
require_fillable(Backfill *backfill)
{
	QueryArgs	args = {0};
	char	   *columns;

	query_arg(&args, OIDOID, ObjectIdGetDatum(backfill->table.oid), false);
	query_arg(&args, INT2OID, Int16GetDatum(backfill->target->dishes.restaurant_attnum), false);
	query_arg(&args, INT2OID, Int16GetDatum(backfill->target->dishes.legacy_v1_attnum), false);
	columns = query_text("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)"
						 " FROM pg_attribute"
						 " WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND attnotnull"
						 " AND NOT atthasdef AND attidentity = '' AND attgenerated = ''"
						 " AND attnum NOT IN (SELECT unnest(indkey) FROM pg_index"
						 "  WHERE indrelid = $1 AND indisprimary)"
						 " AND attnum NOT IN ($2, $3)"
						 " AND attname NOT IN ('name', 'source_system', 'source_id', 'is_active', 'is_combo',"
						 "  'created_at', 'uuid')",
						 &args);
	if (columns)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s wants values that a backfill does not know: %s",
						backfill->table.display_name, columns),
				 errdetail("These columns are NOT NULL and have no default; a course or a price is never made up. Nothing was changed."),
				 errhint("ALTER TABLE %s ALTER COLUMN ... DROP NOT NULL; or give the column a default.",
						 backfill->table.name)));
}

static void
plan_and_judge(Backfill *backfill)
{
	Oid			type;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(backfill->table.oid, column_find(backfill->table.oid, "name"),
						  &type, &typmod, &collation);
	backfill->plan = dish_plan_make(backfill->target, backfill->source, backfill->menu,
									typmod > VARHDRSZ ? typmod - VARHDRSZ : 0);
	backfill->visible = count_visible(backfill);
	backfill->refusals = judge(backfill);
}

/*
 * The gate before.  Ids of another kind of things are found in the menu as
 * well, but they lead to other restaurants than the source's groups.
 */
static List *
judge(const Backfill *backfill)
{
	const DishPlan *plan = backfill->plan;
	uint64		crossed = plan->outcomes[DISH_CROSS_RESTAURANT];
	uint64		found = plan->outcomes[DISH_INSERT] + crossed;
	Refusal    *refusal;

	if (format_percentage(crossed, found) <= backfill->max_cross_restaurant)
		return NIL;
	refusal = palloc(sizeof(Refusal));
	refusal->sqlstate = ERRCODE_MENUCA_ID_SPACE;
	refusal->message = psprintf("%s of %s found in %s (%s) are of other restaurants than the groups that use them",
								format_count(crossed), format_things(found, "dish id"),
								backfill->menu->display_name, format_pct(crossed, found));
	refusal->hint = psprintf("Are these dishes at all? V1 numbers ingredients apart, from 1 as well: name V1's menu. See SELECT * FROM menuca_plan_backfill(%s) WHERE outcome = 'cross_restaurant';",
							 quote_literal_cstr(backfill->menu->name));
	return list_make1(refusal);
}

/* An active dish is what V1's menu showed; without that column, all are. */
static bool
is_visible(const Backfill *backfill, const MenuRow *row)
{
	return backfill->activate &&
		(backfill->menu->show_in_menu_attnum == InvalidAttrNumber || row->shown == ID_FLAG_YES);
}

static uint64
count_visible(const Backfill *backfill)
{
	uint64		visible = 0;

	for (uint32 i = 0; i < backfill->plan->nrows; i++)
	{
		const MenuRow *row = &backfill->plan->rows[i];

		visible += row->outcome == DISH_INSERT &&
			(backfill->is_active == InvalidAttrNumber || is_visible(backfill, row));
	}
	return visible;
}

/* In earnest: locks, plans, asks the gate, records, inserts, counts. */
static void
write_dishes(Backfill *backfill)
{
	Baseline   *baseline = baseline_begin(maintenance_work_mem / 4);

	run_require_rights();
	backup_gate_require(menuca_running_ticket >= 0);
	keyed_table_reserve(&backfill->table, false);
	keyed_table_lock(&backfill->table);

	query_begin_snapshot();
	plan_and_judge(backfill);
	baseline_read(baseline, &backfill->table);
	query_end_snapshot();

	if (backfill->refusals)
		gate_raise(backfill->refusals, "refused",
				   psprintf("Nothing was written to %s: this gate stands before the first row.",
							backfill->table.display_name),
				   NULL);
	announce_plan(backfill);
	backfill->dishes_before = baseline->rows;
	open_run(backfill, baseline);
	baseline_record(baseline, backfill->run_id);
	insert_dishes(backfill);
	conclude(backfill);
	announce_end(backfill);
}

static void
open_run(Backfill *backfill, const Baseline *baseline)
{
	RunStart	start = {
		.kind = "backfill_dishes",
		.target_schema = backfill->target->schema,
		.target = backfill->target->dishes.bare_name,
		.source = backfill->menu->name,
		.mode = "transaction",
		.engine = "executor",
		.parameters = parameters_json(backfill),
		.outcomes = outcomes_json(backfill->plan),
		.figures_before = figures_json(baseline->rows, 0),
		.items_before = baseline->rows,
		.checksum_before = baseline->checksum
	};

	backfill->run_id = run_begin(&start);
}

static void
insert_dishes(Backfill *backfill)
{
	const MenuRow **dishes = palloc(sizeof(MenuRow *) * BATCH_SIZE);
	int			batch = 0;
	int			n = 0;

	backfill->visible = 0;
	for (uint32 i = 0; i < backfill->plan->nrows; i++)
	{
		if (backfill->plan->rows[i].outcome != DISH_INSERT)
			continue;
		dishes[n++] = &backfill->plan->rows[i];
		if (n == BATCH_SIZE)
		{
			insert_batch(backfill, dishes, n, ++batch);
			n = 0;
		}
	}
	if (n > 0)
		insert_batch(backfill, dishes, n, ++batch);
	pfree(dishes);
}

static void
insert_batch(Backfill *backfill, const MenuRow **dishes, int n, int batch)
{
	QueryArgs	args = {0};
	KeyedRow   *rows = palloc(sizeof(KeyedRow) * n);
	int64	   *keys = palloc(sizeof(int64) * n);

	add_dish_arrays(&args, backfill, dishes, n);
	new_rows_insert(&backfill->table, insert_statement(backfill), &args, "new row", rows, n);
	new_rows_sort(rows, n);
	run_add_rows(backfill->run_id, RUN_INSERTED, batch, rows, n);
	backfill->inserted += n;

	/* What customers see is what is there now, whatever was asked for. */
	if (backfill->is_active == InvalidAttrNumber)
		backfill->visible += n;
	else
	{
		for (int i = 0; i < n; i++)
			keys[i] = rows[i].key;
		args.count = 0;
		query_arg(&args, INT8ARRAYOID, query_int8_array(keys, NULL, n), false);
		query_begin_snapshot();
		backfill->visible += query_int8(psprintf("SELECT count(*) FROM %s d WHERE d.%s = ANY ($1)"
												 " AND d.is_active IS NOT FALSE",
												 backfill->table.name, backfill->table.id), &args);
		query_end_snapshot();
	}
	pfree(rows);
	pfree(keys);
}

/*
 * Columns that the table has are filled, others left alone.  A NULL is said
 * explicitly where a default would make up a price.
 */
static char *
insert_statement(const Backfill *backfill)
{
	Oid			relid = backfill->table.oid;
	const ParentTable *dishes = &backfill->target->dishes;
	StringInfoData columns;
	StringInfoData values;

	initStringInfo(&columns);
	initStringInfo(&values);
	appendStringInfo(&columns, "%s, %s, %s", dishes->restaurant,
					 column_quoted(relid, dishes->legacy_v1_attnum), backfill->name);
	appendStringInfo(&values, "v.restaurant::%s, v.legacy::%s, v.name::%s",
					 column_type_name(relid, dishes->restaurant_attnum),
					 column_type_name(relid, dishes->legacy_v1_attnum),
					 column_type_name(relid, column_find(relid, "name")));
	if (!backfill->table.id_has_default)
	{
		appendStringInfo(&columns, ", %s", backfill->table.id);
		appendStringInfo(&values, ", %s", new_rows_next_key(&backfill->table));
	}

	for (size_t i = 0; i < lengthof(dish_columns); i++)
	{
		const DishColumn *column = &dish_columns[i];
		AttrNumber	attnum = column_find(relid, column->name);

		if (attnum == InvalidAttrNumber || column_is_generated(relid, attnum))
			continue;
		if (column->when == FILL_WITHOUT_DEFAULT && column_has_default(relid, attnum))
			continue;
		if (column->when == FILL_OVER_DEFAULT &&
			(!column_has_default(relid, attnum) || column_is_not_null(relid, attnum)))
			continue;
		appendStringInfo(&columns, ", %s", quote_identifier(column->name));
		appendStringInfo(&values, ", (%s)::%s", column->value, column_type_name(relid, attnum));
	}

	/* What the menu does not tell is NULL or, where that may not be, no. */
	if (dishes->is_combo_attnum != InvalidAttrNumber &&
		!column_is_generated(relid, dishes->is_combo_attnum))
	{
		appendStringInfoString(&columns, ", is_combo");
		appendStringInfo(&values, column_is_not_null(relid, dishes->is_combo_attnum) ?
						 ", COALESCE(v.combo, false)::%s" : ", v.combo::%s",
						 column_type_name(relid, dishes->is_combo_attnum));
	}

	return psprintf("INSERT INTO %s AS i (%s) SELECT %s FROM ROWS FROM ("
					"pg_catalog.unnest($1::pg_catalog.int8[]), pg_catalog.unnest($2::pg_catalog.int8[]),"
					" pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.bool[]),"
					" pg_catalog.unnest($5::pg_catalog.bool[]))"
					" WITH ORDINALITY AS v(legacy, restaurant, name, active, combo, number)"
					" ORDER BY v.number RETURNING i.%s::pg_catalog.int8",
					backfill->table.name, columns.data, values.data, backfill->table.id);
}

/* $1 to $5 of the statement. */
static void
add_dish_arrays(QueryArgs *args, const Backfill *backfill, const MenuRow **dishes, int n)
{
	int64	   *legacy = palloc(sizeof(int64) * n);
	int64	   *restaurants = palloc(sizeof(int64) * n);
	Datum	   *names = palloc(sizeof(Datum) * n);
	Datum	   *active = palloc(sizeof(Datum) * n);
	Datum	   *combo = palloc(sizeof(Datum) * n);
	bool	   *combo_unknown = palloc(sizeof(bool) * n);
	int			lower = 1;

	for (int i = 0; i < n; i++)
	{
		legacy[i] = dishes[i]->legacy;
		restaurants[i] = dishes[i]->restaurant;
		names[i] = CStringGetTextDatum(dishes[i]->name);
		active[i] = BoolGetDatum(is_visible(backfill, dishes[i]));
		combo[i] = BoolGetDatum(dishes[i]->is_combo == ID_FLAG_YES);
		combo_unknown[i] = dishes[i]->is_combo == ID_FLAG_UNKNOWN;
	}
	query_arg(args, INT8ARRAYOID, query_int8_array(legacy, NULL, n), false);
	query_arg(args, INT8ARRAYOID, query_int8_array(restaurants, NULL, n), false);
	query_arg(args, TEXTARRAYOID,
			  PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT)), false);
	query_arg(args, BOOLARRAYOID,
			  PointerGetDatum(construct_array(active, n, BOOLOID, 1, true, TYPALIGN_CHAR)), false);
	query_arg(args, BOOLARRAYOID,
			  PointerGetDatum(construct_md_array(combo, combo_unknown, 1, &n, &lower,
												 BOOLOID, 1, true, TYPALIGN_CHAR)), false);
}

/* Counts anew, and closes the run. */
static void
conclude(Backfill *backfill)
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
	if (backfill->visible != count_visible(backfill))
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("%s of the new dishes became visible to customers, not %s as planned",
						format_count(backfill->visible), format_count(count_visible(backfill))),
				 errdetail("All that the run had written was undone; nothing was changed."),
				 errhint("A trigger on %s changes is_active: look at its triggers.",
						 backfill->table.display_name)));

	end.figures_after = figures_json(backfill->dishes_after, backfill->visible);
	end.items_after = backfill->dishes_after;
	run_finish(backfill->run_id, &end);
}

static void
announce_plan(const Backfill *backfill)
{
	const DishPlan *plan = backfill->plan;
	uint64		insert = plan->outcomes[DISH_INSERT];
	ListCell   *lc;

	ereport(NOTICE,
			(errmsg("%s: of %s that the source names and the target lacks, %s to be brought over from %s%s",
					backfill->dry_run ? "dry run" : "plan",
					format_things(plan->missing, "dish id"), format_count(insert),
					backfill->menu->display_name,
					backfill->visible == 0 ? ", inactive" : ""),
			 errdetail("Not in that menu: %s. In it, but not brought over: %s. Visible to customers then: %s more than now. Source rows that could be mapped then: %s more. Dish coverage: %s now, %s afterwards.",
					   format_count(plan->not_in_menu), reported_text(plan),
					   format_count(backfill->visible), format_count(plan->rows_gained),
					   format_pct(plan->dishes.covered, plan->dishes.ids),
					   format_pct(plan->dishes.covered + insert, plan->dishes.ids))));
	foreach(lc, gate_messages(backfill->refusals))
		ereport(NOTICE,
				(errmsg("a real run would be refused: %s", (char *) lfirst(lc))));
}

/* "3 blank_name, 1 unknown_restaurant"; what nobody asked for is left away. */
static char *
reported_text(const DishPlan *plan)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < DISH_OUTCOME_COUNT; i++)
	{
		if (i == DISH_INSERT || i == DISH_ALREADY_PRESENT || i == DISH_NOT_REFERENCED ||
			plan->outcomes[i] == 0)
			continue;
		appendStringInfo(&text, "%s%s %s", text.len > 0 ? ", " : "",
						 format_count(plan->outcomes[i]), dish_plan_outcome_name((DishOutcome) i));
	}
	return text.len > 0 ? text.data : "none";
}

static void
announce_end(const Backfill *backfill)
{
	ereport(NOTICE,
			(errmsg("run %lld is complete: %s before + %s inserted = %s after",
					(long long) backfill->run_id, format_count(backfill->dishes_before),
					format_count(backfill->inserted), format_count(backfill->dishes_after)),
			 errdetail("Visible to customers: %s more than before.", format_count(backfill->visible)),
			 backfill->inserted == 0 ? 0 :
			 errhint("Now the source's rows can be mapped: SELECT * FROM menuca_fix_combos(); to undo this run, before that: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
					 (long long) backfill->run_id)));
}

static char *
outcomes_json(const DishPlan *plan)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	for (int i = 0; i < DISH_OUTCOME_COUNT; i++)
		json_count(&buf, dish_plan_outcome_name((DishOutcome) i), plan->outcomes[i]);
	json_end(&buf);
	return buf.data;
}

/* The menu is the run's source; what named the dishes is a parameter. */
static char *
parameters_json(const Backfill *backfill)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_text(&buf, "source", backfill->source->name);
	json_text(&buf, "group_column", backfill->source->columns.group);
	json_text(&buf, "dish_column", backfill->source->columns.dish);
	json_raw(&buf, "activate", backfill->activate ? "true" : "false");
	json_raw(&buf, "max_cross_restaurant_pct", psprintf("%.17g", backfill->max_cross_restaurant));
	json_end(&buf);
	return buf.data;
}

static char *
figures_json(uint64 dishes, uint64 visible)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_count(&buf, "dishes", dishes);
	json_count(&buf, "newly_visible", visible);
	json_end(&buf);
	return buf.data;
}

static Datum
backfill_result(FunctionCallInfo fcinfo, const Backfill *backfill, TimestampTz start)
{
	const DishPlan *plan = backfill->plan;
	TupleDesc	desc;
	Datum		values[27];
	bool		nulls[27] = {0};
	int			i = 0;

	desc = result_row_type(fcinfo, lengthof(values));
	nulls[i] = backfill->dry_run;
	values[i++] = Int64GetDatum(backfill->run_id);
	values[i++] = BoolGetDatum(backfill->dry_run);
	values[i++] = CStringGetTextDatum(!backfill->dry_run ? "completed" :
									  backfill->refusals ? "refused" : "planned");
	values[i++] = Int64GetDatum(plan->nrows);
	for (int outcome = 0; outcome < DISH_OUTCOME_COUNT; outcome++)
		values[i++] = Int64GetDatum(plan->outcomes[outcome]);
	values[i++] = Int64GetDatum(plan->missing);
	values[i++] = Int64GetDatum(plan->not_in_menu);
	values[i++] = Int64GetDatum(backfill->inserted);
	values[i++] = Int64GetDatum(backfill->visible);
	values[i++] = Int64GetDatum(backfill->dishes_before);
	values[i++] = Int64GetDatum(backfill->dishes_after);
	values[i++] = Int64GetDatum(plan->rows_gained);
	values[i] = result_percent(plan->dishes.covered, plan->dishes.ids, &nulls[i]);
	i++;
	values[i] = result_percent(plan->dishes.covered + plan->outcomes[DISH_INSERT],
								plan->dishes.ids, &nulls[i]);
	i++;
	values[i++] = result_elapsed(start);
	values[i++] = result_text_array(gate_messages(backfill->refusals));
	Assert(i == lengthof(values));

	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}
