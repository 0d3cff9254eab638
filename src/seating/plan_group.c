/*-------------------------------------------------------------------------
 *
 * plan_group.c
 *	  All undominated plans of a party, by classes; see plan_group.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "seating/plan_class_search.h"
#include "seating/plan_group.h"
#include "seating/plan_search.h"

/* A search for groups. */
typedef struct GroupSearch
{
	const Floor *floor;
	const int  *labels;
	const bool *exact;			/* by zone */
	MemoryContext caller;		/* where the groups are allocated */
	PlanGroups *groups;
} GroupSearch;

static void group_tables(GroupSearch *search, PlanScan *scan);
static void group_kind(PlanScan *scan, const PlanKind *kind, void *arg);
static void add_plans(GroupSearch *search, PlanScan *scan);
static PlanGroup *add_group(GroupSearch *search, int ntables);
static bool is_exact(const GroupSearch *search, int zone);

PlanGroups *
plan_group_search(const Floor *floor, const PlanQuery *query, const int *labels)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext work = AllocSetContextCreate(caller, "plan groups", ALLOCSET_DEFAULT_SIZES);
	PlanQuery	undominated = *query;
	GroupSearch search;
	PlanRules  *rules;
	PlanScan	scan;
	bool	   *exact;

	search.groups = palloc0(sizeof(PlanGroups));
	MemoryContextSwitchTo(work);
	undominated.include_dominated = false;
	undominated.best_only = true;
	rules = plan_rules_make(floor, &undominated);
	exact = palloc(sizeof(bool) * Max(floor->nzones, 1));
	plan_group_exact_zones(floor, &rules->settings, exact);
	search.floor = floor;
	search.labels = labels != NULL ? labels : floor->class_of;
	search.exact = exact;
	search.caller = caller;
	plan_search_begin(&scan, rules);
	if (query->party > 0)
	{
		PlanUnits  *units = rules->free_sets ? plan_unit_make_all(rules, search.labels) : NULL;

		/* While the list of single plans is empty it is no bound to groups */
		for (int pass = 0; pass < 2; pass++)
		{
			for (int n = 2; units != NULL && n <= rules->k; n++)
				for (int i = 0; i < units->nunits; i++)
				{
					const PlanUnit *unit = &units->units[i];

					if (pass == 0 && is_exact(&search, unit->zone))
						plan_class_visit(&scan, unit, n, group_kind, &search);
					else if (pass == 1 && !is_exact(&search, unit->zone))
						plan_search_unit(&scan, unit, n);
				}
			if (pass == 0)
			{
				group_tables(&search, &scan);
				plan_scan_listed(&scan);
			}
		}
	}
	search.groups->complete = !scan.budget.spent && scan.best->nsets < scan.best->max;
	add_plans(&search, &scan);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(work);
	return search.groups;
}

void
plan_group_exact_zones(const Floor *floor, const FloorSettings *settings, bool *exact)
{
	int		   *nmovable = palloc0(sizeof(int) * Max(floor->nzones, 1));
	int64	   *ends = palloc0(sizeof(int64) * Max(floor->nzones, 1));

	for (int p = 0; p < floor->ntables; p++)
	{
		const DiningTable *table = floor_at(floor, p);

		if (table->zone == FLOOR_NO_ZONE || !table->movable)
			continue;
		nmovable[table->zone]++;
		for (int e = floor->neighbor_start[p]; e < floor->neighbor_start[p + 1]; e++)
			ends[table->zone] += floor_at(floor, floor->neighbors[e])->movable;
	}
	for (int z = 0; z < floor->nzones; z++)
		exact[z] = ends[z] == 0 || ends[z] == (int64) nmovable[z] * (nmovable[z] - 1) ||
			(settings->adjacency == FLOOR_ADJACENCY_OFF && settings->w_adjacency == 0);
	for (int i = 0; i < floor->ncombinations; i++)
	{
		const FloorCombination *combination = &floor->combinations[i];

		if (settings->combinations == FLOOR_COMBINATIONS_FREE)
			break;
		for (int j = 0; j < combination->ntables; j++)
			if (combination->tables[j] >= 0 && combination->tables[j] < floor->ntables &&
				floor->tables[combination->tables[j]].zone != FLOOR_NO_ZONE)
				exact[floor->tables[combination->tables[j]].zone] = false;
	}
	pfree(nmovable);
	pfree(ends);
}

/* Single tables: one group a class, or, where plans are not grouped, offered to the list. */
static void
group_tables(GroupSearch *search, PlanScan *scan)
{
	const Floor *floor = search->floor;
	const PlanRules *rules = scan->rules;
	bool	   *seen;
	int			nlabels = 0;

	for (int i = 0; i < floor->ntables; i++)
		nlabels = Max(nlabels, search->labels[i] + 1);
	seen = palloc0(sizeof(bool) * Max(nlabels, 1));
	for (int p = 0; p < floor->ntables; p++)
	{
		int			label = search->labels[floor->order[p]];
		PlanSet		set = {.n = 1,.places = {p}};
		PlanGroup  *group;

		if (!rules->alone[p])
			continue;
		set.capacity = floor_at(floor, p)->capacity;
		set.overage = set.capacity - rules->party;
		set.score = plan_scan_score(rules, &set, 0);
		if (!is_exact(search, floor_at(floor, p)->zone))
			plan_scan_offer(scan, &set);
		else if (!seen[label])
		{
			seen[label] = true;
			group = add_group(search, 1);
			group->members[0] = label;
			group->by_class = true;
			group->zone = floor_at(floor, p)->zone;
			group->capacity = set.capacity;
			group->overage = set.overage;
			group->score = set.score;
		}
	}
}

static void
group_kind(PlanScan *scan, const PlanKind *kind, void *arg)
{
	PlanGroup  *group = add_group(arg, kind->n);

	for (int i = 0; i < kind->n; i++)
	{
		int			label = kind->unit->classes[kind->classes[i]].label;
		int			at = i;

		for (; at > 0 && group->members[at - 1] > label; at--)
			group->members[at] = group->members[at - 1];
		group->members[at] = label;
	}
	group->by_class = true;
	group->zone = kind->unit->zone;
	group->capacity = kind->capacity;
	group->overage = kind->capacity - scan->rules->party;
	group->adjacency = kind->adjacency;
	group->score = kind->score;
}

/* The plans of the list, each a group of its own. */
static void
add_plans(GroupSearch *search, PlanScan *scan)
{
	plan_best_sort(scan->best);
	for (int i = 0; i < scan->best->nsets; i++)
	{
		const PlanSet *set = &scan->best->sets[i];
		PlanGroup  *group = add_group(search, set->n);

		for (int j = 0; j < set->n; j++)
			group->members[j] = search->floor->order[plan_best_places(set)[j]];
		group->listed = set->listed;
		group->zone = floor_at(search->floor, plan_best_places(set)[0])->zone;
		group->capacity = set->capacity;
		group->overage = set->overage;
		group->adjacency = plan_rules_adjacency(search->floor, plan_best_places(set), set->n).cost;
		group->score = set->score;
	}
}

static PlanGroup *
add_group(GroupSearch *search, int ntables)
{
	PlanGroups *groups = search->groups;
	MemoryContext before = MemoryContextSwitchTo(search->caller);
	PlanGroup  *group;

	if (groups->ngroups == groups->nallocated)
	{
		groups->nallocated = Max(64, 2 * groups->nallocated);
		if (groups->groups == NULL)
			groups->groups = palloc(sizeof(PlanGroup) * groups->nallocated);
		else
			groups->groups = repalloc_huge(groups->groups,
										   sizeof(PlanGroup) * (Size) groups->nallocated);
	}
	group = &groups->groups[groups->ngroups++];
	memset(group, 0, sizeof(*group));
	group->ntables = ntables;
	group->members = palloc(sizeof(int) * ntables);
	MemoryContextSwitchTo(before);
	return group;
}

static bool
is_exact(const GroupSearch *search, int zone)
{
	return zone == FLOOR_NO_ZONE || search->exact[zone];
}
