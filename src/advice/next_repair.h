/*-------------------------------------------------------------------------
 *
 * next_repair.h
 *	  The next call of the repair.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_NEXT_REPAIR_H
#define MENUCA_NEXT_REPAIR_H

#include "advice/next_step.h"

/*
 * Looks, in this order: V1's combos are loaded; it is decided where their rows
 * belong; every fix has inserted what it can; the validation passes.  The last two
 * need the decision's target.
 */
extern void next_load(NextStep *next);
extern void next_decide(NextStep *next);
extern void next_fix(NextStep *next);
extern void next_validate(NextStep *next);

/* The call in a check's remedy that accepts what it found, or NULL. */
extern char *next_acceptance(const char *remedy);

#endif							/* MENUCA_NEXT_REPAIR_H */
