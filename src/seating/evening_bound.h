/*-------------------------------------------------------------------------
 *
 * evening_bound.h
 *	  What no seating of an evening can surpass: bounds by prices.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_BOUND_H
#define MENUCA_EVENING_BOUND_H

#include "seating/evening_model.h"

/* Prices of a dining table for the time of a slot, and what they prove. */
typedef struct EveningBound
{
	bool		of_score;		/* false: of the sum of weights */
	int64		scale;			/* prices and values are multiples of 1/scale */
	int64	   *price;			/* [resource * nslots + slot], >= 0; the best
								 * found */
	int64	   *profit;			/* of each rank, for seating a booking */
	int64		value;			/* of the relaxation, at these prices: at least
								 * what any seating's weights make, or at most
								 * its score */
	int64		steps;			/* done */
} EveningBound;

/*
 * Bounds the sum of the seated bookings' weights.  Searches until the bound is
 * below beaten, or max_steps are done.  The result is valid in any case.
 */
extern EveningBound *evening_bound_weight(const EveningModel *model,
										  int64 beaten, int64 max_steps);

/*
 * Bounds the score of seatings that have seated[rank] bookings of each rank.
 * Searches until the bound is above beaten, or max_steps are done.
 */
extern EveningBound *evening_bound_score(const EveningModel *model,
										 const int32 *seated, int64 beaten,
										 int64 max_steps);

/* The bound: the greatest possible sum of weights, or the least score. */
extern int64 evening_bound_get(const EveningModel *model,
							   const EveningBound *bound);

/*
 * Writes into keep[], which has one for each of the model's group_options,
 * whether a seating with that option can have a score of at most wanted.
 * Returns the number of options that can.
 */
extern int64 evening_bound_filter(const EveningModel *model,
								  const EveningBound *bound, int64 wanted,
								  bool *keep);

extern void evening_bound_free(EveningBound *bound);

#endif							/* MENUCA_EVENING_BOUND_H */
