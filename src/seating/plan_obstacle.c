/*-------------------------------------------------------------------------
 *
 * plan_obstacle.c
 *	  Why a party has no plan; see plan_obstacle.h.
 *
 * A rule is to blame when there is a plan without it.  So rules are waived: each
 * alone, then pairs, then three together, until there is a plan.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "seating/plan_obstacle.h"
#include "seating/plan_search.h"

/* Steps of a search, at most: the answer is a message, not worth more. */
#define MAX_STEPS 200000

static void count_tables(const Floor *floor, const PlanQuery *query, PlanObstacles *obstacles);
static int	rules_that_matter(const Floor *floor, const PlanQuery *query);
static void blame(const Floor *floor, PlanQuery *query, PlanObstacles *obstacles);
static bool helps(const Floor *floor, PlanQuery *query, int waived, PlanObstacles *obstacles);
static const SeatingPlan *extreme_plan(const Floor *floor, const PlanQuery *query, int waived,
									   int64 w_overage, int64 w_tables, PlanObstacles *obstacles);
static int64 largest_party(const Floor *floor, const PlanQuery *query, int waived,
						   PlanObstacles *obstacles);

void
plan_obstacle_find(const Floor *floor, const PlanQuery *query, PlanObstacles *obstacles)
{
	FloorSettings settings = query->settings != NULL ? *query->settings : floor->settings;
	PlanQuery	limited = *query;
	const SeatingPlan *plan;
	int			blamed;

	if (settings.max_evaluations <= 0 || settings.max_evaluations > MAX_STEPS)
		settings.max_evaluations = MAX_STEPS;
	limited.settings = &settings;
	memset(obstacles, 0, sizeof(*obstacles));
	obstacles->complete = true;
	obstacles->has_plan = helps(floor, &limited, 0, obstacles);
	if (obstacles->has_plan)
		return;
	count_tables(floor, query, obstacles);
	obstacles->largest = largest_party(floor, &limited, PLAN_RULE_BUSY, obstacles);
	obstacles->largest_free = largest_party(floor, &limited, 0, obstacles);
	if (query->party <= 0)
		return;
	blame(floor, &limited, obstacles);

	/* By how much the limits are too low */
	blamed = obstacles->alone & PLAN_RULE_K ? PLAN_RULE_K : obstacles->together;
	if (blamed & PLAN_RULE_K)
	{
		plan = extreme_plan(floor, &limited, blamed, 0, 1, obstacles);
		obstacles->tables_needed = plan != NULL ? plan->ntables : 0;
	}
	blamed = obstacles->alone & PLAN_RULE_OVERAGE ? PLAN_RULE_OVERAGE : obstacles->together;
	if (blamed & PLAN_RULE_OVERAGE)
	{
		plan = extreme_plan(floor, &limited, blamed, 1, 0, obstacles);
		obstacles->overage_needed = plan != NULL ? plan->overage : 0;
	}
}

static void
count_tables(const Floor *floor, const PlanQuery *query, PlanObstacles *obstacles)
{
	for (int p = 0; p < floor->ntables; p++)
	{
		const DiningTable *table = floor_at(floor, p);
		bool		isolated = true;

		if (!floor_usable(table) || (query->zone != FLOOR_NO_ZONE && query->zone != table->zone))
			continue;
		obstacles->nusable++;
		obstacles->nfree += query->free == NULL || query->free[floor->order[p]];
		if (!table->movable || table->zone == FLOOR_NO_ZONE)
			continue;
		obstacles->nmovable++;
		for (int e = floor->neighbor_start[p]; isolated && e < floor->neighbor_start[p + 1]; e++)
		{
			const DiningTable *neighbor = floor_at(floor, floor->neighbors[e]);

			isolated = !floor_usable(neighbor) || !neighbor->movable;
		}
		obstacles->nisolated += isolated;
	}
}

/* The rules that bar anything on this floor: the others need not be waived. */
static int
rules_that_matter(const Floor *floor, const PlanQuery *query)
{
	const FloorSettings *settings = query->settings;
	int			rules = PLAN_RULE_OVERAGE;

	if (settings->k_max < FLOOR_MAX_K)
		rules |= PLAN_RULE_K;
	if (settings->adjacency != FLOOR_ADJACENCY_OFF && query->party >= settings->adjacency_min_party)
		rules |= PLAN_RULE_ADJACENCY;
	if (settings->combinations == FLOOR_COMBINATIONS_LISTED)
		rules |= PLAN_RULE_LISTED_ONLY;
	if (query->zone != FLOOR_NO_ZONE)
		rules |= PLAN_RULE_OTHER_ZONE;
	for (int i = 0; i < floor->ntables; i++)
	{
		const DiningTable *table = &floor->tables[i];
		int			min_party = query->min_party != NULL ? query->min_party[i] : table->min_party;

		if (query->free != NULL && !query->free[i])
			rules |= PLAN_RULE_BUSY;
		if (query->party < min_party)
			rules |= PLAN_RULE_MIN_PARTY;
		if (table->max_party != 0 && query->party > table->max_party)
			rules |= PLAN_RULE_MAX_PARTY;
		if (!table->movable)
			rules |= PLAN_RULE_MOBILITY;
		if (!table->zone_active)
			rules |= PLAN_RULE_ZONE_CLOSED;
		if (table->out_of_service)
			rules |= PLAN_RULE_OUT_OF_SERVICE;
	}
	return rules & ~query->waived;
}

static void
blame(const Floor *floor, PlanQuery *query, PlanObstacles *obstacles)
{
	int			rules = rules_that_matter(floor, query);

	/* What all together cannot do, fewer cannot, either */
	if (!helps(floor, query, rules, obstacles))
		return;
	for (int a = 0; a < PLAN_NRULES; a++)
		if ((rules & 1 << a) != 0 && helps(floor, query, 1 << a, obstacles))
			obstacles->alone |= 1 << a;
	for (int ntogether = 2; ntogether <= 3 && obstacles->alone == 0; ntogether++)
		for (int a = 0; a < PLAN_NRULES; a++)
			for (int b = a + 1; b < PLAN_NRULES; b++)
				for (int c = ntogether == 2 ? b : b + 1; c < (ntogether == 2 ? b + 1 : PLAN_NRULES); c++)
				{
					int			together = 1 << a | 1 << b | 1 << c;

					if ((rules & together) == together && helps(floor, query, together, obstacles))
					{
						obstacles->together = together;
						return;
					}
				}
}

/* Whether there is a plan with these rules waived, too. */
static bool
helps(const Floor *floor, PlanQuery *query, int waived, PlanObstacles *obstacles)
{
	PlanQuery	without = *query;
	bool		complete;
	bool		any;

	CHECK_FOR_INTERRUPTS();
	without.waived |= waived;
	any = plan_search_any(floor, &without, &complete);
	obstacles->complete &= complete;
	return any;
}

/* The plan that is the best by these weights alone; NULL when there is none. */
static const SeatingPlan *
extreme_plan(const Floor *floor, const PlanQuery *query, int waived,
			 int64 w_overage, int64 w_tables, PlanObstacles *obstacles)
{
	FloorSettings settings = *query->settings;
	PlanQuery	extreme = *query;
	PlanResult *result;

	settings.w_overage = w_overage;
	settings.w_tables = w_tables;
	settings.w_adjacency = 0;
	settings.w_spread = 0;
	settings.w_priority = 0;
	settings.w_scarcity = 0;
	extreme.settings = &settings;
	extreme.waived |= waived;
	extreme.max_plans = 1;
	extreme.include_dominated = true;
	extreme.best_only = true;
	result = plan_search(floor, &extreme);
	obstacles->complete &= result->complete;
	return result->nplans > 0 ? &result->plans[0] : NULL;
}

/* Seats of the largest allowed set; of a listed one, the largest party that it is for. */
static int64
largest_party(const Floor *floor, const PlanQuery *query, int waived, PlanObstacles *obstacles)
{
	const SeatingPlan *plan = extreme_plan(floor, query, waived | PLAN_RULE_CAPACITY | PLAN_RULE_OVERAGE,
										   -1, 0, obstacles);
	int64		largest = plan != NULL ? plan->capacity : 0;
	PlanQuery	asked = *query;

	asked.waived |= waived;
	for (int i = 0; i < floor->ncombinations; i++)
	{
		asked.party = floor->combinations[i].max_party;
		if (asked.party > largest && query->settings->combinations != FLOOR_COMBINATIONS_FREE &&
			plan_search_any(floor, &asked, NULL))
			largest = asked.party;
	}
	return largest;
}
