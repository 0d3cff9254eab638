/*-------------------------------------------------------------------------
 *
 * evening_matrix.h
 *	  The numbers of an evening's relaxation, and what variables take and cost.
 *
 * The matrix is never made: sums of prices over slots give what a window costs,
 * and differences give what it takes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_MATRIX_H
#define MENUCA_EVENING_MATRIX_H

#include "seating/evening_model.h"

/*
 * Wherever this is included, the compiler must not fuse multiplications with
 * additions, or the result would depend on the machine.
 */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize ("fp-contract=off")
#endif

/*
 * A restriction beside the room: at least, or at most, a number of bookings take one
 * of some options.
 */
typedef struct EveningCut
{
	int32		nvariables;
	int32	   *variables;		/* indexes into EveningModel.group_options */
	bool		at_least;
	int32		amount;
} EveningCut;

/* What a variable takes of a resource, by places in the relaxation's arrays. */
typedef struct RelaxUse
{
	int32		sum_from;		/* of the window's first slot in sums */
	int32		sum_until;		/* of the slot after its last one */
	int32		row_from;		/* of these among the rows */
	int32		row_until;		/* -1: there is no later slot */
	double		amount;
} RelaxUse;

typedef struct EveningRelax
{
	const EveningModel *model;
	bool		of_score;		/* false: the sum of weights is maximized */
	const int32 *seated;		/* of_score: bookings of each rank to be
								 * seated */
	const bool *keep;			/* options that may be taken; NULL: all */
	int32		ncuts;
	EveningCut *cuts;

	int64		ncells;			/* resources * slots */
	int64		nvariables;		/* of all groups */
	double		cost_scale;		/* units used here per unit of the costs */
	double	   *cost;			/* [variable]: in these units; or minus weight */
	int32	   *first_use;		/* [variable], and one more: index into uses */
	RelaxUse   *uses;
	double	   *limit;			/* [row]: what there is of it */
	int32	   *first_active;	/* [group], and one more: index into active */
	int32	   *active;			/* variables; all others are 0 and stay so
								 * until the next look */

	/* The current point, the one to come, the sums since the last restart. */
	double	   *x,
			   *next_x,
			   *sum_x,
			   *start_x;		/* [variable]: bookings that take the option */
	double	   *y,
			   *next_y,
			   *sum_y,
			   *start_y;		/* prices of cells, then of ranks, then of
								 * cuts */
	double	   *used,
			   *next_used,
			   *sum_used;		/* what x takes of each of them */
	double	   *sums;			/* prices before each slot */
	double	   *gain;			/* [variable]: what cuts pay for it */
	double	   *price;			/* [variable]: at the last look */
	double	   *moved;			/* of one group's active variables */
	double		step;
	double		balance;		/* of the steps of x and y */
	double		weight;			/* of the sums */
	int32		since;			/* iterations since the last restart */
	int32		iterations;
	double		merit;			/* distance from the optimum; at the last look */
	double		last_merit;
	double		start_merit;
	double		bound;			/* value of the dual at the better point */
	bool		average_is_better;
	int64		steps;			/* done */
} EveningRelax;

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
