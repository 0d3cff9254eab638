/*-------------------------------------------------------------------------
 *
 * statement.c
 *	  One real run per statement: see statement.h.
 *
 * All calls of one statement are made under its query snapshot; a later
 * statement's snapshot sees what was written before it.  So a call is a
 * repetition when a call under the same snapshot was followed by a change.  A
 * call that failed before it changed anything may be repeated.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "storage/proc.h"
#include "utils/memutils.h"
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
} Call;

static List *calls = NIL;
static LocalTransactionId calls_xid = InvalidLocalTransactionId;

static void forget_other_transactions(void);
static void raise_repeated(const Call *call);


void
statement_require_first(const char *function, const char *object)
{
	CommandId	snapshot = GetActiveSnapshot()->curcid;
	CommandId	command = GetCurrentCommandId(false);
	MemoryContext old;
	Call	   *call;
	ListCell   *lc;

	forget_other_transactions();
	foreach(lc, calls)
	{
		call = lfirst(lc);
		if (call->snapshot == snapshot && call->command < command &&
			strcmp(call->function, function) == 0 && strcmp(call->object, object) == 0)
			raise_repeated(call);
	}

	old = MemoryContextSwitchTo(TopTransactionContext);
	call = palloc(sizeof(Call));
	call->function = pstrdup(function);
	call->object = pstrdup(object);
	call->snapshot = snapshot;
	call->command = command;
	calls = lappend(calls, call);
	MemoryContextSwitchTo(old);
}

/* The list is in the memory of the transaction, which is freed with it. */
static void
forget_other_transactions(void)
{
	if (calls_xid != menuca_local_xid())
		calls = NIL;
	calls_xid = menuca_local_xid();
}

static void
raise_repeated(const Call *call)
{
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("this statement calls %s() for the second time for %s", call->function, call->object),
			 errdetail("SELECT (%s(...)).* calls the function once for each column of its result. The whole statement is undone.",
					   call->function),
			 errhint("Call it in FROM, where it is called once: SELECT * FROM %s(dry_run => false); with the other arguments that you need.",
					 call->function)));
}
