/*-------------------------------------------------------------------------
 *
 * plan_unit.c
 *	  The parts of a floor within which free sets lie; see plan_unit.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/plan_unit.h"

/* What sorting by class has to know. */
typedef struct ClassOrder
{
	const PlanRules *rules;
	const int  *labels;
} ClassOrder;

static int	part_by_zone(const PlanRules *rules, int *part_of);
static int	part_by_component(const PlanRules *rules, int *part_of);
static void describe(const PlanRules *rules, const int *unit_of, PlanUnit *unit);
static void classify_members(const PlanRules *rules, const int *labels, PlanUnit *unit);
static void link_places(const PlanRules *rules, const int *position, PlanUnit *unit);
static int	compare_classes(const void *a, const void *b, void *arg);
static int	class_label_of(const ClassOrder *order, int place);

PlanUnits *
plan_unit_make_all(const PlanRules *rules, const int *labels)
{
	PlanUnits  *units = palloc0(sizeof(PlanUnits));
	int			ntables = rules->floor->ntables;
	int		   *part_of = palloc(sizeof(int) * Max(ntables, 1));
	int		   *position = palloc(sizeof(int) * Max(ntables, 1));
	int		   *places = palloc(sizeof(int) * Max(ntables, 1));
	int			nparts = rules->need == FLOOR_ADJACENCY_OFF ? part_by_zone(rules, part_of) :
		part_by_component(rules, part_of);
	int		   *size = palloc0(sizeof(int) * Max(nparts, 1));
	int		   *unit_of_part = palloc(sizeof(int) * Max(nparts, 1));

	for (int p = 0; p < ntables; p++)
		if (part_of[p] >= 0)
			size[part_of[p]]++;

	/* A part of one table has no sets */
	units->units = palloc0(sizeof(PlanUnit) * Max(nparts, 1));
	for (int i = 0; i < nparts; i++)
	{
		unit_of_part[i] = size[i] < 2 ? -1 : units->nunits++;
		if (size[i] < 2)
			continue;
		units->units[unit_of_part[i]].places = places;
		places += size[i];
	}
	units->unit_of = part_of;
	for (int p = 0; p < ntables; p++)
	{
		PlanUnit   *unit;

		if (part_of[p] < 0)
			continue;
		units->unit_of[p] = unit_of_part[part_of[p]];
		if (units->unit_of[p] < 0)
			continue;
		unit = &units->units[units->unit_of[p]];
		unit->zone = floor_at(rules->floor, p)->zone;
		position[p] = unit->ntables;
		unconstify(int *, unit->places)[unit->ntables++] = p;
	}
	for (int i = 0; i < units->nunits; i++)
	{
		PlanUnit   *unit = &units->units[i];

		describe(rules, units->unit_of, unit);
		if (unit->kind == PLAN_UNIT_GRAPH)
			link_places(rules, position, unit);
		if (unit->kind != PLAN_UNIT_GRAPH || rules->need == FLOOR_ADJACENCY_OFF)
			classify_members(rules, labels, unit);
	}
	return units;
}

/* Returns the number of zones with tables that join; part_of: each one's, or -1. */
static int
part_by_zone(const PlanRules *rules, int *part_of)
{
	const Floor *floor = rules->floor;
	int		   *part_of_zone = palloc(sizeof(int) * Max(floor->nzones, 1));
	int			nparts = 0;

	for (int z = 0; z < floor->nzones; z++)
		part_of_zone[z] = -1;
	for (int p = 0; p < floor->ntables; p++)
	{
		int			zone = floor_at(floor, p)->zone;

		if (rules->joins[p] && part_of_zone[zone] < 0)
			part_of_zone[zone] = nparts++;
		part_of[p] = rules->joins[p] ? part_of_zone[zone] : -1;
	}
	pfree(part_of_zone);
	return nparts;
}

/* The same for connected components. */
static int
part_by_component(const PlanRules *rules, int *part_of)
{
	const Floor *floor = rules->floor;
	int		   *queue = palloc(sizeof(int) * Max(floor->ntables, 1));
	int			nparts = 0;

	for (int p = 0; p < floor->ntables; p++)
		part_of[p] = -1;
	for (int p = 0; p < floor->ntables; p++)
	{
		int			nqueue = 1;

		if (!rules->joins[p] || part_of[p] >= 0)
			continue;
		part_of[p] = nparts;
		queue[0] = p;
		for (int i = 0; i < nqueue; i++)
			for (int e = floor->neighbor_start[queue[i]]; e < floor->neighbor_start[queue[i] + 1]; e++)
			{
				int			next = floor->neighbors[e];

				if (!rules->joins[next] || part_of[next] >= 0)
					continue;
				part_of[next] = nparts;
				queue[nqueue++] = next;
			}
		nparts++;
	}
	pfree(queue);
	return nparts;
}

static void
describe(const PlanRules *rules, const int *unit_of, PlanUnit *unit)
{
	const Floor *floor = rules->floor;
	int64		ends = 0;

	unit->min_capacity = PG_INT32_MAX;
	unit->min_own = PG_INT64_MAX;
	for (int i = 0; i < unit->ntables; i++)
	{
		int			place = unit->places[i];

		unit->min_capacity = Min(unit->min_capacity, floor_at(floor, place)->capacity);
		unit->max_capacity = Max(unit->max_capacity, floor_at(floor, place)->capacity);
		unit->min_own = Min(unit->min_own, rules->own[place]);
		for (int e = floor->neighbor_start[place]; e < floor->neighbor_start[place + 1]; e++)
			ends += unit_of[floor->neighbors[e]] == unit_of[place];
	}
	if (rules->need == FLOOR_ADJACENCY_OFF && (ends == 0 || rules->settings.w_adjacency == 0))
		unit->kind = PLAN_UNIT_APART;
	else if (ends == (int64) unit->ntables * (unit->ntables - 1))
		unit->kind = PLAN_UNIT_COMPLETE;
	else
		unit->kind = PLAN_UNIT_GRAPH;
}

static void
classify_members(const PlanRules *rules, const int *labels, PlanUnit *unit)
{
	ClassOrder	order = {rules, labels};
	int		   *sorted = palloc(sizeof(int) * unit->ntables);
	PlanClass  *class = NULL;

	memcpy(sorted, unit->places, sizeof(int) * unit->ntables);
	qsort_arg(sorted, unit->ntables, sizeof(int), compare_classes, &order);
	unit->classes = palloc(sizeof(PlanClass) * unit->ntables);
	for (int i = 0; i < unit->ntables; i++)
	{
		int			place = sorted[i];
		PlanClass	own = {floor_at(rules->floor, place)->capacity, rules->own[place],
		rules->alone[place], class_label_of(&order, place), 0, sorted + i};

		if (class == NULL || class->capacity != own.capacity || class->own != own.own ||
			class->alone != own.alone || class->label != own.label)
		{
			class = &unit->classes[unit->nclasses++];
			*class = own;
		}
		class->nmembers++;
	}
}

/* The graph by positions, without what is not in the unit. */
static void
link_places(const PlanRules *rules, const int *position, PlanUnit *unit)
{
	const Floor *floor = rules->floor;
	int64		ends = 0;
	int			n = 0;

	for (int i = 0; i < unit->ntables; i++)
		ends += floor->neighbor_start[unit->places[i] + 1] - floor->neighbor_start[unit->places[i]];
	unit->neighbor_start = palloc(sizeof(int) * (unit->ntables + 1));
	unit->neighbors = palloc(sizeof(int) * Max(ends, 1));
	for (int i = 0; i < unit->ntables; i++)
	{
		int			place = unit->places[i];

		unit->neighbor_start[i] = n;

		/*
		 * A neighbor that joins is in the same zone, and in the same
		 * component
		 */
		for (int e = floor->neighbor_start[place]; e < floor->neighbor_start[place + 1]; e++)
			if (rules->joins[floor->neighbors[e]])
				unit->neighbors[n++] = position[floor->neighbors[e]];
	}
	unit->neighbor_start[unit->ntables] = n;
}

static int
compare_classes(const void *a, const void *b, void *arg)
{
	const ClassOrder *order = arg;
	const PlanRules *rules = order->rules;
	int			left = *(const int *) a;
	int			right = *(const int *) b;
	int			left_capacity = floor_at(rules->floor, left)->capacity;
	int			right_capacity = floor_at(rules->floor, right)->capacity;

	if (left_capacity != right_capacity)
		return left_capacity > right_capacity ? -1 : 1;
	if (rules->own[left] != rules->own[right])
		return rules->own[left] < rules->own[right] ? -1 : 1;
	if (rules->alone[left] != rules->alone[right])
		return rules->alone[left] - rules->alone[right];
	if (class_label_of(order, left) != class_label_of(order, right))
		return class_label_of(order, left) - class_label_of(order, right);
	return left - right;
}

static int
class_label_of(const ClassOrder *order, int place)
{
	return order->labels == NULL ? 0 : order->labels[order->rules->floor->order[place]];
}
