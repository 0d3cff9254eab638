/*-------------------------------------------------------------------------
 *
 * plan_rules.c
 *	  The rules of one question to the planner; see plan_rules.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "seating/plan_rules.h"

static bool seats_party(const PlanRules *rules, int index);
static int64 own_score(const PlanRules *rules, int index);
static int	diameter(const uint64 *next, int n, uint64 all);

PlanRules *
plan_rules_make(const Floor *floor, const PlanQuery *query)
{
	PlanRules  *rules = palloc0(sizeof(PlanRules));
	const FloorSettings *settings = query->settings != NULL ? query->settings : &floor->settings;
	int			waived = query->waived;
	Size		n = Max(floor->ntables, 1);

	rules->floor = floor;
	rules->query = query;
	rules->settings = *settings;
	rules->party = query->party;
	rules->least = waived & PLAN_RULE_CAPACITY ? 1 : query->party;
	rules->most = waived & PLAN_RULE_OVERAGE ? (int64) PG_INT32_MAX * FLOOR_MAX_K :
		(int64) query->party + settings->max_overage;
	rules->k = waived & PLAN_RULE_K ? FLOOR_MAX_K : Min(settings->k_max, FLOOR_MAX_K);
	rules->free_sets = rules->k > 1 &&
		(settings->combinations != FLOOR_COMBINATIONS_LISTED || waived & PLAN_RULE_LISTED_ONLY);
	rules->listed_sets = rules->k > 1 && settings->combinations != FLOOR_COMBINATIONS_FREE;
	rules->need = waived & PLAN_RULE_ADJACENCY || query->party < settings->adjacency_min_party ?
		FLOOR_ADJACENCY_OFF : settings->adjacency;
	rules->seats = palloc(sizeof(bool) * n);
	rules->alone = palloc(sizeof(bool) * n);
	rules->joins = palloc(sizeof(bool) * n);
	rules->own = palloc(sizeof(int64) * n);
	for (int p = 0; p < floor->ntables; p++)
	{
		const DiningTable *table = floor_at(floor, p);

		rules->seats[p] = seats_party(rules, floor->order[p]);
		rules->alone[p] = rules->seats[p] &&
			table->capacity >= rules->least && table->capacity <= rules->most &&
			(table->max_party == 0 || query->party <= table->max_party ||
			 waived & PLAN_RULE_MAX_PARTY);

		/* Another member has a seat at least */
		rules->joins[p] = rules->seats[p] && table->zone != FLOOR_NO_ZONE &&
			(table->movable || waived & PLAN_RULE_MOBILITY) && table->capacity < rules->most;
		rules->own[p] = own_score(rules, floor->order[p]);
	}
	return rules;
}

PlanAdjacency
plan_rules_adjacency(const Floor *floor, const int *places, int n)
{
	PlanAdjacency result = {0, true, true, true};
	uint64		next[FLOOR_MAX_COMBINATION] = {0};
	uint64		all = n == 64 ? PG_UINT64_MAX : (UINT64CONST(1) << n) - 1;

	if (n == 1)
		return result;
	for (int i = 0; i < n; i++)
		for (int j = i + 1; j < n; j++)
			if (floor_adjacent(floor, places[i], places[j]))
			{
				next[i] |= UINT64CONST(1) << j;
				next[j] |= UINT64CONST(1) << i;
			}
	result.neighbors = false;
	for (int i = 0; i < n; i++)
	{
		bool		hub = (next[i] | UINT64CONST(1) << i) == all;

		result.pairwise &= hub;
		result.neighbors |= hub;
	}
	result.cost = result.pairwise ? 1 : result.neighbors ? 2 : diameter(next, n, all);
	result.connected = result.cost < n;
	return result;
}

bool
plan_rules_fit(const PlanRules *rules, const int *places, int n)
{
	int64		capacity = 0;

	for (int i = 0; i < n; i++)
	{
		if (!rules->joins[places[i]])
			return false;
		capacity += floor_at(rules->floor, places[i])->capacity;
	}
	return capacity >= rules->least && capacity <= rules->most &&
		plan_rules_adjacent(rules, places, n);
}

bool
plan_rules_adjacent(const PlanRules *rules, const int *places, int n)
{
	PlanAdjacency adjacency;

	if (rules->need == FLOOR_ADJACENCY_OFF)
		return true;
	adjacency = plan_rules_adjacency(rules->floor, places, n);
	if (rules->need == FLOOR_ADJACENCY_CONNECTED)
		return adjacency.connected;
	if (rules->need == FLOOR_ADJACENCY_PAIRWISE)
		return adjacency.pairwise;
	return adjacency.neighbors;
}

bool
plan_rules_step(PlanBudget *budget)
{
	if (budget->spent)
		return false;
	if (budget->limit > 0 && budget->used >= budget->limit)
	{
		budget->spent = true;
		return false;
	}
	if ((++budget->used & 1023) == 0)
		CHECK_FOR_INTERRUPTS();
	return true;
}

static bool
seats_party(const PlanRules *rules, int index)
{
	const PlanQuery *query = rules->query;
	const DiningTable *table = &rules->floor->tables[index];
	int			waived = query->waived;
	int			min_party = query->min_party != NULL ? query->min_party[index] : table->min_party;

	return table->active && table->capacity > 0 &&
		(table->zone_active || waived & PLAN_RULE_ZONE_CLOSED) &&
		(!table->out_of_service || waived & PLAN_RULE_OUT_OF_SERVICE) &&
		(query->zone == FLOOR_NO_ZONE || query->zone == table->zone ||
		 waived & PLAN_RULE_OTHER_ZONE) &&
		(query->party >= min_party || waived & PLAN_RULE_MIN_PARTY) &&
		(query->free == NULL || query->free[index] || waived & PLAN_RULE_BUSY);
}

/* What a table adds to the score of each set that it is in; scarcity's part is rounded half up. */
static int64
own_score(const PlanRules *rules, int index)
{
	int64		weighted = rules->settings.w_scarcity * rules->floor->scarcity[index] +
		FLOOR_SCORE_UNIT / 2;
	int64		scarcity = weighted / FLOOR_SCORE_UNIT - (weighted % FLOOR_SCORE_UNIT < 0);

	return scarcity + rules->settings.w_priority *
		(rules->query->priority != NULL ? rules->query->priority[index] :
		 rules->floor->tables[index].priority);
}

/* The longest of the shortest paths in a graph of n nodes; n when it is not connected. */
static int
diameter(const uint64 *next, int n, uint64 all)
{
	int			longest = 0;

	for (int i = 0; i < n; i++)
	{
		uint64		seen = UINT64CONST(1) << i;
		uint64		fresh = seen;
		int			steps = 0;

		while (seen != all)
		{
			uint64		reached = 0;

			while (fresh != 0)
			{
				reached |= next[pg_rightmost_one_pos64(fresh)];
				fresh &= fresh - 1;
			}
			fresh = reached & ~seen;
			if (fresh == 0)
				return n;
			seen |= fresh;
			steps++;
		}
		longest = Max(longest, steps);
	}
	return longest;
}
