/*-------------------------------------------------------------------------
 *
 * floor.c
 *	  Completing a floor: order by number, neighbors, scarcity, classes; see
 *	  floor.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/floor.h"

/* Lists of neighbors up to this length are searched one by one. */
#define SHORT_LIST 8

static void sort_by_number(Floor *floor);
static void link_neighbors(Floor *floor, const FloorEdge *edges, int nedges);
static void rate_scarcity(Floor *floor);
static void classify_tables(Floor *floor);
static int	compare_table_numbers(const void *a, const void *b, void *arg);
static int	compare_kinds(const void *a, const void *b, void *arg);
static int	compare_capacities(const void *a, const void *b, void *arg);
static int	compare_int(const void *a, const void *b);

void
floor_finish(Floor *floor, const FloorEdge *edges, int nedges)
{
	for (int i = 0; i < floor->ncombinations; i++)
		if (floor->combinations[i].ntables > FLOOR_MAX_COMBINATION)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("a listed combination has %d dining tables, more than %d",
							floor->combinations[i].ntables, FLOOR_MAX_COMBINATION),
					 errdetail("More than that cannot be planned, and somebody has to carry them."),
					 errhint("Delete its row, and list fewer dining tables.")));
	sort_by_number(floor);
	link_neighbors(floor, edges, nedges);
	rate_scarcity(floor);
	classify_tables(floor);
}

bool
floor_adjacent(const Floor *floor, int a, int b)
{
	int			low = floor->neighbor_start[a];
	int			high = floor->neighbor_start[a + 1];

	if (high - low <= SHORT_LIST)
	{
		for (; low < high; low++)
			if (floor->neighbors[low] == b)
				return true;
		return false;
	}
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (floor->neighbors[middle] == b)
			return true;
		if (floor->neighbors[middle] < b)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool
floor_usable(const DiningTable *table)
{
	return table->active && table->zone_active && !table->out_of_service &&
		table->capacity > 0;
}

/*
 * Numbers are unique in a restaurant, or at least in a zone.  Where a zone has a
 * number twice, each table's number is taken as (number, index) throughout: the
 * order stays total, and sets of a zone can be made in order.
 */
static void
sort_by_number(Floor *floor)
{
	bool		twice = false;

	floor->order = palloc(sizeof(int) * Max(floor->ntables, 1));
	floor->place = palloc(sizeof(int) * Max(floor->ntables, 1));
	floor->rank = palloc(sizeof(int) * Max(floor->ntables, 1));
	for (int i = 0; i < floor->ntables; i++)
		floor->order[i] = i;
	qsort_arg(floor->order, floor->ntables, sizeof(int), compare_table_numbers, floor);
	for (int p = 0; p < floor->ntables; p++)
	{
		bool		same = p > 0 &&
			strcmp(floor_at(floor, p)->number, floor_at(floor, p - 1)->number) == 0;

		floor->place[floor->order[p]] = p;
		floor->rank[p] = same ? floor->rank[p - 1] : p;
		twice |= same && floor_at(floor, p)->zone != FLOOR_NO_ZONE &&
			floor_at(floor, p)->zone == floor_at(floor, p - 1)->zone;
	}
	for (int p = 0; twice && p < floor->ntables; p++)
		floor->rank[p] = p;
}

static void
link_neighbors(Floor *floor, const FloorEdge *edges, int nedges)
{
	int		   *start = palloc0(sizeof(int) * (floor->ntables + 2));
	int		   *list = palloc(sizeof(int) * Max(2 * (Size) nedges, 1));
	int			kept = 0;

	/* Once to count, once to fill: start[] runs one ahead until it is filled */
	for (int pass = 0; pass < 2; pass++)
	{
		for (int i = 0; i < nedges; i++)
		{
			int			a = edges[i].a;
			int			b = edges[i].b;

			if (a < 0 || b < 0 || a >= floor->ntables || b >= floor->ntables || a == b ||
				floor->tables[a].zone == FLOOR_NO_ZONE ||
				floor->tables[a].zone != floor->tables[b].zone)
				continue;
			a = floor->place[a];
			b = floor->place[b];
			if (pass == 0)
			{
				start[a + 2]++;
				start[b + 2]++;
			}
			else
			{
				list[start[a + 1]++] = b;
				list[start[b + 1]++] = a;
			}
		}
		for (int p = 0; pass == 0 && p < floor->ntables; p++)
			start[p + 2] += start[p + 1];
	}
	for (int p = 0; p < floor->ntables; p++)
	{
		int			from = p == 0 ? 0 : start[p];
		int			until = start[p + 1];
		int			begin = kept;

		qsort(list + from, until - from, sizeof(int), compare_int);
		for (int i = from; i < until; i++)
			if (kept == begin || list[kept - 1] != list[i])
				list[kept++] = list[i];
		start[p] = begin;
	}
	start[floor->ntables] = kept;
	floor->neighbor_start = start;
	floor->neighbors = list;
}

static void
rate_scarcity(Floor *floor)
{
	int		   *sorted = palloc(sizeof(int) * Max(floor->ntables, 1));
	int			n = floor->ntables;

	floor->scarcity = palloc(sizeof(int) * Max(n, 1));
	for (int i = 0; i < n; i++)
		sorted[i] = i;
	qsort_arg(sorted, n, sizeof(int), compare_capacities, floor);
	for (int from = 0, until; from < n; from = until)
	{
		int			nactive = 0;

		for (until = from; until < n && floor->tables[sorted[until]].capacity ==
			 floor->tables[sorted[from]].capacity; until++)
			nactive += floor->tables[sorted[until]].active;
		for (int i = from; i < until; i++)
			floor->scarcity[sorted[i]] = nactive == 0 ? (int) FLOOR_SCORE_UNIT :
				(int) ((2 * FLOOR_SCORE_UNIT + nactive) / (2 * nactive));
	}
	pfree(sorted);
}

static void
classify_tables(Floor *floor)
{
	int		   *sorted = palloc(sizeof(int) * Max(floor->ntables, 1));

	floor->class_of = palloc(sizeof(int) * Max(floor->ntables, 1));
	floor->nclasses = 0;
	for (int i = 0; i < floor->ntables; i++)
		sorted[i] = i;
	qsort_arg(sorted, floor->ntables, sizeof(int), compare_kinds, floor);
	for (int i = 0; i < floor->ntables; i++)
	{
		if (i == 0 || compare_kinds(&sorted[i - 1], &sorted[i], floor) != 0)
			floor->nclasses++;
		floor->class_of[sorted[i]] = floor->nclasses - 1;
	}
	pfree(sorted);
}

static int
compare_table_numbers(const void *a, const void *b, void *arg)
{
	const Floor *floor = arg;
	int			left = *(const int *) a;
	int			right = *(const int *) b;
	int			order = strcmp(floor->tables[left].number, floor->tables[right].number);

	if (order == 0)
		order = floor->tables[left].zone - floor->tables[right].zone;
	return order != 0 ? order : left - right;
}

/* By all that can tell two tables apart, but id and number. */
static int
compare_kinds(const void *a, const void *b, void *arg)
{
	const Floor *floor = arg;
	const DiningTable *left = &floor->tables[*(const int *) a];
	const DiningTable *right = &floor->tables[*(const int *) b];

#define COMPARE_FIELD(f) \
	if (left->f != right->f) \
		return left->f < right->f ? -1 : 1
	COMPARE_FIELD(zone);
	COMPARE_FIELD(capacity);
	COMPARE_FIELD(min_party);
	COMPARE_FIELD(max_party);
	COMPARE_FIELD(priority);
	COMPARE_FIELD(movable);
	COMPARE_FIELD(active);
	COMPARE_FIELD(zone_active);
	COMPARE_FIELD(out_of_service);
#undef COMPARE_FIELD
	return 0;
}

static int
compare_capacities(const void *a, const void *b, void *arg)
{
	const Floor *floor = arg;
	int			left = floor->tables[*(const int *) a].capacity;
	int			right = floor->tables[*(const int *) b].capacity;

	return left < right ? -1 : left > right;
}

static int
compare_int(const void *a, const void *b)
{
	int			left = *(const int *) a;
	int			right = *(const int *) b;

	return left < right ? -1 : left > right;
}
