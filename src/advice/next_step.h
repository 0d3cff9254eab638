/*-------------------------------------------------------------------------
 *
 * next_step.h
 *	  The one call to make now, which menuca_next() returns.
 *
 * A look at a part of the state finds either what has to be done about it, or
 * nothing, so that the next look is taken.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_NEXT_STEP_H
#define MENUCA_NEXT_STEP_H

#include "ledger/environment.h"

typedef struct NextStep
{
	Environment *environment;	/* NULL: the database is not registered */
	char	   *target;			/* of the decision; NULL until it is known */

	/* The result */
	char	   *state;			/* NULL: nothing to be done was found so far */
	char	   *statement;		/* NULL: there is nothing to call */
	char	   *why;
	char	   *changes;		/* what the statement will change */
} NextStep;

/* Sets the result; changes NULL means that nothing changes. */
extern void next_is(NextStep *next, const char *state, char *statement, char *why, char *changes);

/*
 * What a statement changes, in words; NULL for nothing.  A dry run, and what only
 * reads, change nothing.
 */
extern char *next_changes(const char *statement);

#endif							/* MENUCA_NEXT_STEP_H */
