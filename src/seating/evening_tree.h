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

typedef struct TreeState TreeState;

typedef struct EveningTree
{
	int32	   *chosen;			/* of each booking: index into the problem's
								 * options, or -1; if found */
	bool		found;			/* there is a seating of at most the wanted
								 * score */
	int64		score;			/* its */
	int64		bound;			/* no seating has a smaller score */
	int64	   *excess;			/* of each of the model's group_options: by
								 * how much a seating with it exceeds the
								 * root's bound at least */
	int64		excess_scale;	/* an excess is in 1/scale of a score */
	bool		exhausted;		/* all is decided: score is the least, or
								 * there is no seating of the wanted score */
	int64		steps;			/* done */
	TreeState  *state;
} EveningTree;

/*
 * Begins to look for seatings with seated[rank] bookings of each rank: solves
 * the relaxation, until its bound is above wanted or as good as it gets, or
 * max_steps are done.  In the current memory context.
 */
extern EveningTree *evening_tree_begin(const EveningModel *model,
									   const int32 *seated, int64 wanted,
									   int64 max_steps);

/* Up to which excess options can be part of a seating of that score. */
extern int64 evening_tree_slack(const EveningTree *tree, int64 wanted);

/*
 * Looks for the best seating whose score is at most wanted, for about
 * max_steps.
 */
extern void evening_tree_search(EveningTree *tree, int64 wanted,
								int64 max_steps);

extern void evening_tree_free(EveningTree *tree);

#endif							/* MENUCA_EVENING_TREE_H */
