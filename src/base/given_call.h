/*-------------------------------------------------------------------------
 *
 * given_call.h
 *	  The call that is being executed, written as a statement.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GIVEN_CALL_H
#define MENUCA_GIVEN_CALL_H

#include "access/htup.h"
#include "fmgr.h"
#include "nodes/pg_list.h"

/*
 * The statement that makes the same call for real: with dry_run => false, and
 * each argument that was given another value than its default.  It can be
 * pasted whatever the search_path is, in the current memory context.  The
 * function is one of SQL with an argument dry_run.
 */
extern char *given_call_for_real(FunctionCallInfo fcinfo);

/* The same as a dry run, with force => true. */
extern char *given_call_forced(FunctionCallInfo fcinfo);

/* The same as a dry run, without SELECT * FROM and the semicolon. */
extern char *given_call_dry(FunctionCallInfo fcinfo);

/*
 * The defaults of a function's last arguments, as expressions, in the current
 * memory context; tuple is its row of pg_proc.
 */
extern List *given_call_defaults(HeapTuple tuple);

#endif							/* MENUCA_GIVEN_CALL_H */
