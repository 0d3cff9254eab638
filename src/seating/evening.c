/*-------------------------------------------------------------------------
 *
 * evening.c
 *	  Seating a whole evening: see evening.h.
 *
 * A search finds a seating; the linear relaxation's prices prove how many can
 * be seated, and lead the search there; a tree of cases finds the rest.
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
#include "seating/evening_strong.h"
#include "seating/evening_tree.h"

/* Found by measuring: how the steps are divided. */
#define STEPS_PER_BOOKING 50000
#define LEAST_STEPS 12000000
#define FIRST_SHARE 300
#define WEIGHT_SHARE 6
#define ROOT_SHARE 5
#define FIRST_MORE_SHARE 80		/* the first annealing for more bookings */
#define MORE_SHARE 1			/* all of them: as many as there are */
#define SCORE_SHARE 80			/* the first annealing for a smaller score */
#define TREE_SHARE 4
#define FAR_TREE_SHARE 12		/* when only the score can get better */
#define SHORT_TREE_SHARE 80		/* when it is good already */

/* Annealings, and where they begin: see evening_search_anneal(). */
#define LEAST_ROUNDS 2
#define MOST_ROUNDS 20			/* when the score may be far from the least */
#define FAR 90					/* that is 1/FAR above its bound */
#define GROWTH 4				/* each later one is longer by 1/GROWTH */
#define HOT 16
#define WARM 4
#define COOL 2
#define COLD 1
#define SOFT 8

#define GAP_PERCENT 4			/* first distance of the wanted score from the
								 * bound */
#define GAP_SIZES 3				/* each twice the one before */
#define HOT_GAP 4				/* a hot annealing's is that many times larger */
#define GAP_GROWTH 16			/* of the tree's */
#define CHUNK 32				/* iterations between two bounds */
#define MAX_TARGETS 4
#define LARGE_EVENING 200		/* bookings beyond which a score is good
								 * enough that is 1/ENOUGH above its bound */
#define ENOUGH 100

typedef struct Evening
{
	const EveningModel *model;
	const EveningModel *strong; /* for bounds */
	EveningSearch *search;
	EveningResult *result;
	int64		max_steps;
	int64		steps;			/* done for bounds and trees */
	int32	   *seated;			/* of each rank, in the best seating */
	int64		weight;			/* its sum of weights */
	int64		weight_bound;
	int64		least_score;	/* of seatings of everybody */
	int64		most_score;		/* no seating has a higher one */
} Evening;

static void solve(Evening *evening);
static bool is_easy(const Evening *evening);
static int64 enough(const Evening *evening, int64 bound);
static void begin(Evening *evening);
static void bound_weight(Evening *evening);
static bool improve(Evening *evening);
static bool set_target(const Evening *evening, int32 *target);
static void seat_more(Evening *evening, EveningTree *tree);
static void lower_score(Evening *evening, EveningTree *tree);
static void anneal(Evening *evening, EveningTree *tree, int64 wanted,
				   bool guided, int heat, int softness, bool fresh,
				   int64 steps);
static bool is_far(const Evening *evening, const EveningTree *tree);
static void search_tree(Evening *evening, EveningTree *tree, bool more);
static void bound_score(Evening *evening);
static void take_best(Evening *evening);
static int64 first_gap(const Evening *evening, const EveningTree *tree);

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
		Evening		evening = {.result = result,.max_steps = max_steps};

		if (max_steps <= 0)
			evening.max_steps = Max(LEAST_STEPS,
									(int64) problem->nbookings * STEPS_PER_BOOKING);
		evening.model = evening_model_create(problem);
		solve(&evening);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return result;
}

static void
solve(Evening *evening)
{
	EveningResult *result = evening->result;

	begin(evening);
	bound_weight(evening);
	if (is_easy(evening))
		result->score_bound = evening->least_score;
	else
	{
		for (int i = 0; i < MAX_TARGETS && improve(evening); i++)
			;
	}
	if (evening->weight < evening->weight_bound)
		bound_score(evening);
	result->score_bound = Min(result->score_bound, result->score);
	result->seated_proven = evening->weight >= evening->weight_bound &&
		evening->model->exact_weights;
	result->score_proven = result->score <= result->score_bound;
	if (result->seated_proven)
		result->seated_bound = result->seated;
	else
		result->seated_bound = evening->model->nranks == 1 ?
			(int32) evening->weight_bound : evening->model->nseatable;
	result->steps = evening->steps + evening_search_steps(evening->search);
}

/* Everybody is seated, and nearly everybody at a cheapest option. */
static bool
is_easy(const Evening *evening)
{
	return evening->result->seated == evening->model->nseatable &&
		evening->result->score <= enough(evening, evening->least_score);
}

/* A score that is not worth improving, if that is its bound. */
static int64
enough(const Evening *evening, int64 bound)
{
	if (evening->model->nseatable <= LARGE_EVENING || bound < 0)
		return bound;
	return bound + bound / ENOUGH;
}

/* A first seating; good enough if all is easy. */
static void
begin(Evening *evening)
{
	const EveningModel *model = evening->model;
	int64		all = 0;

	evening->seated = palloc0(sizeof(int32) * Max(model->nranks, 1));
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		const int32 *options = model->group_options + group->first_option;
		const EveningOption *cheap = &model->problem->options[options[0]];
		const EveningOption *dear =
			&model->problem->options[options[group->noptions - 1]];

		all += group->nbookings * model->weight[group->rank];
		evening->least_score += group->nbookings * cheap->cost;
		evening->most_score += group->nbookings * Max(dear->cost, 0);
	}
	evening->weight_bound = all;
	evening->search = evening_search_begin(model);
	evening_search_greedy(evening->search);
	evening_search_anneal(evening->search, evening->max_steps / FIRST_SHARE,
						  HOT, false, all,
						  enough(evening, evening->least_score));
	take_best(evening);
}

/* Bounds the number of the seated, until it is that of the best seating. */
static void
bound_weight(Evening *evening)
{
	EveningBound *bound;
	EveningRelax *relax;

	evening->strong = evening_strong_make(evening->model);
	if (evening->weight >= evening->weight_bound)
		return;
	bound = evening_bound_create(evening->strong, NULL, NULL);
	relax = evening_relax_begin(evening->strong, NULL, NULL, 0);
	while (relax->steps < evening->max_steps / WEIGHT_SHARE)
	{
		evening_relax_iterate(relax, CHUNK);
		evening_bound_try(bound, relax);
		evening->weight_bound = Min(evening->weight_bound,
									evening_bound_get(bound));
		if (evening->weight >= evening->weight_bound || relax->merit < 0.02)
			break;
	}
	evening->steps += relax->steps;
	evening_bound_free(bound);
	evening_relax_free(relax);
}

/*
 * Looks for a seating of as many as the bound allows, and for the best score.
 * Returns true if no seating reaches the bound, which is lower now: try again.
 */
static bool
improve(Evening *evening)
{
	const EveningModel *model = evening->model;
	EveningResult *result = evening->result;
	bool		more = evening->weight < evening->weight_bound;
	int32	   *target = palloc(sizeof(int32) * Max(model->nranks, 1));
	EveningTree *tree;
	bool		refuted = false;

	/* No sum of weights lies between two that numbers of bookings make. */
	while (more && !set_target(evening, target))
	{
		CHECK_FOR_INTERRUPTS();
		evening->weight_bound--;
		more = evening->weight < evening->weight_bound;
	}
	if (!more)
		memcpy(target, evening->seated, sizeof(int32) * model->nranks);
	tree = evening_tree_begin(evening->strong, target,
							  more ? evening->most_score : result->score - model->unit,
							  evening->max_steps / ROOT_SHARE);
	if (more)
		seat_more(evening, tree);
	if (evening->weight >= evening->weight_bound)
		lower_score(evening, tree);
	more = evening->weight < evening->weight_bound;
	search_tree(evening, tree, more);

	/* What the tree has found need not have the least score. */
	if (more && evening->weight >= evening->weight_bound)
		lower_score(evening, tree);
	more = evening->weight < evening->weight_bound;
	if (!more)
		result->score_bound = tree->bound;
	else if (tree->bound > evening->most_score)
	{
		evening->weight_bound--;
		refuted = true;
	}
	evening->steps += tree->steps;
	evening_tree_free(tree);
	pfree(target);
	return refuted;
}

/*
 * How many of each rank make the bound's sum of weights; false: no numbers do.
 */
static bool
set_target(const Evening *evening, int32 *target)
{
	const EveningModel *model = evening->model;
	int64		rest = evening->weight_bound;
	int32	   *members = palloc0(sizeof(int32) * Max(model->nranks, 1));

	for (int32 g = 0; g < model->ngroups; g++)
		members[model->groups[g].rank] += model->groups[g].nbookings;
	for (int32 rank = model->nranks - 1; rank >= 0; rank--)
	{
		target[rank] = (int32) Min(rest / model->weight[rank], members[rank]);
		rest -= target[rank] * model->weight[rank];
	}
	pfree(members);
	return rest == 0;
}

/*
 * Searches among options that the prices let pass for as many bookings as the
 * bound allows.  Cool annealings from the best seating and hot ones from
 * nobody seated take turns, each longer than the last, with gaps of several sizes.
 */
static void
seat_more(Evening *evening, EveningTree *tree)
{
	int64		gap = first_gap(evening, tree);
	int64		steps = evening->max_steps / FIRST_MORE_SHARE;
	int64		left = evening->max_steps / MORE_SHARE;

	for (int round = 0; left > 0 && evening->weight < evening->weight_bound &&
		 tree->bound < evening->most_score; round++)
	{
		bool		hot = round % 2 == 1;

		anneal(evening, tree,
			   tree->bound + (gap << round / 2 % GAP_SIZES) * (hot ? HOT_GAP : 1),
			   true, hot ? HOT : COOL, 1, hot, steps);
		left -= steps;
		steps += steps / 2;
	}
}

/*
 * Searches for the least score.  Warm annealings, led by prices, in which it costs
 * little to unseat somebody for a while, get over barriers; cold ones, led by costs,
 * find the last gains.
 */
static void
lower_score(Evening *evening, EveningTree *tree)
{
	EveningResult *result = evening->result;
	int64		steps = evening->max_steps / SCORE_SHARE;

	for (int round = 0; enough(evening, tree->bound) < result->score; round++)
	{
		bool		warm = round % 2 == 0;

		if (round >= (is_far(evening, tree) ? MOST_ROUNDS : LEAST_ROUNDS))
			break;
		if (round >= LEAST_ROUNDS)
			steps += steps / GROWTH;
		anneal(evening, tree, result->score - evening->model->unit, warm,
			   warm ? WARM : COLD, warm ? SOFT : 1, false, steps);
	}
}

/* Whether the score may be much above the least. */
static bool
is_far(const Evening *evening, const EveningTree *tree)
{
	return (evening->result->score - tree->bound) * FAR > Max(tree->bound, 0);
}

static void
anneal(Evening *evening, EveningTree *tree, int64 wanted, bool guided, int heat,
	   int softness, bool fresh, int64 steps)
{
	evening_search_restrict(evening->search, tree->excess,
							evening_tree_slack(tree, wanted),
							tree->excess_scale, guided, softness);
	evening_search_anneal(evening->search, steps, heat, fresh,
						  evening->weight_bound, enough(evening, tree->bound));
	take_best(evening);
}

/* Tries all cases, first with little more than the bound, then with more. */
static void
search_tree(Evening *evening, EveningTree *tree, bool more)
{
	EveningResult *result = evening->result;
	int64		gap = first_gap(evening, tree);
	int			share = more ? TREE_SHARE :
		is_far(evening, tree) ? FAR_TREE_SHARE : SHORT_TREE_SHARE;
	int64		end = tree->steps + evening->max_steps / share;

	while (more ? tree->bound <= evening->most_score :
		   enough(evening, tree->bound) < result->score)
	{
		int64		wanted = more ? Min(tree->bound + gap, evening->most_score) :
			result->score - evening->model->unit;

		evening_tree_search(tree, wanted, end - tree->steps);
		if (tree->found)
		{
			evening_search_adopt(evening->search, tree->chosen);
			take_best(evening);
			more = evening->weight < evening->weight_bound;
		}
		if (!tree->exhausted || tree->found)
			break;
		gap *= GAP_GROWTH;
	}
}

/* Bounds the score of as many as are seated, where more could be. */
static void
bound_score(Evening *evening)
{
	EveningResult *result = evening->result;
	EveningTree *tree = evening_tree_begin(evening->strong, evening->seated,
										   result->score - evening->model->unit,
										   evening->max_steps / ROOT_SHARE);

	result->score_bound = tree->bound;
	evening->steps += tree->steps;
	evening_tree_free(tree);
}

static int64
first_gap(const Evening *evening, const EveningTree *tree)
{
	int64		size = tree->bound < 0 ? -tree->bound : tree->bound;

	return Max(evening->model->unit * 2, size / 100 * GAP_PERCENT);
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
