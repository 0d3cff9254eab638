/*-------------------------------------------------------------------------
 *
 * plan_best.c
 *	  The best plans that a search has seen; see plan_best.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "seating/plan_best.h"

static int	compare_plans(const void *a, const void *b, void *arg);
static void sift_down(PlanBest *best, int at);

PlanBest *
plan_best_make(const Floor *floor, int max)
{
	PlanBest   *best = palloc0(sizeof(PlanBest));

	best->floor = floor;
	best->max = Max(max, 0);
	best->allocated = Min(best->max, 32);
	best->sets = palloc(sizeof(PlanSet) * Max(best->allocated, 1));
	return best;
}

bool
plan_best_wants(const PlanBest *best, const PlanSet *set)
{
	if (best->nsets < best->max)
		return true;
	return best->max > 0 &&
		compare_plans(set, &best->sets[0], unconstify(Floor *, best->floor)) < 0;
}

void
plan_best_keep(PlanBest *best, const PlanSet *set)
{
	int			at;

	if (best->nsets == best->max)
	{
		best->sets[0] = *set;
		sift_down(best, 0);
		return;
	}
	if (best->nsets == best->allocated)
	{
		best->allocated = Min((int64) best->allocated * 2, best->max);
		best->sets = repalloc_huge(best->sets, sizeof(PlanSet) * (Size) best->allocated);
	}
	for (at = best->nsets++; at > 0; at = (at - 1) / 2)
	{
		if (compare_plans(set, &best->sets[(at - 1) / 2], unconstify(Floor *, best->floor)) <= 0)
			break;
		best->sets[at] = best->sets[(at - 1) / 2];
	}
	best->sets[at] = *set;
}

void
plan_best_sort(PlanBest *best)
{
	qsort_arg(best->sets, best->nsets, sizeof(PlanSet), compare_plans,
			  unconstify(Floor *, best->floor));
}

static int
compare_plans(const void *a, const void *b, void *arg)
{
	const PlanSet *left = a;
	const PlanSet *right = b;
	const Floor *floor = arg;
	const int  *left_places = plan_best_places(left);
	const int  *right_places = plan_best_places(right);

	if (left->score != right->score)
		return left->score < right->score ? -1 : 1;
	if (left->overage != right->overage)
		return left->overage < right->overage ? -1 : 1;
	if (left->n != right->n)
		return left->n - right->n;
	for (int i = 0; i < left->n; i++)
		if (floor->rank[left_places[i]] != floor->rank[right_places[i]])
			return floor->rank[left_places[i]] - floor->rank[right_places[i]];
	for (int i = 0; i < left->n; i++)
		if (left_places[i] != right_places[i])
			return floor->order[left_places[i]] - floor->order[right_places[i]];
	return 0;
}

static void
sift_down(PlanBest *best, int at)
{
	PlanSet		set = best->sets[at];

	for (;;)
	{
		int			worse = 2 * at + 1;

		if (worse >= best->nsets)
			break;
		if (worse + 1 < best->nsets &&
			compare_plans(&best->sets[worse + 1], &best->sets[worse],
						  unconstify(Floor *, best->floor)) > 0)
			worse++;
		if (compare_plans(&set, &best->sets[worse], unconstify(Floor *, best->floor)) >= 0)
			break;
		best->sets[at] = best->sets[worse];
		at = worse;
	}
	best->sets[at] = set;
}
