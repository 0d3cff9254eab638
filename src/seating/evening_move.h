/*-------------------------------------------------------------------------
 *
 * evening_move.h
 *	  One move of a search for a good seating.
 *
 * A move seats a guest at an option whether or not there is room, ejects whoever
 * is in the way, and seats the ejected ones where there is room.  It is given up
 * as soon as it must be worse than is allowed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_MOVE_H
#define MENUCA_EVENING_MOVE_H

#include "seating/evening_seating.h"

/* An option that is looked at. */
typedef struct SearchOption
{
	int64		excess;			/* they are sorted by it */
	int64		pain;			/* what is annealed */
	const EveningUse *uses;
	int32		nuses;
	int32		option;			/* index into the problem's */
} SearchOption;

typedef struct EveningSearch
{
	const EveningModel *model;
	EveningSeating *seating;
	SearchOption *options;		/* of each group, the best ones first */
	int32	   *first;			/* of each group, index into options */
	int32	   *noptions;		/* of each group */
	int64	   *least;			/* of each group: pain that it has anyway */
	int64	   *penalty;		/* of each rank, for being unseated */
	int64		full_penalty;	/* of the lowest rank, more than any cost */
	int64		typical;		/* difference between options' costs */
	SeatingChange *changes;		/* of the current move */
	int32		nchanges;
	uint64		random;
	int64		steps;
} EveningSearch;

/*
 * Seats a guest at the option at a place, if pain grows by no more than is
 * allowed, and returns whether it was done.
 */
extern bool evening_move_make(EveningSearch *search, int32 guest, int32 place,
							  int64 allowed);

/*
 * The place of the guest's first option that there is room for, and whose pain is
 * at most that; -1: none.
 */
extern int32 evening_move_fitting(EveningSearch *search, int32 guest, int64 most);

/* Pain of a guest who is unseated. */
static inline int64
evening_move_penalty(const EveningSearch *search, int32 guest)
{
	return search->penalty[search->model->groups[search->seating->group[guest]].rank];
}

/* A random number from 0 to n - 1, by xorshift64*. */
static inline uint32
evening_move_random(EveningSearch *search, uint32 n)
{
	search->random ^= search->random >> 12;
	search->random ^= search->random << 25;
	search->random ^= search->random >> 27;
	return (uint32) (((search->random * UINT64CONST(0x2545f4914f6cdd1d) >> 32) * n) >> 32);
}

#endif							/* MENUCA_EVENING_MOVE_H */
