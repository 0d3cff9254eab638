/*-------------------------------------------------------------------------
 *
 * evening_model.h
 *	  An evening as its solver sees it: instants are slots, like bookings groups.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_MODEL_H
#define MENUCA_EVENING_MODEL_H

#include "seating/evening_problem.h"

/* Bookings with the same slots, options and priority. */
typedef struct EveningGroup
{
	int32		from;			/* first slot of the window */
	int32		until;			/* the slot after its last one */
	int32		list;			/* groups are sorted by it */
	int32		rank;			/* of the priority; 0 is the lowest */
	int32		nbookings;
	int32		first_option;	/* index into EveningModel.group_options */
	int32		noptions;		/* options that fit beside the fixed use,
								 * cheapest first */
} EveningGroup;

typedef struct EveningModel
{
	const EveningProblem *problem;
	int32		nslots;
	int32	   *room;			/* [resource * nslots + slot]: count without
								 * fixed use, never negative */
	int32		ngroups;
	EveningGroup *groups;
	int32	   *group_of;		/* of each booking; -1: it has no option that
								 * fits */
	int32	   *group_options;	/* indexes into problem->options */
	int32		nranks;
	int64	   *weight;			/* of each rank: worth more than all bookings
								 * of lower ranks together */
	bool		exact_weights;	/* false: there are too many ranks for that */
	int32		nseatable;		/* bookings that have a group */
	int64		unit;			/* divides all costs */
} EveningModel;

/*
 * Makes the model in the current memory context.  Errors: see evening_solve().
 */
extern EveningModel *evening_model_create(const EveningProblem *problem);

/* Whether an option fits into the room during [from, until). */
static inline bool
evening_model_fits(const EveningProblem *problem, const int32 *room,
				   int32 nslots, const EveningOption *option,
				   int32 from, int32 until)
{
	for (int i = 0; i < option->nuses; i++)
	{
		const EveningUse *use = &problem->uses[option->first_use + i];
		const int32 *r = room + (Size) use->resource * nslots;

		for (int32 slot = from; slot < until; slot++)
		{
			if (r[slot] < use->amount)
				return false;
		}
	}
	return true;
}

#endif							/* MENUCA_EVENING_MODEL_H */
