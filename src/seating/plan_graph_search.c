/*-------------------------------------------------------------------------
 *
 * plan_graph_search.c
 *	  Free sets whose tables are next to each other; see plan_graph_search.h.
 *
 * Each set is visited once:
 *	- connected: the tables are positions 0, 1, ...; a set is begun with its
 *	  smallest one, the root.  The frontier lists the tables above the root that
 *	  are next to the beginning, in the order in which they were met.  The next
 *	  table is one of the frontier, and those in front of it are then excluded for
 *	  good.  So of all sets that contain the beginning, each is made by exactly
 *	  one choice: the first table of the frontier that is in it.  (Wernicke 2006
 *	  calls this ESU.)
 *	- pairwise: in ascending order; the candidates are the common neighbors above.
 *	- neighbors: by the smallest table that is next to all others, with its
 *	  neighbors in ascending order.
 *
 * A beginning is given up when the sum cannot come into range; and, where sets
 * are offered and not counted, when
 *	- its least possible score is beyond the worst plan of a full list.  That bound
 *	  is the one of plan_class_search.c, with the largest table not known: it has
 *	  between the largest capacity so far and the unit's;
 *	- only undominated sets are wanted, and the beginning, or a table of it, is a
 *	  plan.  (Each beginning of two tables or more is as adjacent as it must be.)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/plan_graph_search.h"

typedef struct GraphSearch
{
	PlanScan   *scan;
	const PlanUnit *unit;
	int			n;
	bool		count;			/* sets are counted, not offered */
	int64		constant;		/* least part of the score that all sets of n
								 * tables have */
	int		   *capacity;		/* by position */
	int64	   *own;
	bool	   *met;			/* by position: has been in the frontier */
	int		   *frontier;		/* positions; or candidates, n rows of them */
	int			chosen[FLOOR_MAX_K];	/* positions */
} GraphSearch;

/* What a beginning adds up to. */
typedef struct Beginning
{
	int			n;
	int64		sum;			/* of capacities */
	int			largest;		/* capacity */
	int64		own;			/* own parts of the score */
} Beginning;

static void search_sets(PlanScan *scan, const PlanUnit *unit, int n, bool count);
static void search_connected(GraphSearch *search);
static void extend(GraphSearch *search, Beginning beginning, int from, int until);
static void search_cliques(GraphSearch *search);
static void extend_clique(GraphSearch *search, Beginning beginning, const int *candidates,
						  int ncandidates);
static void search_hubs(GraphSearch *search);
static void extend_hub(GraphSearch *search, Beginning beginning, int from);
static bool smaller_hub(const GraphSearch *search);
static bool adjacent(const PlanUnit *unit, int a, int b);
static bool add_member(GraphSearch *search, Beginning *beginning, int position);
static bool hopeless(const GraphSearch *search, const Beginning *beginning);
static void found(GraphSearch *search, const Beginning *set);

void
plan_graph_search(PlanScan *scan, const PlanUnit *unit, int n)
{
	search_sets(scan, unit, n, false);
}

void
plan_graph_count(PlanScan *scan, const PlanUnit *unit, int n)
{
	search_sets(scan, unit, n, true);
}

/* Offers the sets of n tables, or counts them. */
static void
search_sets(PlanScan *scan, const PlanUnit *unit, int n, bool count)
{
	const PlanRules *rules = scan->rules;
	GraphSearch search = {.scan = scan,.unit = unit,.n = n};
	int64		weight = rules->settings.w_adjacency;

	search.count = count;
	search.constant = rules->settings.w_tables * (n - 1) + weight * (weight >= 0 ? 1 : n - 1);
	search.capacity = palloc(sizeof(int) * unit->ntables);
	search.own = palloc(sizeof(int64) * unit->ntables);
	for (int i = 0; i < unit->ntables; i++)
	{
		search.capacity[i] = floor_at(rules->floor, unit->places[i])->capacity;
		search.own[i] = rules->own[unit->places[i]];
	}
	if (rules->need == FLOOR_ADJACENCY_PAIRWISE)
		search_cliques(&search);
	else if (rules->need == FLOOR_ADJACENCY_NEIGHBORS)
		search_hubs(&search);
	else
		search_connected(&search);
	pfree(search.capacity);
	pfree(search.own);
}

static void
search_connected(GraphSearch *search)
{
	const Beginning nothing = {0};
	const PlanUnit *unit = search->unit;

	search->met = palloc0(sizeof(bool) * unit->ntables);
	search->frontier = palloc(sizeof(int) * unit->ntables);
	for (int root = 0; root < unit->ntables; root++)
	{
		search->frontier[0] = root;
		search->met[root] = true;
		extend(search, nothing, 0, 1);
		search->met[root] = false;
	}
	pfree(search->met);
	pfree(search->frontier);
}

/* Adds a table of the frontier, which is that part of search->frontier, to the beginning. */
static void
extend(GraphSearch *search, Beginning beginning, int from, int until)
{
	const PlanUnit *unit = search->unit;

	for (int i = from; i < until; i++)
	{
		int			next = search->frontier[i];
		int			end = until;
		Beginning	longer = beginning;

		if (!plan_rules_step(&search->scan->budget))
			return;
		if (!add_member(search, &longer, next))
			continue;
		if (longer.n == search->n)
		{
			found(search, &longer);
			continue;
		}
		for (int e = unit->neighbor_start[next]; e < unit->neighbor_start[next + 1]; e++)
		{
			int			neighbor = unit->neighbors[e];

			if (neighbor < search->chosen[0] || search->met[neighbor])
				continue;
			search->met[neighbor] = true;
			search->frontier[end++] = neighbor;
		}
		extend(search, longer, i + 1, end);
		while (end > until)
			search->met[search->frontier[--end]] = false;
	}
}

static void
search_cliques(GraphSearch *search)
{
	const Beginning nothing = {0};
	const PlanUnit *unit = search->unit;

	search->frontier = palloc(sizeof(int) * unit->ntables * search->n);
	for (int i = 0; i < unit->ntables; i++)
		search->frontier[i] = i;
	extend_clique(search, nothing, search->frontier, unit->ntables);
	pfree(search->frontier);
}

/* Adds a candidate, which is next to all tables of the beginning and above them. */
static void
extend_clique(GraphSearch *search, Beginning beginning, const int *candidates, int ncandidates)
{
	const PlanUnit *unit = search->unit;
	int		   *further = search->frontier + (Size) (beginning.n + 1) * unit->ntables;

	for (int i = 0; i < ncandidates; i++)
	{
		int			next = candidates[i];
		int			nfurther = 0;
		int			at = i + 1;
		Beginning	longer = beginning;

		if (!plan_rules_step(&search->scan->budget))
			return;
		if (!add_member(search, &longer, next))
			continue;
		if (longer.n == search->n)
		{
			found(search, &longer);
			continue;
		}
		for (int e = unit->neighbor_start[next]; e < unit->neighbor_start[next + 1]; e++)
		{
			while (at < ncandidates && candidates[at] < unit->neighbors[e])
				at++;
			if (at < ncandidates && candidates[at] == unit->neighbors[e])
				further[nfurther++] = candidates[at];
		}
		extend_clique(search, longer, further, nfurther);
	}
}

static void
search_hubs(GraphSearch *search)
{
	for (int hub = 0; hub < search->unit->ntables; hub++)
	{
		Beginning	beginning = {0};

		if (add_member(search, &beginning, hub))
			extend_hub(search, beginning, search->unit->neighbor_start[hub]);
	}
}

/* Adds a neighbor of the hub, which is the beginning's first table. */
static void
extend_hub(GraphSearch *search, Beginning beginning, int from)
{
	const PlanUnit *unit = search->unit;

	for (int e = from; e < unit->neighbor_start[search->chosen[0] + 1]; e++)
	{
		Beginning	longer = beginning;

		if (!plan_rules_step(&search->scan->budget))
			return;
		if (!add_member(search, &longer, unit->neighbors[e]))
			continue;
		if (longer.n < search->n)
			extend_hub(search, longer, e + 1);
		else if (!smaller_hub(search))
			found(search, &longer);
	}
}

/* Whether a table that is smaller than the first one is next to all others, too. */
static bool
smaller_hub(const GraphSearch *search)
{
	for (int i = 1; i < search->n && search->chosen[i] < search->chosen[0]; i++)
	{
		bool		hub = true;

		for (int j = 1; hub && j < search->n; j++)
			hub = i == j || adjacent(search->unit, search->chosen[i], search->chosen[j]);
		if (hub)
			return true;
	}
	return false;
}

static bool
adjacent(const PlanUnit *unit, int a, int b)
{
	int			low = unit->neighbor_start[a];
	int			high = unit->neighbor_start[a + 1];

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (unit->neighbors[middle] < b)
			low = middle + 1;
		else
			high = middle;
	}
	return low < unit->neighbor_start[a + 1] && unit->neighbors[low] == b;
}

/* Adds a table to a beginning; returns false when no set can come of it. */
static bool
add_member(GraphSearch *search, Beginning *beginning, int position)
{
	const PlanRules *rules = search->scan->rules;
	int64		rest = search->n - beginning->n - 1;

	beginning->sum += search->capacity[position];
	if (beginning->sum + rest * search->unit->max_capacity < rules->least ||
		beginning->sum + rest * search->unit->min_capacity > rules->most)
		return false;
	beginning->largest = Max(beginning->largest, search->capacity[position]);
	beginning->own += search->own[position];
	search->chosen[beginning->n++] = position;
	if (search->count)
		return true;
	if (search->scan->undominated &&
		(rules->alone[search->unit->places[position]] ||
		 (beginning->n > 1 && rest > 0 && beginning->sum >= rules->least)))
		return false;
	return !hopeless(search, beginning);
}

/* Whether its least possible score is beyond the worst plan of a full list. */
static bool
hopeless(const GraphSearch *search, const Beginning *beginning)
{
	const PlanRules *rules = search->scan->rules;
	int64		rest = search->n - beginning->n;
	int64		spread = rules->settings.w_spread;
	int64		slope = rules->settings.w_overage + spread;
	int64		low = Max(rules->least, beginning->sum + rest * search->unit->min_capacity);
	int64		high = Min(rules->most, beginning->sum + rest * search->unit->max_capacity);
	int64		largest = beginning->largest;

	if (rest > 0 && spread >= 0)
		largest = Max(largest, search->unit->max_capacity);
	return plan_best_beyond(search->scan->best,
							search->constant + slope * ((slope >= 0 ? low : high) - rules->party) +
							spread * (rules->party - largest) +
							beginning->own + rest * search->unit->min_own);
}

/* A set is complete: it is a plan. */
static void
found(GraphSearch *search, const Beginning *beginning)
{
	PlanScan   *scan = search->scan;
	const PlanRules *rules = scan->rules;
	PlanSet		set = {0};
	int			adjacency;

	if (search->count && scan->listed->nsets == 0)
	{
		plan_scan_count(scan, search->n, 1);
		return;
	}
	for (int i = 0; i < search->n; i++)
	{
		int			place = search->unit->places[search->chosen[i]];
		int			at = i;

		for (; at > 0 && set.places[at - 1] > place; at--)
			set.places[at] = set.places[at - 1];
		set.places[at] = place;
	}
	if (search->count)
	{
		/* A listed set replaces the free one */
		if (!plan_listed_has(scan->listed, set.places, search->n))
			plan_scan_count(scan, search->n, 1);
		return;
	}
	set.n = search->n;
	set.capacity = beginning->sum;
	set.overage = beginning->sum - rules->party;
	adjacency = plan_rules_adjacency(rules->floor, set.places, set.n).cost;
	set.score = rules->settings.w_overage * set.overage +
		rules->settings.w_tables * (set.n - 1) +
		rules->settings.w_adjacency * adjacency +
		rules->settings.w_spread * (beginning->sum - beginning->largest) + beginning->own;
	plan_scan_offer(scan, &set);
}
