/*-------------------------------------------------------------------------
 *
 * measure_queries.c
 *	  Measuring the platform's menu and combo queries: see measure_queries.h.
 *
 * menuca_measure_queries(restaurant_id, executions)		only reads
 * menuca_record_queries(label, restaurant_id, executions)
 *								records the result, too
 *
 * The menu is what a customer sees first: a restaurant's active dishes with
 * their courses.  The combos are its groups with the dishes that they offer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "optimizer/optimizer.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/column.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/query.h"
#include "base/query_plan.h"
#include "base/relation.h"
#include "base/renamed_column.h"
#include "base/results.h"
#include "base/settings.h"
#include "index/measure_queries.h"
#include "target/keyed_table.h"

PG_FUNCTION_INFO_V1(menuca_measure_queries);
PG_FUNCTION_INFO_V1(menuca_record_queries);

/* Keeps a typo in the argument from occupying the server for hours. */
#define MAX_EXECUTIONS 1000

/*
 * A table is small when reading all of it costs no more than reading this many
 * pages at random: an index lookup reads a few pages of the index, and then a
 * page for each row.
 */
#define SMALL_TABLE_RANDOM_PAGES 8

/* The measurement of one query, in attempts. */
typedef struct QueryMeasurement
{
	const char *schema;
	int			executions;
	MeasuredQuery *query;		/* the result */
} QueryMeasurement;

static int64 optional_restaurant(FunctionCallInfo fcinfo, int place);
static void measure_query(QueryMeasurement *measurement, void (*write) (void *arg));
static void set_query_error(MeasuredQuery *query, const ErrorData *error);
static bool is_missing_object(const ErrorData *error);
static void find_largest_menu(void *arg);
static void find_most_combos(void *arg);
static void write_menu(void *arg);
static void write_combos(void *arg);
static char *restaurant_column(Oid table);
static char *order_column(const char *alias, Oid table);
static void time_query(void *arg);
static void judge_measurement(MeasuredQuery *query);
static IndexUse judge_index_use(MeasuredQuery *query);
static bool is_small(Oid relation);
static bool is_read_sequentially(const List *nodes, Oid relation);
static void add_query_detail(MeasuredQuery *query, char *detail);
static void return_query(ReturnSetInfo *rsinfo, const MeasuredQuery *query);
static void record_query(const char *label, const MeasuredQuery *query);

static const char *const index_use_names[] = {
	"index", "small tables", "planner_choice", "missing"
};


/* menuca_measure_queries(restaurant_id, executions): a row per query. */
Datum
menuca_measure_queries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int64		restaurant = optional_restaurant(fcinfo, 0);
	int			executions = measure_executions_argument(fcinfo, 1);
	MeasuredQuery queries[MEASURED_QUERIES];

	InitMaterializedSRF(fcinfo, 0);
	measure_queries(menuca_target_schema, restaurant, executions, queries);
	for (int i = 0; i < MEASURED_QUERIES; i++)
		return_query(rsinfo, &queries[i]);
	return (Datum) 0;
}

/* menuca_record_queries(label, restaurant_id, executions): the same. */
Datum
menuca_record_queries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *label = argument_text_not_blank(fcinfo, 0, "label");
	int64		restaurant = optional_restaurant(fcinfo, 1);
	int			executions = measure_executions_argument(fcinfo, 2);
	MeasuredQuery queries[MEASURED_QUERIES];

	query_require_writable("menuca_record_queries()");
	InitMaterializedSRF(fcinfo, 0);
	measure_queries(menuca_target_schema, restaurant, executions, queries);
	for (int i = 0; i < MEASURED_QUERIES; i++)
	{
		if (queries[i].measured)
			record_query(label, &queries[i]);
		return_query(rsinfo, &queries[i]);
	}
	return (Datum) 0;
}

int
measure_executions_argument(FunctionCallInfo fcinfo, int place)
{
	int			executions = argument_int4(fcinfo, place, "executions");

	if (executions < 1 || executions > MAX_EXECUTIONS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("executions must be between 1 and %d", MAX_EXECUTIONS),
				 errdetail("Each query is executed once more than that. Nothing was changed."),
				 errhint("Omit it to use 5.")));
	return executions;
}

static int64
optional_restaurant(FunctionCallInfo fcinfo, int place)
{
	return PG_ARGISNULL(place) ? 0 : PG_GETARG_INT64(place);
}

void
measure_queries(const char *schema, int64 restaurant, int executions,
				MeasuredQuery *queries)
{
	static const struct
	{
		const char *name;
		void		(*find) (void *arg);
		void		(*write) (void *arg);
	}			kinds[MEASURED_QUERIES] = {
		{"menu", find_largest_menu, write_menu},
		{"combos", find_most_combos, write_combos}
	};

	for (int i = 0; i < MEASURED_QUERIES; i++)
	{
		QueryMeasurement measurement = {.schema = schema,.executions = executions,.query = &queries[i]};
		ErrorData  *error;

		memset(&queries[i], 0, sizeof(MeasuredQuery));
		queries[i].name = kinds[i].name;
		queries[i].restaurant = restaurant;
		error = restaurant == 0 ? attempt(kinds[i].find, &measurement) : NULL;
		if (error)
			set_query_error(&queries[i], error);
		else
			measure_query(&measurement, kinds[i].write);
	}
}

/* write: sets the query's statement. */
static void
measure_query(QueryMeasurement *measurement, void (*write) (void *arg))
{
	MeasuredQuery *query = measurement->query;
	ErrorData  *error = attempt(write, measurement);

	if (error)
	{
		set_query_error(query, error);
		return;
	}
	error = attempt(time_query, measurement);
	if (error)
	{
		query->measured = false;
		query->status = CHECK_ERROR;
		add_query_detail(query, error->message);
		return;
	}
	judge_measurement(query);
}

/* The statement could not be written. */
static void
set_query_error(MeasuredQuery *query, const ErrorData *error)
{
	query->status = is_missing_object(error) ? CHECK_SKIP : CHECK_ERROR;
	add_query_detail(query, error->message);
}

/* Without the table or column, there is nothing to measure. */
static bool
is_missing_object(const ErrorData *error)
{
	switch (error->sqlerrcode)
	{
		case ERRCODE_UNDEFINED_SCHEMA:
		case ERRCODE_UNDEFINED_TABLE:
		case ERRCODE_UNDEFINED_COLUMN:
		case ERRCODE_WRONG_OBJECT_TYPE:
			return true;
		default:
			return false;
	}
}

/* The restaurant with the longest menu. */
static void
find_largest_menu(void *arg)
{
	QueryMeasurement *measurement = arg;
	Oid			dishes = target_table_oid(measurement->schema, "dishes");

	(void) column_require(dishes, "is_active", InvalidOid);
	measurement->query->restaurant =
		query_int8(psprintf("SELECT %1$s::int8 FROM %2$s WHERE is_active AND %1$s IS NOT NULL"
							" GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
							restaurant_column(dishes), relation_quoted_name(dishes)), NULL);
}

/*
 * The restaurant with the most items, or where there are no items yet, with the
 * most groups.
 */
static void
find_most_combos(void *arg)
{
	QueryMeasurement *measurement = arg;
	Oid			groups = target_table_oid(measurement->schema, "combo_groups");
	Oid			items = target_table_oid(measurement->schema, "combo_items");

	(void) column_require(groups, "id", InvalidOid);
	measurement->query->restaurant =
		query_int8(psprintf("SELECT g.%1$s::int8 FROM %2$s g LEFT JOIN"
							" (SELECT %3$s AS id, count(*) AS n FROM %4$s GROUP BY 1) i ON i.id = g.id"
							" WHERE g.%1$s IS NOT NULL%5$s"
							" GROUP BY 1 ORDER BY coalesce(sum(i.n), 0) DESC, count(*) DESC, 1 LIMIT 1",
							restaurant_column(groups), relation_quoted_name(groups),
							column_quoted(items, column_require(items, "combo_group_id", groups)),
							relation_quoted_name(items),
							relation_has_column(groups, "is_active") ? " AND g.is_active" : ""), NULL);
}

static void
write_menu(void *arg)
{
	QueryMeasurement *measurement = arg;
	Oid			dishes = target_table_oid(measurement->schema, "dishes");
	Oid			courses = target_table_oid(measurement->schema, "courses");

	(void) column_require(dishes, "id", InvalidOid);
	(void) column_require(dishes, "is_active", InvalidOid);
	(void) column_require(courses, "id", InvalidOid);
	(void) column_require(courses, "name", InvalidOid);
	measurement->query->statement =
		psprintf("SELECT d.*, c.name AS course FROM %s d LEFT JOIN %s c ON c.id = d.%s"
				 " WHERE d.%s = " INT64_FORMAT " AND d.is_active"
				 " ORDER BY %s%sd.id LIMIT 100",
				 relation_quoted_name(dishes), relation_quoted_name(courses),
				 column_quoted(dishes, column_require(dishes, "course_id", courses)),
				 restaurant_column(dishes), measurement->query->restaurant,
				 order_column("c", courses), order_column("d", dishes));
}

static void
write_combos(void *arg)
{
	QueryMeasurement *measurement = arg;
	Oid			groups = target_table_oid(measurement->schema, "combo_groups");
	Oid			items = target_table_oid(measurement->schema, "combo_items");
	Oid			dishes = target_table_oid(measurement->schema, "dishes");

	(void) column_require(groups, "id", InvalidOid);
	(void) column_require(dishes, "id", InvalidOid);
	(void) column_require(dishes, "name", InvalidOid);
	measurement->query->statement =
		psprintf("SELECT g.*, i.*, d.name AS dish FROM %s g LEFT JOIN %s i ON i.%s = g.id"
				 " LEFT JOIN %s d ON d.id = i.%s"
				 " WHERE g.%s = " INT64_FORMAT "%s"
				 " ORDER BY %sg.id, %sd.id",
				 relation_quoted_name(groups), relation_quoted_name(items),
				 column_quoted(items, column_require(items, "combo_group_id", groups)),
				 relation_quoted_name(dishes),
				 column_quoted(items, column_require(items, "dish_id", dishes)),
				 restaurant_column(groups), measurement->query->restaurant,
				 relation_has_column(groups, "is_active") ? " AND g.is_active" : "",
				 order_column("g", groups), order_column("i", items));
}

/* The column with the restaurant, which may have been renamed, quoted. */
static char *
restaurant_column(Oid table)
{
	return column_quoted(table, renamed_column_require(table, "restaurant_id"));
}

/* Rows are sorted by their position first, if the table has positions. */
static char *
order_column(const char *alias, Oid table)
{
	return relation_has_column(table, "display_order") ? psprintf("%s.display_order, ", alias) : "";
}

static void
time_query(void *arg)
{
	QueryMeasurement *measurement = arg;
	MeasuredQuery *query = measurement->query;

	query_timing_take(query->statement, measurement->executions, &query->timing);
	query->use = judge_index_use(query);
	query->measured = true;
}

static void
judge_measurement(MeasuredQuery *query)
{
	if (query->timing.rows == 0)
	{
		query->measured = false;
		query->status = CHECK_SKIP;
		query->detail = query->restaurant == 0 ? psprintf("no restaurant has %s", strcmp(query->name, "menu") == 0 ?
														  "an active dish" : "an active combo group") :
			psprintf("the query returns no row for restaurant " INT64_FORMAT, query->restaurant);
		return;
	}
	if (query->use == USE_MISSING || query->timing.planning >= menuca_max_planning_time)
		query->status = CHECK_WARN;
	if (query->timing.planning >= menuca_max_planning_time)
		add_query_detail(query, psprintf("planning takes %g ms or more", menuca_max_planning_time));
	if (query->timing.median >= menuca_max_query_time)
	{
		query->status = CHECK_FAIL;
		add_query_detail(query, psprintf("it takes %g ms or more", menuca_max_query_time));
	}
}

/*
 * Why tables are read sequentially.  That is right for small tables, and where
 * the planner has an index but expects it to be slower.
 */
static IndexUse
judge_index_use(MeasuredQuery *query)
{
	IndexUse	use = USE_INDEXES;
	List	   *by_index = NIL;
	ListCell   *lc;

	foreach(lc, query->timing.nodes)
	{
		const PlanNode *node = lfirst(lc);
		IndexUse	node_use;

		if (!node->sequential)
			continue;
		if (by_index == NIL)
			by_index = query_timing_nodes_without_seqscan(query->statement);
		node_use = is_small(node->relation) ? USE_SMALL_TABLES :
			is_read_sequentially(by_index, node->relation) ? USE_MISSING : USE_CHOICE;
		add_query_detail(query, psprintf("%s is read sequentially, because %s",
										 relation_display_name(node->relation),
										 node_use == USE_MISSING ? "no index serves this query" :
										 node_use == USE_SMALL_TABLES ? "it is small" :
										 "the planner expects its index to be slower"));
		use = Max(use, node_use);
	}
	return use;
}

static bool
is_small(Oid relation)
{
	Relation	rel = relation_lock_and_open(relation, AccessShareLock);
	BlockNumber blocks = RELKIND_HAS_STORAGE(rel->rd_rel->relkind) ? RelationGetNumberOfBlocks(rel) : 0;

	relation_close(rel, NoLock);
	return blocks * seq_page_cost <= SMALL_TABLE_RANDOM_PAGES * random_page_cost;
}

static bool
is_read_sequentially(const List *nodes, Oid relation)
{
	const ListCell *lc;

	foreach(lc, nodes)
	{
		const PlanNode *node = lfirst(lc);

		if (node->sequential && node->relation == relation)
			return true;
	}
	return false;
}

static void
add_query_detail(MeasuredQuery *query, char *detail)
{
	query->detail = query->detail ? psprintf("%s; %s", query->detail, detail) : detail;
}

const char *
measure_index_use_name(IndexUse use)
{
	return index_use_names[use];
}

char *
measure_format_ms(double ms)
{
	return psprintf("%.3f", ms);
}

static void
return_query(ReturnSetInfo *rsinfo, const MeasuredQuery *query)
{
	const QueryTiming *timing = &query->timing;
	Datum		values[13];
	bool		nulls[13] = {0};

	memset(values, 0, sizeof(values));
	values[0] = CStringGetTextDatum(query->name);
	values[1] = CStringGetTextDatum(finding_status_name(query->status));
	values[2] = Int64GetDatum(query->restaurant);
	nulls[2] = query->restaurant == 0;
	if (query->measured)
	{
		values[3] = Int32GetDatum(timing->executions);
		values[4] = Int64GetDatum((int64) timing->rows);
		values[5] = result_numeric(timing->median, 3);
		values[6] = result_numeric(timing->min, 3);
		values[7] = result_numeric(timing->max, 3);
		values[8] = result_numeric(timing->planning, 3);
		values[9] = CStringGetTextDatum(measure_index_use_name(query->use));
		values[10] = DirectFunctionCall1(jsonb_in, CStringGetDatum(query_plan_json(timing->nodes)));
	}
	else
		memset(nulls + 3, true, 8);
	values[11] = result_text(query->detail, &nulls[11]);
	values[12] = result_text(query->statement, &nulls[12]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static void
record_query(const char *label, const MeasuredQuery *query)
{
	const QueryTiming *timing = &query->timing;
	QueryArgs	args = {0};

	query_arg_text(&args, label);
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, query->name);
	query_arg_int8(&args, query->restaurant);
	query_arg(&args, INT4OID, Int32GetDatum(timing->executions), false);
	query_arg_int8(&args, (int64) timing->rows);
	query_arg(&args, NUMERICOID, result_numeric(timing->median, 3), false);
	query_arg(&args, NUMERICOID, result_numeric(timing->min, 3), false);
	query_arg(&args, NUMERICOID, result_numeric(timing->max, 3), false);
	query_arg(&args, NUMERICOID, result_numeric(timing->planning, 3), false);
	query_arg_text(&args, finding_status_name(query->status));
	query_arg_text(&args, measure_index_use_name(query->use));
	query_arg_json(&args, query_plan_json(timing->nodes));
	query_arg_text(&args, query->statement);
	migrate_write("menuca_query_measurement",
				  psprintf("INSERT INTO %smenuca_query_measurement (label, target_schema, query,"
						   " restaurant_id, executions, row_count, median_ms, min_ms, max_ms, planning_ms,"
						   " status, index_use, nodes, statement)"
						   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
						   migrate_schema()),
				  &args, NULL, NULL);
}
