/*-------------------------------------------------------------------------
 *
 * plan_best.h
 *	  The best plans that a search has seen, in exact order.
 *
 * The order: score, seats too many, number of tables, table numbers as a sorted
 * list.  Sets whose numbers are the same, of two zones, come by index.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_BEST_H
#define MENUCA_PLAN_BEST_H

#include "seating/floor.h"

/* A plan of a search. */
typedef struct PlanSet
{
	int64		score;			/* in ten-thousandths */
	int64		overage;		/* seats too many */
	int64		capacity;		/* seats */
	int			n;				/* tables */
	bool		listed;
	int			places[FLOOR_MAX_K];	/* ascending; of a free set or a
										 * single table */
	const int  *listed_places;	/* of a listed set; else NULL */
} PlanSet;

/* The best ones. */
typedef struct PlanBest
{
	const Floor *floor;
	int			max;			/* how many are kept, at most */
	int			nsets;
	int			allocated;
	PlanSet    *sets;			/* a heap, the worst first, until they are
								 * sorted */
} PlanBest;

/* Its places, ascending. */
static inline const int *
plan_best_places(const PlanSet *set)
{
	return set->listed_places != NULL ? set->listed_places : set->places;
}

/* Whether nothing of such a score would be kept. */
static inline bool
plan_best_beyond(const PlanBest *best, int64 score)
{
	return best->nsets >= best->max && (best->max == 0 || score > best->sets[0].score);
}

/* An empty list for that many.  Allocated in the current memory context. */
extern PlanBest *plan_best_make(const Floor *floor, int max);

/* Whether a plan would be kept. */
extern bool plan_best_wants(const PlanBest *best, const PlanSet *set);

/* Keeps a copy of a plan that is wanted. */
extern void plan_best_keep(PlanBest *best, const PlanSet *set);

/* Sorts the plans, the best first; then none can be added. */
extern void plan_best_sort(PlanBest *best);

#endif							/* MENUCA_PLAN_BEST_H */
