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
static void raise_repeated(const Call *made, const char *call);


void
statement_require_first(const char *function, const char *object, const char *call)
{
	CommandId	snapshot = GetActiveSnapshot()->curcid;
	CommandId	command = GetCurrentCommandId(false);
	MemoryContext old;
	Call	   *made;
	ListCell   *lc;

	forget_other_transactions();
	foreach(lc, calls)
	{
		made = lfirst(lc);
		if (made->snapshot == snapshot && made->command < command &&
			strcmp(made->function, function) == 0 && strcmp(made->object, object) == 0)
			raise_repeated(made, call);
	}

	old = MemoryContextSwitchTo(TopTransactionContext);
	made = palloc(sizeof(Call));
	made->function = pstrdup(function);
	made->object = pstrdup(object);
	made->snapshot = snapshot;
	made->command = command;
	calls = lappend(calls, made);
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
raise_repeated(const Call *made, const char *call)
{
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("this statement calls %s() for the second time for %s", made->function, made->object),
			 errdetail("SELECT (%s(...)).* calls the function once for each column of its result. The whole statement is undone.",
					   made->function),
			 errhint("Call it in FROM, where it is called once: %s", call)));
}
