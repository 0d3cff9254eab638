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
#include "seating/evening_search.h"

typedef struct Evening
{
	const EveningModel *model;
	EveningSearch *search;
	EveningResult *result;
	int32	   *seated;			/* of each rank, in the best seating */
	int64		weight;
	int64		weight_bound;
	int64		steps_left;
} Evening;

static void solve(Evening *evening, int64 max_steps);
static void take_best(Evening *evening);

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
	EveningBound *bound;

	evening->steps_left = max_steps;
	evening->seated = palloc0(sizeof(int32) * Max(model->nranks, 1));
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];

		all += group->nbookings * model->weight[group->rank];
		least += group->nbookings *
			model->problem->options[model->group_options[group->first_option]].cost;
	}
	evening->search = evening_search_begin(model);
	evening_search_greedy(evening->search);
	evening_search_anneal(evening->search, max_steps / 4, 16, all, least);
	take_best(evening);
	bound = evening_bound_weight(model, evening->weight + 1, max_steps / 4);
	evening->weight_bound = Min(all, evening_bound_get(model, bound));
	fprintf(stderr, "w %ld bound %f steps %ld (search %ld)\n", evening->weight, bound->value / (double) bound->scale, bound->steps, evening_search_steps(evening->search));
	evening_bound_free(bound);
	if (evening->weight < evening->weight_bound)
	{
		evening_search_anneal(evening->search, max_steps / 4, 16, evening->weight_bound, PG_INT64_MIN);
		take_best(evening);
	}
	for (int round = 0; round < 3; round++)
	{
		bool	   *keep;
		int64		n;

		bound = evening_bound_score(model, evening->seated, result->score - model->unit, max_steps / 4);
		result->score_bound = evening_bound_get(model, bound);
		keep = palloc_extended(sizeof(bool) * (model->groups[model->ngroups - 1].first_option + model->groups[model->ngroups - 1].noptions), MCXT_ALLOC_HUGE);
		n = evening_bound_filter(model, bound, result->score - model->unit, keep);
		fprintf(stderr, "s %ld bound %f steps %ld (search %ld) keep %ld of %d\n", result->score, -bound->value / (double) bound->scale, bound->steps, evening_search_steps(evening->search),
				n, model->groups[model->ngroups - 1].first_option + model->groups[model->ngroups - 1].noptions);
		evening_bound_free(bound);
		if (result->score <= result->score_bound)
			break;
		evening_search_restrict(evening->search, keep);
		pfree(keep);
		evening_search_anneal(evening->search, max_steps / 4, 16, evening->weight_bound, result->score_bound);
		take_best(evening);
	}
	result->seated_bound = evening->weight_bound;
	result->seated_proven = evening->weight >= evening->weight_bound;
	result->score_proven = result->score <= result->score_bound;
	result->steps += evening_search_steps(evening->search);
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
