/*-------------------------------------------------------------------------
 *
 * evening_relax.h
 *	  The linear relaxation of an evening, nearly solved.
 *
 * Bookings may be seated in fractions.  What comes out is a hint, never a
 * proof: prices for evening_bound.h, which computes with integers what they
 * prove, and fractions that tell where a decision is open.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_RELAX_H
#define MENUCA_EVENING_RELAX_H

#include "seating/evening_matrix.h"

/*
 * Begins in the current memory context.  seated and keep are referred to.
 * max_cuts restrictions can be added later.
 */
extern EveningRelax *evening_relax_begin(const EveningModel *model,
										 const int32 *seated,
										 const bool *keep, int32 max_cuts);

/* Forgets averages, after cuts were added or removed; the point stays. */
extern void evening_relax_restart(EveningRelax *relax);

/* That many iterations, which cost steps each. */
extern void evening_relax_iterate(EveningRelax *relax, int32 iterations);

/*
 * Copies the better of the current and the average point: what each variable
 * takes, and the prices in ten-thousandths of a score or of a weight's unit,
 * times scale.  Each may be NULL.
 */
extern void evening_relax_get(const EveningRelax *relax, double *x,
							  int64 scale, int64 *price, int64 *cut_price);

extern void evening_relax_free(EveningRelax *relax);

#endif							/* MENUCA_EVENING_RELAX_H */
