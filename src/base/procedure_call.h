/*-------------------------------------------------------------------------
 *
 * procedure_call.h
 *	  Calls of procedures that commit.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PROCEDURE_CALL_H
#define MENUCA_PROCEDURE_CALL_H

#include "fmgr.h"

/*
 * Raises an error unless the procedure was called where it can commit: by a CALL
 * that the client has sent by itself, outside of a transaction block.  procedure
 * is its name in SQL, call the statement to send, and instead a sentence with what
 * needs no commit, or "".
 */
extern void procedure_require_commits(FunctionCallInfo fcinfo, const char *procedure,
									  const char *call, const char *instead);

#endif							/* MENUCA_PROCEDURE_CALL_H */
