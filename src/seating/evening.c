/*-------------------------------------------------------------------------
 *
 * evening.c
 *	  Seating a whole evening: see evening.h.
 *
 * A search finds a seating, prices prove how good it is, and what the prices
 * rule out the search then leaves aside.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "seating/evening.h"
#include "seating/evening_bound.h"
#include "seating/evening_model.h"
#include "seating/evening_relax.h"
#include "seating/evening_search.h"
#include "seating/evening_tree.h"

typedef struct Evening
{
	const EveningModel *model;
	const EveningModel *strong;
	EveningSearch *search;
	EveningResult *result;
	int32	   *seated;			/* of each rank, in the best seating */
	int64		weight;
	int64		weight_bound;
	int64		steps_left;
} Evening;

static void solve(Evening *evening, int64 max_steps);
static int64 bound_weight(Evening *evening, int64 all);
static void take_best(Evening *evening);

#include <time.h>
static inline void T(const char *what)
{
	static struct timespec t0; struct timespec t1; clock_gettime(CLOCK_MONOTONIC,&t1);
	if (getenv("V")) fprintf(stderr, "%s %.1f ms\n", what, (t1.tv_sec-t0.tv_sec)*1e3+(t1.tv_nsec-t0.tv_nsec)/1e6); t0 = t1;
}
static int64 E(const char *n, int64 d) { return getenv(n) ? atol(getenv(n)) : d; }

EveningResult *
evening_solve(const EveningProblem *problem, int64 max_steps)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "evening",
												  ALLOCSET_DEFAULT_SIZES);
	EveningResult *result = palloc0(sizeof(EveningResult));
	MemoryContext caller;

	result->chosen = palloc(sizeof(int32) * Max(problem->nbookings, 1));
	caller = MemoryContextSwitchTo(context);
	{
		Evening		evening = {.result = result};

		evening.model = evening_model_create(problem);
		solve(&evening, max_steps);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return result;
}

/* Searches and bounds in turn, until both meet or the steps are used up. */
static void
solve(Evening *evening, int64 max_steps)
{
	const EveningModel *model = evening->model;
	EveningResult *result = evening->result;
	int64		all = 0;
	int64		least = 0;
	int64		most = 0;

	evening->steps_left = max_steps;
	evening->seated = palloc0(sizeof(int32) * Max(model->nranks, 1));
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];

		all += group->nbookings * model->weight[group->rank];
		most += group->nbookings *
			model->problem->options[model->group_options[group->first_option + group->noptions - 1]].cost;
		least += group->nbookings *
			model->problem->options[model->group_options[group->first_option]].cost;
	}
	evening->search = evening_search_begin(model);
	evening->strong = evening_model_strengthen(model);
	evening_search_greedy(evening->search);
	evening_search_anneal(evening->search, E("S1", 200000), E("HEAT", 16), all, least);
	T("anneal");
	take_best(evening);
	evening->weight_bound = all;
	if (evening->weight < all)
		evening->weight_bound = bound_weight(evening, all);
	T("bound");
	for (;;)
	{
		int32	   *target = palloc(sizeof(int32) * Max(model->nranks, 1));
		EveningTree *tree;
		bool		more = evening->weight < evening->weight_bound;
		int64		wanted, gap;
		bool		done = false;

		memcpy(target, evening->seated, sizeof(int32) * model->nranks);
		if (more)
			target[0] = evening->weight_bound;
		tree = evening_tree_begin(evening->strong, target, more ? most : result->score - model->unit);
		T("root");
		if (more && tree->bound > most)
		{
			evening->weight_bound--;
			continue;
		}
		gap = Max(model->unit * 2, tree->bound / 100 * E("GAP", 3));
		for (int round = 0; round < E("ROUNDS", 3) && tree->bound < (more ? most : result->score); round++)
		{
			wanted = tree->bound + gap;
			if (!more) wanted = Min(wanted, result->score - model->unit);
			if (E("DIVE", 3000000))
			{
				evening_tree_dive(tree, wanted, E("DIVE", 3000000));
				T("dive");
				if (tree->found)
				{
					evening_search_adopt(evening->search, tree->chosen);
					take_best(evening);
					if (!more || evening->weight >= evening->weight_bound)
					more = false;
					if (tree->bound >= result->score && !more) break;
				}
			}
			evening_search_restrict(evening->search, tree->excess, evening_tree_slack(tree, wanted));
			evening_search_anneal(evening->search, E("S2", 300000), E("HEAT2", 16), evening->weight_bound, tree->bound);
			take_best(evening);
			if (getenv("V")) fprintf(stderr, "weight %ld score %f\n", evening->weight, result->score/1e4);
			T("anneal");
			more = evening->weight < evening->weight_bound;
			gap *= 2;
		}
		if (E("TREE", 0))
		while (tree->bound < (more ? most : result->score))
		{
			wanted = more ? tree->bound + gap : result->score - model->unit;
			evening_tree_search(tree, wanted, E("TREE", 0));
			T("tree");
			if (tree->found)
			{
				evening_search_adopt(evening->search, tree->chosen);
				take_best(evening);
				more = evening->weight < evening->weight_bound;
			}
			if (!tree->exhausted)
				break;
			if (tree->found)
				break;
			gap *= 2;
		}
		if (more && tree->bound >= most)
			evening->weight_bound--;
		else
			done = true;
		result->score_bound = tree->bound;
		if (done) break;
	}
	result->seated_bound = evening->weight_bound;
	result->seated_proven = evening->weight >= evening->weight_bound;
	result->score_proven = result->score <= result->score_bound;
	result->steps += evening_search_steps(evening->search);
}

static int64
bound_weight(Evening *evening, int64 all)
{
	EveningBound *bound = evening_bound_create(evening->strong, NULL, NULL);
	EveningRelax *relax = evening_relax_begin(evening->strong, NULL, NULL, 0);
	int64 n;
	evening_bound_try(bound, NULL);
	for (int i = 0; i < 40 && evening_bound_get(bound) > evening->weight; i++)
	{
		evening_relax_iterate(relax, 32);
		evening_bound_try(bound, relax);
		if (relax->merit < 0.02) break;
	}
	n = evening_bound_get(bound);
	if (getenv("V")) fprintf(stderr, "w %ld bound %f its %d merit %f steps %ld\n", evening->weight, bound->value / (double) bound->scale, relax->iterations, relax->merit, relax->steps);
	return Min(n, all);
}

static void
take_best(Evening *evening)
{
	const EveningModel *model = evening->model;
	EveningResult *result = evening->result;
	int32		n = model->problem->nbookings;
	const int32 *best = evening_search_best(evening->search, &evening->weight,
											&result->score);

	memcpy(result->chosen, best, sizeof(int32) * n);
	memset(evening->seated, 0, sizeof(int32) * model->nranks);
	result->seated = 0;
	for (int32 b = 0; b < n; b++)
	{
		if (best[b] >= 0)
		{
			evening->seated[model->groups[model->group_of[b]].rank]++;
			result->seated++;
		}
	}
}
