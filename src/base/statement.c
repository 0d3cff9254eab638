/*-------------------------------------------------------------------------
 *
 * statement.c
 *	  One real run per statement: see statement.h.
 *
 * A call repeats an earlier one in either of two cases, if something has changed
 * since.  Both are made under one query snapshot: a later statement's snapshot
 * sees what was written before it.  Or both are made by one statement of the
 * client, through functions or triggers.  The statements of DO and of procedures
 * are the user's own, one by one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "storage/proc.h"
#include "tcop/pquery.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/statement.h"

/* A call that was made in the current transaction. */
typedef struct Call
{
	char	   *function;
	char	   *object;
	CommandId	snapshot;		/* the first command that it does not see */
	CommandId	command;		/* the current one when the call was made */
	SubTransactionId subtransaction;
	Portal		portal;			/* of the client's statement; NULL: of none,
								 * or it has ended */
} Call;

static List *calls = NIL;
static LocalTransactionId calls_xid = InvalidLocalTransactionId;

static void forget_other_transactions(void);
static void forget_subtransaction(SubXactEvent event, SubTransactionId mine,
								  SubTransactionId parent, void *arg);
static Portal client_statement(void);
static void watch_portal(Portal portal);
static void forget_portal(void *portal);
static void raise_repeated(const Call *made, const char *call);


void
statement_require_first(const char *function, const char *object, const char *call)
{
	CommandId	snapshot = GetActiveSnapshot()->curcid;
	CommandId	command = GetCurrentCommandId(false);
	Portal		portal = client_statement();
	MemoryContext old;
	Call	   *made;
	ListCell   *lc;

	forget_other_transactions();
	foreach(lc, calls)
	{
		made = lfirst(lc);
		if ((made->snapshot == snapshot || (portal && made->portal == portal)) &&
			made->command < command &&
			strcmp(made->function, function) == 0 && strcmp(made->object, object) == 0)
			raise_repeated(made, call);
	}

	old = MemoryContextSwitchTo(TopTransactionContext);
	made = palloc(sizeof(Call));
	made->function = pstrdup(function);
	made->object = pstrdup(object);
	made->snapshot = snapshot;
	made->command = command;
	made->subtransaction = GetCurrentSubTransactionId();
	made->portal = portal;
	calls = lappend(calls, made);
	MemoryContextSwitchTo(old);
	if (portal)
		watch_portal(portal);
}

void
statement_allow_again(const char *function)
{
	ListCell   *lc;

	forget_other_transactions();
	foreach(lc, calls)
	{
		Call	   *made = lfirst(lc);

		if (strcmp(made->function, function) != 0)
			made->portal = NULL;
	}
}

/* The list is in the memory of the transaction, which is freed with it. */
static void
forget_other_transactions(void)
{
	static bool registered = false;

	if (calls_xid != menuca_local_xid())
		calls = NIL;
	calls_xid = menuca_local_xid();
	if (!registered)
		RegisterSubXactCallback(forget_subtransaction, NULL);
	registered = true;
}

/* What was undone may be tried again.  Later subtransactions are children. */
static void
forget_subtransaction(SubXactEvent event, SubTransactionId mine,
					  pg_attribute_unused() SubTransactionId parent, pg_attribute_unused() void *arg)
{
	ListCell   *lc;

	if (event != SUBXACT_EVENT_ABORT_SUB || calls_xid != menuca_local_xid())
		return;
	foreach(lc, calls)
	{
		if (((Call *) lfirst(lc))->subtransaction >= mine)
			calls = foreach_delete_current(calls, lc);
	}
}

/* NULL for DO and CALL, and where no client has sent a statement. */
static Portal
client_statement(void)
{
	if (ActivePortal == NULL || ActivePortal->commandTag == CMDTAG_DO || ActivePortal->commandTag == CMDTAG_CALL)
		return NULL;
	return ActivePortal;
}

/* A later portal may get the same address. */
static void
watch_portal(Portal portal)
{
	MemoryContextCallback *callback = MemoryContextAlloc(portal->portalContext, sizeof(MemoryContextCallback));

	callback->func = forget_portal;
	callback->arg = portal;
	MemoryContextRegisterResetCallback(portal->portalContext, callback);
}

/* A portal may outlive its transaction, whose list is freed by then. */
static void
forget_portal(void *portal)
{
	ListCell   *lc;

	if (calls_xid == InvalidLocalTransactionId || calls_xid != menuca_local_xid())
		return;
	foreach(lc, calls)
	{
		Call	   *made = lfirst(lc);

		if (made->portal == portal)
			made->portal = NULL;
	}
}

static void
raise_repeated(const Call *made, const char *call)
{
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("this statement calls %s() for the second time for %s", made->function, made->object),
			 errdetail("SELECT (%s(...)).* calls the function once for each column of its result; a function or a trigger may call it for each row. The whole statement is undone.",
					   made->function),
			 errhint("Call it in FROM, where it is called once: %s", call)));
}
