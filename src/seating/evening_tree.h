/*-------------------------------------------------------------------------
 *
 * evening_tree.h
 *	  Finding the best seating of an evening, or proving that there is none.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_TREE_H
#define MENUCA_EVENING_TREE_H

#include "seating/evening_model.h"

typedef struct EveningTree
{
	int32	   *chosen;			/* of each booking: index into the problem's
								 * options, or -1; if found */
	bool		found;			/* there is a seating of at most the wanted score */
	int64		score;			/* its */
	int64		bound;			/* no seating has a smaller score */
	bool		exhausted;		/* all is decided: score is the least, or there
								 * is no such seating */
	int64		steps;			/* done */
} EveningTree;

/*
 * Looks for seatings with seated[rank] bookings of each rank, whose score is
 * at most wanted, and for the best of them; for max_steps or nodes_without
 * success at most.  The result is allocated in the current memory context.
 */
extern EveningTree *evening_tree_search(const EveningModel *model,
										const int32 *seated, int64 wanted,
										int64 max_steps);

#endif							/* MENUCA_EVENING_TREE_H */
