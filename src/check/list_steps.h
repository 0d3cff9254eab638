/*-------------------------------------------------------------------------
 *
 * list_steps.h
 *	  The steps that V2's lists have for items.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LIST_STEPS_H
#define MENUCA_LIST_STEPS_H

#include "target/junction.h"

/* Steps of pairs of group and dish, by their ids; a pair may have several. */
typedef struct ListSteps
{
	int			n;
	int			allocated;
	int64	   *groups;
	int64	   *dishes;
	int64	   *steps;
} ListSteps;

/*
 * Reads V2's staged lists, in the current memory context; NULL when there are
 * none that can be used.  Raises an error on a list that cannot be parsed.
 */
extern ListSteps *list_steps_read(const Target *target);

#endif							/* MENUCA_LIST_STEPS_H */
