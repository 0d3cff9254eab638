/*-------------------------------------------------------------------------
 *
 * plan_search.c
 *	  The planner; see plan_search.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "seating/plan_class_search.h"
#include "seating/plan_count.h"
#include "seating/plan_domination.h"
#include "seating/plan_graph_search.h"
#include "seating/plan_search.h"

static bool make_set(const PlanScan *scan, const int *places, int n, PlanSet *set);
static bool is_free_set(const PlanRules *rules, const int *places, int n);
static int	compare_set_places(const void *a, const void *b);
static void search_free_sets(PlanScan *scan);
static void count_free_sets(PlanScan *scan, const PlanUnits *units);
static bool can_reach(const PlanRules *rules, const PlanUnit *unit, int n);
static void describe_plan(const PlanRules *rules, const PlanSet *set, SeatingPlan *plan);
static bool is_dominated(PlanScan *scan, const PlanSet *set);

PlanResult *
plan_search(const Floor *floor, const PlanQuery *query)
{
	PlanResult *result = palloc0(sizeof(PlanResult));
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext work = AllocSetContextCreate(caller, "plan search", ALLOCSET_DEFAULT_SIZES);
	PlanRules  *rules;
	PlanScan	scan;

	result->complete = true;
	MemoryContextSwitchTo(work);
	rules = plan_rules_make(floor, query);
	plan_search_begin(&scan, rules);
	if (query->party > 0)
	{
		plan_scan_tables(&scan);
		plan_scan_listed(&scan);
		search_free_sets(&scan);
	}
	plan_best_sort(scan.best);
	result->complete = !scan.budget.spent && !scan.saturated;

	MemoryContextSwitchTo(caller);
	result->nplans = scan.best->nsets;
	result->plans = palloc_extended(sizeof(SeatingPlan) * (Size) Max(result->nplans, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < result->nplans; i++)
	{
		describe_plan(rules, &scan.best->sets[i], &result->plans[i]);
		result->plans[i].dominated = !scan.undominated && is_dominated(&scan, &scan.best->sets[i]);
	}
	for (int n = 1; n <= FLOOR_MAX_COMBINATION; n++)
	{
		result->by_size[n] = scan.by_size[n];
		plan_scan_count(&scan, 0, scan.by_size[n]);
	}
	result->total_plans = scan.by_size[0];
	result->complete &= !scan.saturated;
	result->evaluations = scan.budget.used;
	MemoryContextDelete(work);
	return result;
}

bool
plan_search_any(const Floor *floor, const PlanQuery *query, bool *complete)
{
	SeatingPlan *plan = plan_search_first(floor, query, complete);

	if (plan == NULL)
		return false;
	pfree(plan->tables);
	pfree(plan);
	return true;
}

SeatingPlan *
plan_search_first(const Floor *floor, const PlanQuery *query, bool *complete)
{
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext, "plan search",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(work);
	PlanQuery	first = *query;
	PlanRules  *rules;
	PlanScan	scan;
	SeatingPlan *plan = NULL;

	first.max_plans = 1;
	first.include_dominated = true;
	first.best_only = true;
	rules = plan_rules_make(floor, &first);
	plan_search_begin(&scan, rules);
	scan.first_only = true;
	if (first.party > 0)
	{
		plan_scan_tables(&scan);
		plan_scan_listed(&scan);
		search_free_sets(&scan);
	}
	MemoryContextSwitchTo(caller);
	if (scan.best->nsets > 0)
	{
		plan = palloc(sizeof(SeatingPlan));
		describe_plan(rules, &scan.best->sets[0], plan);
	}
	if (complete != NULL)
		*complete = plan != NULL || !scan.budget.spent;
	MemoryContextDelete(work);
	return plan;
}

SeatingPlan *
plan_search_set(const Floor *floor, const PlanQuery *query, const int *tables, int n)
{
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext, "plan search",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(work);
	PlanRules  *rules = plan_rules_make(floor, query);
	int		   *places = palloc(sizeof(int) * Max(n, 1));
	PlanSet		set = {0};
	PlanScan	scan;
	SeatingPlan *plan = NULL;

	plan_search_begin(&scan, rules);
	for (int i = 0; i < n; i++)
		places[i] = floor->place[tables[i]];
	qsort(places, n, sizeof(int), compare_set_places);
	if (query->party > 0 && n > 0 && make_set(&scan, places, n, &set))
	{
		bool		dominated = is_dominated(&scan, &set);

		MemoryContextSwitchTo(caller);
		if (!dominated || query->include_dominated)
		{
			plan = palloc(sizeof(SeatingPlan));
			describe_plan(rules, &set, plan);
			plan->dominated = dominated;
		}
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(work);
	return plan;
}

/* Makes a set of places, ascending; false when they are no plan.  What is listed comes first. */
static bool
make_set(const PlanScan *scan, const int *places, int n, PlanSet *set)
{
	const PlanRules *rules = scan->rules;
	const PlanListedSet *listed = n > 1 ? plan_listed_find(scan->listed, places, n) : NULL;

	if (listed == NULL && !(n == 1 ? rules->alone[places[0]] : is_free_set(rules, places, n)))
		return false;
	set->n = n;
	set->listed = listed != NULL;
	if (listed)
	{
		set->listed_places = listed->tables;
		set->capacity = listed->capacity;
	}
	for (int i = 0; listed == NULL && i < n; i++)
	{
		set->places[i] = places[i];
		set->capacity += floor_at(rules->floor, places[i])->capacity;
	}
	set->overage = set->capacity - rules->party;
	set->score = plan_scan_score(rules, set, plan_rules_adjacency(rules->floor, places, n).cost);
	return true;
}

static bool
is_free_set(const PlanRules *rules, const int *places, int n)
{
	if (!rules->free_sets || n > rules->k)
		return false;
	for (int i = 1; i < n; i++)
		if (places[i] == places[i - 1] ||
			floor_at(rules->floor, places[i])->zone != floor_at(rules->floor, places[0])->zone)
			return false;
	return plan_rules_fit(rules, places, n);
}

static int
compare_set_places(const void *a, const void *b)
{
	return *(const int *) a - *(const int *) b;
}

void
plan_search_begin(PlanScan *scan, const PlanRules *rules)
{
	memset(scan, 0, sizeof(*scan));
	scan->rules = rules;
	scan->listed = plan_listed_make(rules);
	scan->best = plan_best_make(rules->floor, rules->query->max_plans);
	scan->budget.limit = rules->settings.max_evaluations;
	scan->undominated = !rules->query->include_dominated;
	scan->count = !rules->query->best_only;
}

/*
 * The best plans first: where counting ends at the limit, they need not.  By
 * number of tables: the sets of few tables are few, and mostly the best.
 */
static void
search_free_sets(PlanScan *scan)
{
	const PlanRules *rules = scan->rules;
	PlanUnits  *units;

	if (!rules->free_sets || scan->budget.spent)
		return;
	units = plan_unit_make_all(rules, NULL);
	for (int n = 2; n <= rules->k; n++)
		for (int i = 0; i < units->nunits && !scan->budget.spent; i++)
			plan_search_unit(scan, &units->units[i], n);
	if (scan->count)
		count_free_sets(scan, units);
}

/* What can be counted without visiting it costs no steps, and comes first. */
static void
count_free_sets(PlanScan *scan, const PlanUnits *units)
{
	const PlanRules *rules = scan->rules;

	for (int i = 0; i < units->nunits; i++)
		if (rules->need == FLOOR_ADJACENCY_OFF || units->units[i].kind == PLAN_UNIT_COMPLETE)
			plan_count_unit(scan, units, &units->units[i]);
	for (int n = 2; n <= rules->k && rules->need != FLOOR_ADJACENCY_OFF; n++)
		for (int i = 0; i < units->nunits && !scan->budget.spent; i++)
			if (units->units[i].kind == PLAN_UNIT_GRAPH && can_reach(rules, &units->units[i], n))
				plan_graph_count(scan, &units->units[i], n);
}

void
plan_search_unit(PlanScan *scan, const PlanUnit *unit, int n)
{
	if (!can_reach(scan->rules, unit, n))
		return;
	if (unit->kind == PLAN_UNIT_GRAPH)
		plan_graph_search(scan, unit, n);
	if (unit->kind != PLAN_UNIT_GRAPH || scan->rules->need == FLOOR_ADJACENCY_OFF)
		plan_class_search(scan, unit, n);
}

/* Whether n tables of a unit can have a sum in range at all. */
static bool
can_reach(const PlanRules *rules, const PlanUnit *unit, int n)
{
	return n <= unit->ntables && (int64) n * unit->max_capacity >= rules->least &&
		(int64) n * unit->min_capacity <= rules->most;
}

/* Describes a set of the scan as a plan; dominated is left false. */
static void
describe_plan(const PlanRules *rules, const PlanSet *set, SeatingPlan *plan)
{
	const Floor *floor = rules->floor;
	const int  *places = plan_best_places(set);
	int64		own = 0;

	memset(plan, 0, sizeof(*plan));
	plan->ntables = set->n;
	plan->tables = palloc(sizeof(int) * set->n);
	for (int i = 0; i < set->n; i++)
	{
		int			index = floor->order[places[i]];

		plan->tables[i] = index;
		plan->parts.priority += rules->settings.w_priority *
			(rules->query->priority != NULL ? rules->query->priority[index] :
			 floor->tables[index].priority);
		own += rules->own[places[i]];
	}
	plan->zone = floor_at(floor, places[0])->zone;
	plan->capacity = set->capacity;
	plan->overage = set->overage;
	plan->adjacency = plan_rules_adjacency(floor, places, set->n).cost;
	plan->score = set->score;
	plan->listed = set->listed;
	plan->parts.overage = rules->settings.w_overage * set->overage;
	plan->parts.tables = rules->settings.w_tables * (set->n - 1);
	plan->parts.adjacency = rules->settings.w_adjacency * plan->adjacency;
	plan->parts.spread = rules->settings.w_spread * plan_scan_spread(floor, set);
	plan->parts.scarcity = own - plan->parts.priority;
}

static bool
is_dominated(PlanScan *scan, const PlanSet *set)
{
	PlanBudget	unlimited = {0};

	if (set->n == 1)
		return false;
	if (!set->listed)
		return plan_domination_of_free(scan->rules, scan->listed, set->places, set->n);
	return plan_domination_of_listed(scan->rules, scan->listed, set->listed_places, set->n,
									 &unlimited);
}
