/*-------------------------------------------------------------------------
 *
 * measure_queries.c
 *	  The platform's menu and combo queries, measured.
 *
 * menuca_measure_queries(restaurant_id, runs)			reads only
 * menuca_record_queries(label, restaurant_id, runs)	and writes it down
 *
 * The menu is what a customer sees first: a restaurant's active dishes with
 * their courses.  The combos are its groups with what can be chosen in them.
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
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"
#include "index/measure_queries.h"
#include "target/keyed_table.h"

PG_FUNCTION_INFO_V1(menuca_measure_queries);
PG_FUNCTION_INFO_V1(menuca_record_queries);

#define MAX_RUNS 1000

/*
 * An index is not wanted where reading the whole table costs no more than so
 * many pages read at random: a lookup reads some of the index, and then a
 * page for each row.
 */
#define SMALL_TABLE_RANDOM_PAGES 8

/* State of writing and of measuring one query, each in a subtransaction. */
typedef struct Measuring
{
	const char *schema;
	int			runs;
	MeasuredQuery *query;
} Measuring;

static int64 optional_restaurant(FunctionCallInfo fcinfo, int place);
static bool says_missing(const ErrorData *error);
static void find_restaurant(void *arg);
static void write_menu(void *arg);
static void write_combos(void *arg);
static char *order_column(const char *alias, Oid table);
static void time_query(void *arg);
static void judge(MeasuredQuery *query);
static IndexUse judge_index_use(MeasuredQuery *query);
static bool is_small(Oid relation);
static bool is_scanned_anyway(const List *nodes, Oid relation);
static void add_detail(MeasuredQuery *query, char *detail);
static Datum numeric_ms(double ms);
static void emit(ReturnSetInfo *rsinfo, const MeasuredQuery *query);
static void record(const char *label, const MeasuredQuery *query);
static void require_record_rights(void);

static const char *const index_use_names[] = {
	"index", "small tables", "planner's choice", "missing"
};


/* menuca_measure_queries(restaurant_id, runs): a row per query. */
Datum
menuca_measure_queries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int64		restaurant = optional_restaurant(fcinfo, 0);
	int			runs = measure_runs_argument(fcinfo, 1);
	MeasuredQuery queries[MEASURED_QUERIES];

	InitMaterializedSRF(fcinfo, 0);
	measure_queries(menuca_target_schema, restaurant, runs, queries);
	for (int i = 0; i < MEASURED_QUERIES; i++)
		emit(rsinfo, &queries[i]);
	return (Datum) 0;
}

/* menuca_record_queries(label, restaurant_id, runs): the same. */
Datum
menuca_record_queries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *label = argument_text(fcinfo, 0, "label");
	int64		restaurant = optional_restaurant(fcinfo, 1);
	int			runs = measure_runs_argument(fcinfo, 2);
	MeasuredQuery queries[MEASURED_QUERIES];

	query_require_writable("menuca_record_queries()");
	require_record_rights();
	InitMaterializedSRF(fcinfo, 0);
	measure_queries(menuca_target_schema, restaurant, runs, queries);
	for (int i = 0; i < MEASURED_QUERIES; i++)
	{
		if (queries[i].measured)
			record(label, &queries[i]);
		emit(rsinfo, &queries[i]);
	}
	return (Datum) 0;
}

int
measure_runs_argument(FunctionCallInfo fcinfo, int place)
{
	int			runs = argument_int4(fcinfo, place, "runs");

	if (runs < 1 || runs > MAX_RUNS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("runs must be between 1 and %d", MAX_RUNS),
				 errdetail("Each query is executed once more than that. Nothing was changed."),
				 errhint("Leave it away for 5.")));
	return runs;
}

static int64
optional_restaurant(FunctionCallInfo fcinfo, int place)
{
	return PG_ARGISNULL(place) ? 0 : PG_GETARG_INT64(place);
}

void
measure_queries(const char *schema, int64 restaurant, int runs,
				MeasuredQuery *queries)
{
	static const struct
	{
		const char *name;
		void		(*write) (void *arg);
	}			kinds[MEASURED_QUERIES] = {
		{"menu", write_menu},
		{"combos", write_combos}
	};
	ErrorData  *no_restaurant = NULL;
	MeasuredQuery asked = {.restaurant = restaurant};
	Measuring	asking = {.schema = schema,.query = &asked};

	if (restaurant == 0)
		no_restaurant = attempt(find_restaurant, &asking);

	for (int i = 0; i < MEASURED_QUERIES; i++)
	{
		Measuring	measuring = {.schema = schema,.runs = runs,.query = &queries[i]};
		ErrorData  *error = no_restaurant;

		memset(&queries[i], 0, sizeof(MeasuredQuery));
		queries[i].name = kinds[i].name;
		queries[i].restaurant = asked.restaurant;
		if (!error)
			error = attempt(kinds[i].write, &measuring);
		if (error)
		{
			queries[i].status = says_missing(error) ? CHECK_SKIP : CHECK_ERROR;
			add_detail(&queries[i], error->message);
			continue;
		}
		error = attempt(time_query, &measuring);
		if (error)
		{
			queries[i].measured = false;
			queries[i].status = CHECK_ERROR;
			add_detail(&queries[i], error->message);
			continue;
		}
		judge(&queries[i]);
	}
}

/* A table or column that is not there is no error of the measuring. */
static bool
says_missing(const ErrorData *error)
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

/* The restaurant whose menu is the longest. */
static void
find_restaurant(void *arg)
{
	Measuring  *measuring = arg;
	Oid			dishes = target_table_oid(measuring->schema, "dishes");

	(void) column_require(dishes, "restaurant_id", InvalidOid);
	(void) column_require(dishes, "is_active", InvalidOid);
	measuring->query->restaurant =
		query_int8(psprintf("SELECT restaurant_id::int8 FROM %s WHERE is_active AND restaurant_id IS NOT NULL"
							" GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
							relation_quoted_name(dishes)), NULL);
}

static void
write_menu(void *arg)
{
	Measuring  *measuring = arg;
	Oid			dishes = target_table_oid(measuring->schema, "dishes");
	Oid			courses = target_table_oid(measuring->schema, "courses");

	(void) column_require(dishes, "id", InvalidOid);
	(void) column_require(dishes, "restaurant_id", InvalidOid);
	(void) column_require(dishes, "is_active", InvalidOid);
	(void) column_require(courses, "id", InvalidOid);
	(void) column_require(courses, "name", InvalidOid);
	measuring->query->statement =
		psprintf("SELECT d.*, c.name AS course FROM %s d LEFT JOIN %s c ON c.id = d.%s"
				 " WHERE d.restaurant_id = " INT64_FORMAT " AND d.is_active"
				 " ORDER BY %s%sd.id LIMIT 100",
				 relation_quoted_name(dishes), relation_quoted_name(courses),
				 column_quoted(dishes, column_require(dishes, "course_id", courses)),
				 measuring->query->restaurant,
				 order_column("c", courses), order_column("d", dishes));
}

static void
write_combos(void *arg)
{
	Measuring  *measuring = arg;
	Oid			groups = target_table_oid(measuring->schema, "combo_groups");
	Oid			items = target_table_oid(measuring->schema, "combo_items");
	Oid			dishes = target_table_oid(measuring->schema, "dishes");

	(void) column_require(groups, "id", InvalidOid);
	(void) column_require(groups, "restaurant_id", InvalidOid);
	(void) column_require(dishes, "id", InvalidOid);
	(void) column_require(dishes, "name", InvalidOid);
	measuring->query->statement =
		psprintf("SELECT g.*, i.*, d.name AS dish FROM %s g LEFT JOIN %s i ON i.%s = g.id"
				 " LEFT JOIN %s d ON d.id = i.%s"
				 " WHERE g.restaurant_id = " INT64_FORMAT "%s"
				 " ORDER BY %sg.id, %sd.id",
				 relation_quoted_name(groups), relation_quoted_name(items),
				 column_quoted(items, column_require(items, "combo_group_id", groups)),
				 relation_quoted_name(dishes),
				 column_quoted(items, column_require(items, "dish_id", dishes)),
				 measuring->query->restaurant,
				 relation_has_column(groups, "is_active") ? " AND g.is_active" : "",
				 order_column("g", groups), order_column("i", items));
}

/* Where the table has positions, they come first. */
static char *
order_column(const char *alias, Oid table)
{
	return relation_has_column(table, "display_order") ? psprintf("%s.display_order, ", alias) : "";
}

static void
time_query(void *arg)
{
	Measuring  *measuring = arg;
	MeasuredQuery *query = measuring->query;

	query_time(query->statement, measuring->runs, &query->timing);
	query->use = judge_index_use(query);
	query->measured = true;
}

static void
judge(MeasuredQuery *query)
{
	if (query->timing.rows == 0)
	{
		query->measured = false;
		query->status = CHECK_SKIP;
		query->detail = query->restaurant == 0 ? "no restaurant has an active dish" :
			psprintf("restaurant " INT64_FORMAT " has no such row", query->restaurant);
		return;
	}
	if (query->use == USE_MISSING || query->timing.planning >= menuca_max_planning_time)
		query->status = CHECK_WARN;
	if (query->timing.planning >= menuca_max_planning_time)
		add_detail(query, psprintf("planning takes %g ms or more", menuca_max_planning_time));
	if (query->timing.median >= menuca_max_query_time)
	{
		query->status = CHECK_FAIL;
		add_detail(query, psprintf("it takes %g ms or more", menuca_max_query_time));
	}
}

/*
 * Why tables are read as a whole.  That is right for small ones, and where
 * the planner has an index and knows that it would take longer.
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
		IndexUse	this;

		if (!node->sequential)
			continue;
		if (by_index == NIL)
			by_index = query_nodes_by_index(query->statement);
		this = is_small(node->relation) ? USE_SMALL_TABLES :
			is_scanned_anyway(by_index, node->relation) ? USE_MISSING : USE_CHOICE;
		if (this == USE_MISSING)
			add_detail(query, psprintf("%s is read as a whole, since no index serves this query",
									   relation_display_name(node->relation)));
		else
			add_detail(query, psprintf("%s is read as a whole, %s",
									   relation_display_name(node->relation),
									   this == USE_SMALL_TABLES ? "being small" :
									   "which the planner expects to be faster than its index"));
		use = Max(use, this);
	}
	return use;
}

static bool
is_small(Oid relation)
{
	Relation	rel = relation_open(relation, AccessShareLock);
	BlockNumber blocks = RELKIND_HAS_STORAGE(rel->rd_rel->relkind) ? RelationGetNumberOfBlocks(rel) : 0;

	relation_close(rel, NoLock);
	return blocks * seq_page_cost <= SMALL_TABLE_RANDOM_PAGES * random_page_cost;
}

static bool
is_scanned_anyway(const List *nodes, Oid relation)
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
add_detail(MeasuredQuery *query, char *detail)
{
	query->detail = query->detail ? psprintf("%s; %s", query->detail, detail) : detail;
}

const char *
index_use_name(IndexUse use)
{
	return index_use_names[use];
}

char *
measure_format_ms(double ms)
{
	return psprintf("%.3f", ms);
}

static Datum
numeric_ms(double ms)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(measure_format_ms(ms)),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

static void
emit(ReturnSetInfo *rsinfo, const MeasuredQuery *query)
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
		values[3] = Int32GetDatum(timing->runs);
		values[4] = Int64GetDatum((int64) timing->rows);
		values[5] = numeric_ms(timing->median);
		values[6] = numeric_ms(timing->min);
		values[7] = numeric_ms(timing->max);
		values[8] = numeric_ms(timing->planning);
		values[9] = CStringGetTextDatum(index_use_name(query->use));
		values[10] = DirectFunctionCall1(jsonb_in, CStringGetDatum(plan_nodes_json(timing->nodes)));
	}
	else
		memset(nulls + 3, true, 8);
	values[11] = result_text(query->detail, &nulls[11]);
	values[12] = result_text(query->statement, &nulls[12]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static void
record(const char *label, const MeasuredQuery *query)
{
	const QueryTiming *timing = &query->timing;
	QueryArgs	args = {0};

	query_arg_text(&args, label);
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, query->name);
	query_arg_int8(&args, query->restaurant);
	query_arg(&args, INT4OID, Int32GetDatum(timing->runs), false);
	query_arg_int8(&args, (int64) timing->rows);
	query_arg(&args, NUMERICOID, numeric_ms(timing->median), false);
	query_arg(&args, NUMERICOID, numeric_ms(timing->min), false);
	query_arg(&args, NUMERICOID, numeric_ms(timing->max), false);
	query_arg(&args, NUMERICOID, numeric_ms(timing->planning), false);
	query_arg_text(&args, finding_status_name(query->status));
	query_arg_text(&args, index_use_name(query->use));
	query_arg_json(&args, plan_nodes_json(timing->nodes));
	query_arg_text(&args, query->statement);
	query_write(psprintf("INSERT INTO %smenuca_query_measurement (label, target_schema, query,"
						 " restaurant_id, runs, row_count, median_ms, min_ms, max_ms, planning_ms,"
						 " status, index_use, nodes, statement)"
						 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
						 migrate_schema()),
				&args, NULL, NULL);
}

static void
require_record_rights(void)
{
	QueryArgs	args = {0};

	query_arg_text(&args, psprintf("%smenuca_query_measurement", migrate_schema()));
	relation_require((Oid) query_int8("SELECT $1::regclass::oid::int8", &args), ACL_INSERT);
}
