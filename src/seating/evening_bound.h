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
#include "seating/evening_matrix.h"

/* Prices of a dining table for the time of a slot, and what they prove. */
typedef struct EveningBound
{
	const EveningModel *model;
	const int32 *seated;		/* of each rank: the score of seatings of so
								 * many is bounded; NULL: the sum of weights */
	const bool *keep;			/* of seatings with these options only; NULL:
								 * all */
	int64		scale;			/* prices and values are multiples of 1/scale */
	int64	   *price;			/* [resource * nslots + slot], >= 0; the best
								 * tried */
	int64	   *profit;			/* of each rank, for seating a booking, at
								 * these prices */
	int64	   *gain;			/* [variable]: what the cuts charge for it */
	int64		value;			/* at these prices no seating has more weight,
								 * or a smaller negated score */
	int64	   *try_price;		/* what follows belongs to one try */
	int64	   *try_profit;
	int64	   *try_gain;
	int64	   *sums;
	int64	   *least;			/* of each group: price of its best option */
} EveningBound;

/*
 * Begins without any knowledge, in the current memory context.  seated and keep
 * are referred to.
 */
extern EveningBound *evening_bound_create(const EveningModel *model,
										  const int32 *seated,
										  const bool *keep);

/*
 * Takes the prices of a relaxation of the same model and keeps them if they
 * prove more than those before; NULL: no prices at all, which are kept only if
 * the rounded bound is better.
 */
extern void evening_bound_try(EveningBound *bound, const EveningRelax *relax);

/*
 * The greatest possible sum of weights, or the least possible score; of
 * seatings within the relaxation's cuts, if it had any.
 */
extern int64 evening_bound_get(const EveningBound *bound);

/*
 * Writes for each of the model's group_options by how much a seating with it
 * exceeds the bound at least.
 */
extern void evening_bound_excess(EveningBound *bound, int64 *excess);

/*
 * The excess, in the same unit, up to which an option can be part of a seating
 * with a score of at most wanted, or with a sum of weights of at least that.
 */
extern int64 evening_bound_slack(const EveningBound *bound, int64 wanted);

extern void evening_bound_free(EveningBound *bound);

#endif							/* MENUCA_EVENING_BOUND_H */
