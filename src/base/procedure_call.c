/*-------------------------------------------------------------------------
 *
 * procedure_call.c
 *	  Calls of procedures that commit: see procedure_call.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "tcop/tcopprot.h"

#include "base/attempt.h"
#include "base/procedure_call.h"

static bool can_commit(FunctionCallInfo fcinfo);
static int	count_sent_statements(void);
static void count_statements(void *count);


void
procedure_require_commits(FunctionCallInfo fcinfo, const char *procedure,
						  const char *call, const char *instead)
{
	int			sent;
	const char *first = "";
	char	   *where;
	char	   *why;

	if (can_commit(fcinfo))
		return;

	sent = count_sent_statements();
	if (sent > 1)
	{
		where = "together with other statements";
		why = psprintf("The client has sent %d statements as one string, which the server executes as one transaction.", sent);
	}
	else if (IsSubTransaction())
	{
		where = "inside a subtransaction";
		why = "A SAVEPOINT, or a block with EXCEPTION, has begun one.";
	}
	else if (IsTransactionBlock())
	{
		where = "inside a transaction block";
		why = "A transaction was begun before.";
		first = "End the transaction first, with COMMIT; or ROLLBACK; or switch autocommit on. ";
	}
	else
	{
		where = "inside a function";
		why = "It was called by a function, or by a procedure that cannot commit.";
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
			 errmsg("%s cannot run %s", procedure, where),
			 errdetail("%s The procedure commits every batch; nothing was changed.", why),
			 errhint("%sSend this statement by itself: %s%s%s", first, call, *instead ? " " : "", instead)));
}

static bool
can_commit(FunctionCallInfo fcinfo)
{
	return fcinfo->context && IsA(fcinfo->context, CallContext) &&
		!castNode(CallContext, fcinfo->context)->atomic && !IsSubTransaction();
}

/* How many statements the client has sent as one string; 0 if it is not known. */
static int
count_sent_statements(void)
{
	int			count = 0;

	if (debug_query_string == NULL || attempt(count_statements, &count) != NULL)
		return 0;
	return count;
}

/* The first of them may have changed how the others are read. */
static void
count_statements(void *count)
{
	*(int *) count = list_length(raw_parser(debug_query_string, RAW_PARSE_DEFAULT));
}
