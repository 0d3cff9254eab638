/*-------------------------------------------------------------------------
 *
 * plan_domination.c
 *	  Whether a plan is dominated; see plan_domination.h.
 *
 * For a free set S of n tables it is enough to look at single tables, at listed
 * sets, and at the subsets of n - 1 tables.  Proof: let T, a proper subset of S
 * with 2 tables or more, be a free plan.  Adding tables of S to T keeps zone,
 * mobility and size right, and the sum between that of T and that of S, both in
 * range.  They can be added one at a time so that the adjacency holds until
 * n - 1 are reached:
 *	- off, pairwise: any subset of S will do.
 *	- connected: S is connected, so some table outside T is next to one inside.
 *	- neighbors: let h be a table of S next to all others.  With h inside, any
 *	  subset will do.  Otherwise add h first: if that makes S, then T itself has
 *	  n - 1 tables.
 *
 * A listed set need not be connected or movable, so all its subsets are tried.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/plan_domination.h"

static bool any_alone(const PlanRules *rules, const int *places, int n);
static bool free_subset(const PlanRules *rules, const int *places, int n,
						int *chosen, int nchosen, int most, int from, int64 capacity,
						PlanBudget *budget);

bool
plan_domination_of_free(const PlanRules *rules, const PlanListed *listed, const int *places, int n)
{
	int64		capacity = 0;

	if (any_alone(rules, places, n) || plan_listed_within(listed, places, n))
		return true;
	if (n < 3)
		return false;
	for (int i = 0; i < n; i++)
		capacity += floor_at(rules->floor, places[i])->capacity;
	for (int out = 0; out < n; out++)
	{
		int			rest[FLOOR_MAX_K];
		int			nrest = 0;

		if (capacity - floor_at(rules->floor, places[out])->capacity < rules->least)
			continue;
		for (int i = 0; i < n; i++)
			if (i != out)
				rest[nrest++] = places[i];
		if (plan_rules_adjacent(rules, rest, nrest))
			return true;
	}
	return false;
}

bool
plan_domination_of_listed(const PlanRules *rules, const PlanListed *listed,
						  const int *places, int n, PlanBudget *budget)
{
	int			joining[FLOOR_MAX_COMBINATION];
	int			chosen[FLOOR_MAX_K];
	int			njoining = 0;

	if (any_alone(rules, places, n) || plan_listed_within(listed, places, n))
		return true;
	if (!rules->free_sets)
		return false;
	for (int i = 0; i < n; i++)
		if (rules->joins[places[i]])
			joining[njoining++] = places[i];

	/* The set itself is no proper subset */
	return free_subset(rules, joining, njoining, chosen, 0, Min(rules->k, n - 1), 0, 0, budget);
}

static bool
any_alone(const PlanRules *rules, const int *places, int n)
{
	for (int i = 0; i < n; i++)
		if (rules->alone[places[i]])
			return true;
	return false;
}

/* Whether the chosen places, with further ones of the n up to that number, can be a free plan. */
static bool
free_subset(const PlanRules *rules, const int *places, int n,
			int *chosen, int nchosen, int most, int from, int64 capacity,
			PlanBudget *budget)
{
	if (!plan_rules_step(budget))
		return false;
	if (nchosen > 1 && capacity >= rules->least && plan_rules_adjacent(rules, chosen, nchosen))
		return true;
	if (nchosen == most)
		return false;
	for (int i = from; i < n; i++)
	{
		int64		more = capacity + floor_at(rules->floor, places[i])->capacity;

		if (more > rules->most)
			continue;
		chosen[nchosen] = places[i];
		if (free_subset(rules, places, n, chosen, nchosen + 1, most, i + 1, more, budget))
			return true;
	}
	return false;
}
