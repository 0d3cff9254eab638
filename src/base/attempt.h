/*-------------------------------------------------------------------------
 *
 * attempt.h
 *	  Doing something that may raise an error.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ATTEMPT_H
#define MENUCA_ATTEMPT_H

#include "utils/elog.h"

/*
 * Calls fn in a subtransaction.  Returns the error that it raised, copied into
 * the current memory context, after all that it did was undone; NULL when it
 * raised none.  A cancel is raised again.
 */
extern ErrorData *attempt(void (*fn) (void *arg), void *arg);

/*
 * The same, but whatever it did to the database is undone in any case: rows,
 * locks, settings and the role.
 */
extern ErrorData *attempt_and_undo(void (*fn) (void *arg), void *arg);

/* All that an error says, in one line. */
extern char *attempt_message(const ErrorData *error);

#endif							/* MENUCA_ATTEMPT_H */
