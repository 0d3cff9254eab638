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

#include "seating/evening_model.h"

/*
 * A restriction beside the room: at least or at most so many bookings take one
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
	double		cost_scale;		/* a cost is so many of the units used here */
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
