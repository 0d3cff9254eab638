/*-------------------------------------------------------------------------
 *
 * plan_scan.c
 *	  What a search for plans has found so far; see plan_scan.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"

#include "seating/plan_domination.h"
#include "seating/plan_scan.h"

void
plan_scan_count(PlanScan *scan, int n, int64 plans)
{
	if (pg_add_s64_overflow(scan->by_size[n], plans, &scan->by_size[n]))
	{
		scan->by_size[n] = PG_INT64_MAX;
		scan->saturated = true;
	}
}

bool
plan_scan_offer(PlanScan *scan, const PlanSet *set)
{
	if (!plan_best_wants(scan->best, set))
		return false;
	if (set->n > 1 && plan_listed_has(scan->listed, set->places, set->n))
		return true;
	if (scan->undominated && set->n > 1 &&
		plan_domination_of_free(scan->rules, scan->listed, set->places, set->n))
		return true;
	plan_best_keep(scan->best, set);
	if (scan->first_only)
		scan->budget.spent = true;
	return true;
}

void
plan_scan_tables(PlanScan *scan)
{
	const PlanRules *rules = scan->rules;

	for (int p = 0; p < rules->floor->ntables; p++)
	{
		PlanSet		set = {0};

		if (!rules->alone[p])
			continue;
		plan_scan_count(scan, 1, 1);
		set.capacity = floor_at(rules->floor, p)->capacity;
		set.overage = set.capacity - rules->party;
		set.n = 1;
		set.places[0] = p;
		set.score = plan_scan_score(rules, &set, 0);
		plan_scan_offer(scan, &set);
	}
}

void
plan_scan_listed(PlanScan *scan)
{
	const PlanRules *rules = scan->rules;

	for (int i = 0; i < scan->listed->nsets; i++)
	{
		const PlanListedSet *listed = &scan->listed->sets[i];
		PlanSet		set = {0};

		plan_scan_count(scan, listed->n, 1);
		set.capacity = listed->capacity;
		set.overage = set.capacity - rules->party;
		set.n = listed->n;
		set.listed = true;
		set.listed_places = listed->tables;
		set.score = plan_scan_score(rules, &set,
									plan_rules_adjacency(rules->floor, listed->tables, listed->n).cost);
		if (!plan_best_wants(scan->best, &set))
			continue;

		/*
		 * Where the limit ends the test the set may be dominated, so it is
		 * not kept
		 */
		if (scan->undominated &&
			(plan_domination_of_listed(rules, scan->listed, listed->tables, listed->n, &scan->budget) ||
			 scan->budget.spent))
			continue;
		plan_best_keep(scan->best, &set);
		if (scan->first_only)
			scan->budget.spent = true;
	}
}

int64
plan_scan_score(const PlanRules *rules, const PlanSet *set, int adjacency)
{
	int64		score = rules->settings.w_overage * set->overage +
		rules->settings.w_tables * (set->n - 1) +
		rules->settings.w_adjacency * adjacency +
		rules->settings.w_spread * plan_scan_spread(rules->floor, set);

	for (int i = 0; i < set->n; i++)
		score += rules->own[plan_best_places(set)[i]];
	return score;
}

int64
plan_scan_spread(const Floor *floor, const PlanSet *set)
{
	int64		sum = 0;
	int64		largest = 0;

	for (int i = 0; i < set->n; i++)
	{
		int64		capacity = floor_at(floor, plan_best_places(set)[i])->capacity;

		sum += capacity;
		largest = Max(largest, capacity);
	}
	return sum - largest;
}
