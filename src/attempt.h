/*-------------------------------------------------------------------------
 *
 * attempt.h
 *	  Doing something that may raise an error, and going on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ATTEMPT_H
#define MENUCA_ATTEMPT_H

#include "utils/elog.h"

/*
 * Calls fn(arg) in a subtransaction of its own.  Returns NULL when it went
 * well, and otherwise the error that it raised, with all it did undone.  A
 * cancel is not kept: it is raised again.
 */
extern ErrorData *attempt(void (*fn) (void *arg), void *arg);

#endif							/* MENUCA_ATTEMPT_H */
