/*-------------------------------------------------------------------------
 *
 * query_timing.c
 *	  How long a query takes: see query_timing.h.
 *
 * The planner and the executor are called as for a client's query, but as
 * nobody (user_query.h), and without the instrumentation of EXPLAIN ANALYZE,
 * which takes time itself.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/memutils.h"

#include "base/compare.h"
#include "base/guc_scope.h"
#include "base/query_plan.h"
#include "base/user_query.h"
#include "index/query_timing.h"

static double milliseconds_since(instr_time start);


void
query_timing_take(const char *sql, int executions, QueryTiming *timing)
{
	int			scope = guc_scope_begin_pg_catalog();
	UserQuery  *query = user_query_analyze(sql, NULL, true);
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
		plan = user_query_plan(query);
		if (i >= 0)
			planning[i] = milliseconds_since(start);
		INSTR_TIME_SET_CURRENT(start);
		timing->rows = user_query_execute(query, plan, None_Receiver);
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
	nodes = query_plan_nodes(user_query_plan(user_query_analyze(sql, NULL, true)));
	guc_scope_end(scope);
	return nodes;
}

static double
milliseconds_since(instr_time start)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, start);
	return INSTR_TIME_GET_MILLISEC(now);
}
