/*-------------------------------------------------------------------------
 *
 * attempt.c
 *	  Calling a function that may raise an error: see attempt.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "lib/stringinfo.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "base/attempt.h"

static ErrorData *call_in_subtransaction(void (*fn) (void *arg), void *arg, bool keep);


ErrorData *
attempt(void (*fn) (void *arg), void *arg)
{
	return call_in_subtransaction(fn, arg, true);
}

ErrorData *
attempt_and_undo(void (*fn) (void *arg), void *arg)
{
	return call_in_subtransaction(fn, arg, false);
}

static ErrorData *
call_in_subtransaction(void (*fn) (void *arg), void *arg, bool keep)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		fn(arg);
		if (keep)
			ReleaseCurrentSubTransaction();
		else
			RollbackAndReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;

	if (error && error->sqlerrcode == ERRCODE_QUERY_CANCELED)
		ReThrowError(error);
	return error;
}

char *
attempt_message(const ErrorData *error)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(&text, "%s (SQLSTATE %s).", error->message,
					 unpack_sql_state(error->sqlerrcode));
	if (error->detail)
		appendStringInfo(&text, " %s", error->detail);
	if (error->hint)
		appendStringInfo(&text, " %s", error->hint);
	return text.data;
}
