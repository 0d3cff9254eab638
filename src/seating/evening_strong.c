/*-------------------------------------------------------------------------
 *
 * evening_strong.c
 *	  Pairs and triples of dining tables: see evening_strong_make().
 *
 * Of a class of 5 dining tables, at most 2 bookings can have 2 each, though
 * fractions of 3 could.  So 5 dining tables are 2 pairs as well, and an option
 * that takes 2 or 3 of them takes a pair.  In general a class of c is c / q
 * bundles of q, rounded down, and an option that takes a of it takes a / q of
 * these, rounded down (a Chvatal-Gomory cut of the class's room).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "seating/evening_strong.h"

#define MAX_BUNDLE 8

/* A bundle's resource. */
typedef struct Bundle
{
	int32		resource;		/* dining tables of which */
	int32		size;			/* dining tables in one bundle */
} Bundle;

typedef struct Bundles
{
	int32	   *most;			/* of each resource: taken by an option */
	int32	   *first;			/* of each resource: its first bundle, -1:
								 * none */
	Bundle	   *bundles;
	int32		n;
} Bundles;

static void find_bundles(const EveningModel *model, Bundles *bundles);
static bool is_useful(const EveningModel *model, int32 resource, int32 size);
static void add_room(const EveningModel *model, const Bundles *bundles,
					 EveningModel *strong);
static void add_uses(const EveningProblem *problem, const Bundles *bundles,
					 EveningProblem *strong);

EveningModel *
evening_strong_make(const EveningModel *model)
{
	EveningModel *strong = palloc(sizeof(EveningModel));
	EveningProblem *problem = palloc(sizeof(EveningProblem));
	Bundles		bundles;

	*strong = *model;
	*problem = *model->problem;
	strong->problem = problem;
	find_bundles(model, &bundles);
	problem->nresources += bundles.n;
	problem->counts = NULL;
	problem->fixed = NULL;
	problem->nfixed = 0;
	add_room(model, &bundles, strong);
	add_uses(model->problem, &bundles, problem);
	return strong;
}

/* One for each size up to the largest use, where it is ever a restriction. */
static void
find_bundles(const EveningModel *model, Bundles *bundles)
{
	const EveningProblem *problem = model->problem;
	int32		nresources = Max(problem->nresources, 1);
	int64		size = 0;

	bundles->most = palloc0(sizeof(int32) * nresources);
	bundles->first = palloc(sizeof(int32) * nresources);
	for (int32 i = 0; i < problem->nuses; i++)
	{
		const EveningUse *use = &problem->uses[i];

		bundles->most[use->resource] = Max(bundles->most[use->resource],
										   Min(use->amount, MAX_BUNDLE));
	}
	for (int32 r = 0; r < problem->nresources; r++)
		size += bundles->most[r];
	bundles->bundles = palloc(sizeof(Bundle) * Max(size, 1));
	bundles->n = 0;
	for (int32 r = 0; r < problem->nresources; r++)
	{
		CHECK_FOR_INTERRUPTS();
		bundles->first[r] = bundles->n;
		for (int32 q = 2; q <= bundles->most[r]; q++)
		{
			if (is_useful(model, r, q))
				bundles->bundles[bundles->n++] = (Bundle)
			{
				.resource = r,.size = q
			};
		}
	}
}

/* Where the room is a multiple of the size, the room says it already. */
static bool
is_useful(const EveningModel *model, int32 resource, int32 size)
{
	const int32 *room = model->room + (Size) resource * model->nslots;

	for (int32 slot = 0; slot < model->nslots; slot++)
	{
		if (room[slot] % size != 0)
			return true;
	}
	return false;
}

static void
add_room(const EveningModel *model, const Bundles *bundles, EveningModel *strong)
{
	int32		nslots = model->nslots;
	Size		cells = (Size) model->problem->nresources * nslots;
	int32	   *to;

	strong->room = palloc_extended(sizeof(int32) * Max(cells + (Size) bundles->n * nslots, 1),
								   MCXT_ALLOC_HUGE);
	memcpy(strong->room, model->room, sizeof(int32) * cells);
	to = strong->room + cells;
	for (int32 i = 0; i < bundles->n; i++)
	{
		const Bundle *bundle = &bundles->bundles[i];
		const int32 *room = model->room + (Size) bundle->resource * nslots;

		for (int32 slot = 0; slot < nslots; slot++)
			*to++ = room[slot] / bundle->size;
	}
}

static void
add_uses(const EveningProblem *problem, const Bundles *bundles,
		 EveningProblem *strong)
{
	EveningOption *options = palloc_extended(sizeof(EveningOption) * Max(problem->noptions, 1),
											 MCXT_ALLOC_HUGE);
	EveningUse *uses = NULL;

	/* Counted first, then written. */
	for (int pass = 0; pass < 2; pass++)
	{
		int32		n = 0;

		for (int32 i = 0; i < problem->noptions; i++)
		{
			const EveningOption *option = &problem->options[i];

			options[i] = *option;
			options[i].first_use = n;
			for (int32 k = 0; k < option->nuses; k++)
			{
				const EveningUse *use = &problem->uses[option->first_use + k];

				if (uses)
					uses[n] = *use;
				n++;
				for (int32 b = bundles->first[use->resource];
					 b < bundles->n && bundles->bundles[b].resource == use->resource; b++)
				{
					if (bundles->bundles[b].size > use->amount)
						continue;
					if (uses)
						uses[n] = (EveningUse)
					{
						.resource = problem->nresources + b,
							.amount = use->amount / bundles->bundles[b].size
					};
					n++;
				}
			}
			options[i].nuses = n - options[i].first_use;
		}
		if (pass == 0)
			uses = palloc_extended(sizeof(EveningUse) * Max(n, 1), MCXT_ALLOC_HUGE);
		strong->nuses = n;
	}
	strong->uses = uses;
	strong->options = options;
}
