/*-------------------------------------------------------------------------
 *
 * evening_search.h
 *	  Looking for a good seating of an evening, move by move.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_SEARCH_H
#define MENUCA_EVENING_SEARCH_H

#include "seating/evening_move.h"

/*
 * Begins with nobody seated, in the current memory context.
 */
extern EveningSearch *evening_search_begin(const EveningModel *model);

/* Seats who fits, by start; again with the largest first if that is better. */
extern void evening_search_greedy(EveningSearch *search);

/*
 * Improves the best seating found so far by simulated annealing, for about
 * max_steps, or until its weight is wanted_weight and its
 * score wanted_score.  heat is the share of the typical difference of scores,
 * in 1/16, at which it begins.  If fresh, it begins with nobody seated, else
 * with the best seating.
 */
extern void evening_search_anneal(EveningSearch *search, int64 max_steps,
								  int heat, bool fresh,
								  int64 wanted_weight, int64 wanted_score);

/*
 * From now on looks only at options whose excess is at most slack, those of
 * least excess first; there is one for each of the model's group_options, in
 * 1/scale of a score.  If guided, the sum of excesses is made small, otherwise
 * that of costs.  softness divides the penalty of an unseated booking, which at
 * 1 is more than any option costs.  The best seating stays as it is.
 */
extern void evening_search_restrict(EveningSearch *search,
									const int64 *excess, int64 slack,
									int64 scale, bool guided,
									int softness);

/* Goes to that seating, which fits, and keeps it if it is the best one. */
extern void evening_search_adopt(EveningSearch *search, const int32 *chosen);

/* The best seating: option of each booking or -1; valid until the next call. */
extern const int32 *evening_search_best(const EveningSearch *search,
										int64 *weight, int64 *score);

extern int64 evening_search_steps(const EveningSearch *search);

#endif							/* MENUCA_EVENING_SEARCH_H */
