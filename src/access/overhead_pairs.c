/*-------------------------------------------------------------------------
 *
 * overhead_pairs.c
 *	  Executing a role's query and the caller's in turn: see overhead_pairs.h.
 *
 * Both are planned once and go the same way through the executor, so that all that
 * is timed is the plans' work.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "executor/instrument.h"
#include "miscadmin.h"
#include "parser/analyze.h"
#include "portability/instr_time.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/tcopprot.h"
#include "utils/pg_rusage.h"
#include "utils/snapmgr.h"

#include "access/access_session.h"
#include "access/overhead_pairs.h"
#include "base/compat.h"
#include "base/guc_scope.h"
#include "base/slot.h"
#include "base/user_query.h"

/* How often an execution is repeated that the system has interrupted. */
#define MAX_INTERRUPTED 5

/* One of the two queries. */
typedef struct TimedQuery
{
	const char *sql;
	PlannedStmt *plan;
	bool		as_role;
	bool		as_nobody;
	int64		counted;		/* result of the last execution */
	int64		buffers;		/* the fewest pages of an execution */
} TimedQuery;

/* A receiver that keeps the one bigint of a query. */
typedef struct CountReceiver
{
	DestReceiver pub;
	int64	   *counted;
} CountReceiver;

static PlannedStmt *plan_for_role(const OverheadPairs *pairs);
static double execute_once(const OverheadPairs *pairs, TimedQuery *query);
static double execute_undisturbed(TimedQuery *query);
static long times_interrupted(void);
static double execute_plan(TimedQuery *query);
static CountReceiver make_receiver(int64 *counted);
static bool keep_counted(TupleTableSlot *slot, DestReceiver *self);
static void ignore_startup(DestReceiver *self, int operation, TupleDesc typeinfo);
static void ignore_receiver(DestReceiver *self);


void
overhead_pairs_execute(OverheadPairs *pairs)
{
	int			scope = guc_scope_begin_pg_catalog();
	UserQuery  *analyzed = user_query_analyze(pairs->owner_sql, NULL, true);
	TimedQuery	owner = {.sql = pairs->owner_sql,.as_nobody = analyzed->as_nobody,.buffers = PG_INT64_MAX};
	TimedQuery	role = {.sql = pairs->role_sql,.as_role = true,.buffers = PG_INT64_MAX};

	pairs->owner_plan = owner.plan = user_query_plan(analyzed);
	pairs->role_plan = role.plan = plan_for_role(pairs);
	pairs->owner_ms = palloc(sizeof(double) * pairs->pairs);
	pairs->role_ms = palloc(sizeof(double) * pairs->pairs);

	/* The first executions fill the caches; they do not count. */
	(void) execute_once(pairs, &role);
	(void) execute_once(pairs, &owner);

	/* Whoever comes second finds warmer caches, so each comes first as often. */
	for (int i = 0; i < pairs->pairs; i++)
	{
		bool		role_first = i % 2 == 0;

		if (role_first)
			pairs->role_ms[i] = execute_once(pairs, &role);
		pairs->owner_ms[i] = execute_once(pairs, &owner);
		if (!role_first)
			pairs->role_ms[i] = execute_once(pairs, &role);
	}
	pairs->owner_counted = owner.counted;
	pairs->owner_buffers = owner.buffers;
	pairs->role_counted = role.counted;
	pairs->role_buffers = role.buffers;
	guc_scope_end(scope);
}

int64
overhead_pairs_count(const char *sql)
{
	int			scope = guc_scope_begin_pg_catalog();
	UserQuery  *query = user_query_analyze(sql, NULL, true);
	int64		counted = 0;
	CountReceiver receiver = make_receiver(&counted);

	(void) user_query_execute(query, user_query_plan(query), &receiver.pub);
	guc_scope_end(scope);
	return counted;
}

/* Planned as the role, so that its policies are in the plan. */
static PlannedStmt *
plan_for_role(const OverheadPairs *pairs)
{
	AccessSession session = access_session_begin(pairs->role, pairs->claims);
	RawStmt    *statement = linitial_node(RawStmt, pg_parse_query(pairs->role_sql));
	Query	   *query = parse_analyze_fixedparams(statement, pairs->role_sql, NULL, 0, NULL);
	PlannedStmt *plan = pg_plan_query(linitial_node(Query, QueryRewrite(query)), pairs->role_sql,
									  CURSOR_OPT_PARALLEL_OK, NULL);

	access_session_end(&session);
	return plan;
}

/*
 * Returns the time in ms.  The role is taken on and left before the caller's
 * execution, too, since that evicts some of the caches.
 */
static double
execute_once(const OverheadPairs *pairs, TimedQuery *query)
{
	AccessSession session;
	OwnerContext caller;
	double		taken;

	CHECK_FOR_INTERRUPTS();
	session = access_session_begin(pairs->role, pairs->claims);
	if (query->as_role)
	{
		taken = execute_undisturbed(query);
		access_session_end(&session);
		return taken;
	}
	access_session_end(&session);
	if (query->as_nobody)
		caller = owner_become_nobody();
	taken = execute_undisturbed(query);
	if (query->as_nobody)
		owner_return(&caller);
	return taken;
}

/*
 * An execution during which the system gave the processor to others says how busy
 * the machine is, so it is repeated; the shortest counts if all are like that.
 */
static double
execute_undisturbed(TimedQuery *query)
{
	double		shortest = -1;

	for (int i = 0; i <= MAX_INTERRUPTED; i++)
	{
		long		before = times_interrupted();
		double		taken = execute_plan(query);

		if (times_interrupted() == before)
			return taken;
		if (shortest < 0 || taken < shortest)
			shortest = taken;
	}
	return shortest;
}

static long
times_interrupted(void)
{
	PGRUsage	usage;

	pg_rusage_init(&usage);
	return usage.ru.ru_nivcsw;
}

/* Executes it as whoever that is now; returns the time in ms. */
static double
execute_plan(TimedQuery *query)
{
	CountReceiver receiver = make_receiver(&query->counted);
	int64		before = pgBufferUsage.shared_blks_hit + pgBufferUsage.shared_blks_read;
	QueryDesc  *desc;
	instr_time	begun;
	instr_time	taken;

	INSTR_TIME_SET_CURRENT(begun);
	desc = CreateQueryDesc(query->plan, query->sql, GetActiveSnapshot(), InvalidSnapshot,
						   &receiver.pub, NULL, NULL, 0);
	ExecutorStart(desc, 0);
	menuca_executor_run(desc);
	ExecutorFinish(desc);
	ExecutorEnd(desc);
	FreeQueryDesc(desc);
	INSTR_TIME_SET_CURRENT(taken);
	INSTR_TIME_SUBTRACT(taken, begun);

	/* Reading the catalog needs pages, too, so the fewest are the query's own. */
	query->buffers = Min(query->buffers,
						 pgBufferUsage.shared_blks_hit + pgBufferUsage.shared_blks_read - before);
	return Max(INSTR_TIME_GET_MILLISEC(taken), 1e-6);
}

static CountReceiver
make_receiver(int64 *counted)
{
	return (CountReceiver)
	{
		.pub = {
			.receiveSlot = keep_counted,
			.rStartup = ignore_startup,
			.rShutdown = ignore_receiver,
			.rDestroy = ignore_receiver,
			.mydest = DestNone
		},
		.counted = counted
	};
}

static bool
keep_counted(TupleTableSlot *slot, DestReceiver *self)
{
	slot_getallattrs(slot);
	*((CountReceiver *) self)->counted = slot_int8(slot, 0);
	return true;
}

static void
ignore_startup(pg_attribute_unused() DestReceiver *self, pg_attribute_unused() int operation,
			   pg_attribute_unused() TupleDesc typeinfo)
{
}

static void
ignore_receiver(pg_attribute_unused() DestReceiver *self)
{
}
