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

#include "access/overhead_pairs.h"
#include "base/access_session.h"
#include "base/compat.h"
#include "base/guc_scope.h"
#include "base/slot.h"
#include "base/user_query.h"

/* How often an execution is repeated that the system has interrupted. */
#define MAX_INTERRUPTED 5

/* A receiver that keeps the one bigint of a query. */
typedef struct CountReceiver
{
	DestReceiver pub;
	int64	   *counted;
} CountReceiver;

static void make_room(TimedQuery *query, int count, int more);
static PlannedStmt *plan_for_role(const OverheadPairs *pairs);
static double execute_once(const OverheadPairs *pairs, TimedQuery *query);
static double execute_undisturbed(TimedQuery *query);
static long times_interrupted(void);
static double execute_plan(TimedQuery *query);
static CountReceiver make_receiver(int64 *counted);
static bool keep_counted(TupleTableSlot *slot, DestReceiver *self);
static void ignore_startup(DestReceiver *self, int operation, TupleDesc typeinfo);
static void ignore_receiver(DestReceiver *self);


OverheadPairs
overhead_pairs_plan(AccessRole role, const char *claims, const char *role_sql, const char *owner_sql)
{
	int			scope = guc_scope_begin_pg_catalog();
	UserQuery  *analyzed = user_query_analyze(owner_sql, NULL, true);
	OverheadPairs pairs = {
		.role = role,.claims = claims,
		.of_role = {.sql = role_sql,.as_role = true,.buffers = PG_INT64_MAX},
		.of_owner = {.sql = owner_sql,.as_nobody = analyzed->as_nobody,.buffers = PG_INT64_MAX}
	};

	pairs.of_owner.plan = user_query_plan(analyzed);
	pairs.of_role.plan = plan_for_role(&pairs);
	guc_scope_end(scope);
	return pairs;
}

void
overhead_pairs_execute(OverheadPairs *pairs, int more)
{
	int			scope = guc_scope_begin_pg_catalog();	/* as in policies */

	/* The first executions fill the caches; they do not count. */
	if (pairs->count == 0)
	{
		(void) execute_once(pairs, &pairs->of_role);
		(void) execute_once(pairs, &pairs->of_owner);
	}
	make_room(&pairs->of_role, pairs->count, more);
	make_room(&pairs->of_owner, pairs->count, more);

	/* Whoever comes second finds warmer caches, so each comes first as often. */
	for (; more > 0; more--)
	{
		int			i = pairs->count++;
		bool		role_first = i % 2 == 0;

		if (role_first)
			pairs->of_role.ms[i] = execute_once(pairs, &pairs->of_role);
		pairs->of_owner.ms[i] = execute_once(pairs, &pairs->of_owner);
		if (!role_first)
			pairs->of_role.ms[i] = execute_once(pairs, &pairs->of_role);
	}
	guc_scope_end(scope);
}

static void
make_room(TimedQuery *query, int count, int more)
{
	Size		size = sizeof(double) * (count + more);

	query->ms = query->ms ? repalloc(query->ms, size) : palloc(size);
}

int64
overhead_pairs_count(const char *sql)
{
	int			scope = guc_scope_begin_pg_catalog();
	UserQuery  *query = user_query_analyze(sql, NULL, false);
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
	const char *sql = pairs->of_role.sql;
	RawStmt    *statement = linitial_node(RawStmt, pg_parse_query(sql));
	Query	   *query = parse_analyze_fixedparams(statement, sql, NULL, 0, NULL);
	PlannedStmt *plan = pg_plan_query(linitial_node(Query, QueryRewrite(query)), sql,
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

	/*
	 * Reading the catalog needs pages, too, so the fewest are the query's
	 * own.
	 */
	query->buffers = Min(query->buffers,
						 pgBufferUsage.shared_blks_hit + pgBufferUsage.shared_blks_read - before);
	return Max(INSTR_TIME_GET_MILLISEC(taken), 1e-6);
}

static CountReceiver
make_receiver(int64 *counted)
{
	return (CountReceiver)
	{
		.pub =
		{
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
