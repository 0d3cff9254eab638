/*-------------------------------------------------------------------------
 *
 * evening_matrix.h
 *	  What variables take and cost in an evening's relaxation.
 *
 * The matrix is never made: sums of prices over slots give what a window costs,
 * and differences give what it takes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_MATRIX_H
#define MENUCA_EVENING_MATRIX_H

#include "seating/evening_relax.h"

/*
 * Wherever this is included, the compiler must not fuse multiplications with
 * additions, or the result would depend on the machine.
 */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize ("fp-contract=off")
#endif

/* Lists what each variable costs and takes. */
extern void evening_matrix_list_variables(EveningRelax *relax);

/* Lists the room of each cell, and the bookings of each rank to be seated. */
extern void evening_matrix_list_limits(EveningRelax *relax, int64 rows);

/* Takes over the amounts of the cuts. */
extern void evening_matrix_limit_cuts(EveningRelax *relax);

/* Sums prices over slots, and those of ranks and cuts over variables. */
extern void evening_matrix_sum_prices(EveningRelax *relax, const double *y);

/* Writes what x takes of each row; only active variables are not 0. */
extern void evening_matrix_use(const EveningRelax *relax, const double *x,
							   double *used);

/* What a booking costs with that option, all prices included. */
static inline double
evening_matrix_price(const EveningRelax *relax, int64 variable)
{
	const RelaxUse *use = relax->uses + relax->first_use[variable];
	const RelaxUse *end = relax->uses + relax->first_use[variable + 1];
	double		price = relax->gain[variable] + relax->cost[variable];

	for (; use < end; use++)
		price += use->amount * (relax->sums[use->sum_until] - relax->sums[use->sum_from]);
	return price;
}

static inline int64
evening_matrix_rows(const EveningRelax *relax)
{
	return relax->ncells + relax->model->nranks + relax->ncuts;
}

#endif							/* MENUCA_EVENING_MATRIX_H */
