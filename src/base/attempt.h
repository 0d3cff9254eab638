/*-------------------------------------------------------------------------
 *
 * attempt.h
 *	  Calling a function that may raise an error.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ATTEMPT_H
#define MENUCA_ATTEMPT_H

#include "utils/elog.h"

/*
 * Calls fn(arg) in a subtransaction.  When fn raises an error, its changes are
 * undone and the error is returned, copied into the current memory context;
 * otherwise returns NULL.  A cancel is raised again.
 */
extern ErrorData *attempt(void (*fn) (void *arg), void *arg);

/*
 * The same, but undoes what fn changed in the database even without an error:
 * rows, locks, settings and the role.
 */
extern ErrorData *attempt_and_undo(void (*fn) (void *arg), void *arg);

/*
 * An error's message, SQLSTATE, detail and hint as one text, in the current
 * memory context.
 */
extern char *attempt_message(const ErrorData *error);

#endif							/* MENUCA_ATTEMPT_H */
