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
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/compare.h"
#include "base/compat.h"
#include "base/guc_scope.h"
#include "index/query_plan.h"
#include "index/query_timing.h"

static Query *analyze_query(const char *sql);
static PlannedStmt *plan_query(const Query *query, const char *sql);
static uint64 execute_plan(PlannedStmt *plan, const char *sql);
static double milliseconds_since(instr_time start);


void
query_timing_take(const char *sql, int executions, QueryTiming *timing)
{
	int			scope = guc_scope_begin_pg_catalog();
	Query	   *query = analyze_query(sql);
	double	   *executing = palloc(sizeof(double) * executions);
	double	   *planning = palloc(sizeof(double) * executions);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "menuca timing",
												  ALLOCSET_DEFAULT_SIZES);

	memset(timing, 0, sizeof(QueryTiming));
	timing->executions = executions;
	for (int i = -1; i < executions; i++)
	{
		MemoryContext old;
		PlannedStmt *plan;
		instr_time	start;

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(context);
		old = MemoryContextSwitchTo(context);
		INSTR_TIME_SET_CURRENT(start);
		plan = plan_query(query, sql);
		if (i >= 0)
			planning[i] = milliseconds_since(start);
		INSTR_TIME_SET_CURRENT(start);
		timing->rows = execute_plan(plan, sql);
		if (i >= 0)
			executing[i] = milliseconds_since(start);
		MemoryContextSwitchTo(old);

		/* The first execution fills the caches and is not measured. */
		if (i == -1)
			timing->nodes = query_plan_nodes(plan);
	}
	MemoryContextDelete(context);

	timing->median = compare_median(executing, executions);
	timing->min = executing[0];
	timing->max = executing[executions - 1];
	timing->planning = compare_median(planning, executions);
	guc_scope_end(scope);
}

List *
query_timing_nodes_without_seqscan(const char *sql)
{
	int			scope = guc_scope_begin_pg_catalog();
	List	   *nodes;

	guc_scope_set("enable_seqscan", "off");
	nodes = query_plan_nodes(plan_query(analyze_query(sql), sql));
	guc_scope_end(scope);
	return nodes;
}

static Query *
analyze_query(const char *sql)
{
	RawStmt    *statement = linitial_node(RawStmt, raw_parser(sql, RAW_PARSE_DEFAULT));

	return linitial_node(Query, pg_analyze_and_rewrite_fixedparams(statement, sql, NULL, 0, NULL));
}

/* The planner modifies the query tree, so it gets a copy. */
static PlannedStmt *
plan_query(const Query *query, const char *sql)
{
	return pg_plan_query(copyObject(unconstify(Query *, query)), sql,
						 CURSOR_OPT_PARALLEL_OK, NULL);
}

static uint64
execute_plan(PlannedStmt *plan, const char *sql)
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
