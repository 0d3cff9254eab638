/*-------------------------------------------------------------------------
 *
 * query_timing.c
 *	  How long a query takes: see query_timing.h.
 *
 * The planner and the executor are called as for a client's query, without
 * the instrumentation of EXPLAIN ANALYZE, which takes time itself.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/nodes.h"
#include "parser/parser.h"
#include "portability/instr_time.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "index/query_timing.h"

static int	pin_search_path(void);
static Query *analyze(const char *sql);
static PlannedStmt *plan_query(const Query *query, const char *sql);
static uint64 execute(PlannedStmt *plan, const char *sql);
static double milliseconds_since(instr_time start);
static double median(double *values, int n);
static int	compare_doubles(const void *a, const void *b);


void
query_time(const char *sql, int runs, QueryTiming *timing)
{
	int			nestlevel = pin_search_path();
	Query	   *query = analyze(sql);
	double	   *executing = palloc(sizeof(double) * runs);
	double	   *planning = palloc(sizeof(double) * runs);
	MemoryContext run_context = AllocSetContextCreate(CurrentMemoryContext, "menuca timing",
													  ALLOCSET_DEFAULT_SIZES);

	memset(timing, 0, sizeof(QueryTiming));
	timing->runs = runs;
	for (int run = -1; run < runs; run++)
	{
		MemoryContext old;
		PlannedStmt *plan;
		instr_time	start;

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(run_context);
		old = MemoryContextSwitchTo(run_context);
		INSTR_TIME_SET_CURRENT(start);
		plan = plan_query(query, sql);
		if (run >= 0)
			planning[run] = milliseconds_since(start);
		INSTR_TIME_SET_CURRENT(start);
		timing->rows = execute(plan, sql);
		if (run >= 0)
			executing[run] = milliseconds_since(start);
		MemoryContextSwitchTo(old);

		/* The first one, which fills the caches, does not count. */
		if (run == -1)
			timing->nodes = plan_nodes_of(plan);
	}
	MemoryContextDelete(run_context);

	timing->median = median(executing, runs);
	timing->min = executing[0];
	timing->max = executing[runs - 1];
	timing->planning = median(planning, runs);
	AtEOXact_GUC(false, nestlevel);
}

List *
query_nodes_by_index(const char *sql)
{
	int			nestlevel = pin_search_path();
	List	   *nodes;

	(void) set_config_option("enable_seqscan", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	nodes = plan_nodes_of(plan_query(analyze(sql), sql));
	AtEOXact_GUC(false, nestlevel);
	return nodes;
}

/* As query_each() does. */
static int
pin_search_path(void)
{
	int			nestlevel = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	return nestlevel;
}

static Query *
analyze(const char *sql)
{
	RawStmt    *statement = linitial_node(RawStmt, raw_parser(sql, RAW_PARSE_DEFAULT));

	return linitial_node(Query, pg_analyze_and_rewrite_fixedparams(statement, sql, NULL, 0, NULL));
}

/* The planner scribbles on what it gets. */
static PlannedStmt *
plan_query(const Query *query, const char *sql)
{
	return pg_plan_query(copyObject(unconstify(Query *, query)), sql,
						 CURSOR_OPT_PARALLEL_OK, NULL);
}

static uint64
execute(PlannedStmt *plan, const char *sql)
{
	QueryDesc  *desc = CreateQueryDesc(plan, sql, GetActiveSnapshot(), InvalidSnapshot,
									   None_Receiver, NULL, NULL, 0);
	uint64		rows;

	ExecutorStart(desc, 0);
	menuca_executor_run(desc);
	rows = desc->estate->es_processed;
	ExecutorFinish(desc);
	ExecutorEnd(desc);
	FreeQueryDesc(desc);
	return rows;
}

static double
milliseconds_since(instr_time start)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, start);
	return INSTR_TIME_GET_MILLISEC(now);
}

/* Sorts the values. */
static double
median(double *values, int n)
{
	qsort(values, n, sizeof(double), compare_doubles);
	return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		left = *(const double *) a;
	double		right = *(const double *) b;

	return (left > right) - (left < right);
}
