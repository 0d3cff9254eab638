/*-------------------------------------------------------------------------
 *
 * plan_count.c
 *	  How many free sets there are; see plan_count.h.
 *
 * ways[n][s] is the number of sets of n tables with s seats.  It begins with the
 * empty set, and takes in one capacity after the other: of m tables with c seats,
 * j can be chosen in C(m, j) ways, so
 *	ways'[n][s] = sum over j of C(m, j) * ways[n - j][s - j * c].
 * What is beyond 64 bits stays at the maximum, and the scan is told.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "seating/plan_count.h"

/* Sums up to here are counted in an array, of 10 MB at most; above by kinds. */
#define MAX_SUMS 262144

/* Multisets of capacities, where sums are too large for an array. */
typedef struct CountByKinds
{
	PlanScan   *scan;
	int			ncapacities;
	const int  *capacity;		/* the largest first */
	const int  *ntables;		/* by capacity */
	int			n;
} CountByKinds;

static void count_sums(PlanScan *scan, int k, int64 most, int ncapacities, const int *capacity,
					   const int *ntables);
static void count_kinds(CountByKinds *count, int at, int rest, int64 sum, int64 ways);
static void uncount_listed(PlanScan *scan, const PlanUnits *units, const PlanUnit *unit);
static int64 binomial(int n, int k);
static int64 add_ways(int64 a, int64 b);
static int64 multiply_ways(int64 a, int64 b);

void
plan_count_unit(PlanScan *scan, const PlanUnits *units, const PlanUnit *unit)
{
	const PlanRules *rules = scan->rules;
	int			k = Min(rules->k, unit->ntables);
	int		   *capacity = palloc(sizeof(int) * unit->nclasses);
	int		   *ntables = palloc(sizeof(int) * unit->nclasses);
	int			ncapacities = 0;
	int64		most = Min(rules->most, (int64) k * unit->max_capacity);

	if (most >= rules->least)
	{
		for (int c = 0; c < unit->nclasses; c++)
		{
			if (ncapacities == 0 || capacity[ncapacities - 1] != unit->classes[c].capacity)
			{
				capacity[ncapacities] = unit->classes[c].capacity;
				ntables[ncapacities++] = 0;
			}
			ntables[ncapacities - 1] += unit->classes[c].nmembers;
		}
		if (most < MAX_SUMS)
			count_sums(scan, k, most, ncapacities, capacity, ntables);
		else
			for (int n = 2; n <= k; n++)
			{
				CountByKinds count = {scan, ncapacities, capacity, ntables, n};

				count_kinds(&count, 0, n, 0, 1);
			}

		/* Where the limit has ended counting, what is listed may not be in it */
		if (!scan->budget.spent || most < MAX_SUMS)
			uncount_listed(scan, units, unit);
	}
	pfree(capacity);
	pfree(ntables);
}

static void
count_sums(PlanScan *scan, int k, int64 most, int ncapacities, const int *capacity,
		   const int *ntables)
{
	int64		width = most + 1;
	int64	   *ways = palloc0(sizeof(int64) * width * (k + 1));
	int64		highest = 0;

	ways[0] = 1;
	for (int c = 0; c < ncapacities; c++)
	{
		int64		choices[FLOOR_MAX_K + 1];

		for (int j = 1; j <= k; j++)
			choices[j] = binomial(ntables[c], j);
		highest = Min(most, highest + (int64) capacity[c] * Min(k, ntables[c]));

		/* From above, so that what is read is still without this capacity */
		for (int n = k; n > 0; n--)
			for (int64 s = highest; s >= capacity[c]; s--)
			{
				int64		more = ways[n * width + s];

				for (int j = 1; j <= n && j <= ntables[c] && (int64) j * capacity[c] <= s; j++)
				{
					int64		before = ways[(n - j) * width + s - (int64) j * capacity[c]];

					if (before != 0)
						more = add_ways(more, multiply_ways(choices[j], before));
				}
				ways[n * width + s] = more;
			}
		CHECK_FOR_INTERRUPTS();
	}
	for (int n = 2; n <= k; n++)
		for (int64 s = scan->rules->least; s <= most; s++)
		{
			scan->saturated |= ways[n * width + s] == PG_INT64_MAX;
			plan_scan_count(scan, n, ways[n * width + s]);
		}
	pfree(ways);
}

/* The same, one multiset of capacities after the other. */
static void
count_kinds(CountByKinds *count, int at, int rest, int64 sum, int64 ways)
{
	const PlanRules *rules = count->scan->rules;

	if (!plan_rules_step(&count->scan->budget))
		return;
	if (rest == 0)
	{
		if (sum >= rules->least && sum <= rules->most)
		{
			count->scan->saturated |= ways == PG_INT64_MAX;
			plan_scan_count(count->scan, count->n, ways);
		}
		return;
	}
	if (at == count->ncapacities || sum + (int64) rest * count->capacity[at] < rules->least)
		return;
	for (int j = Min(rest, count->ntables[at]); j >= 0; j--)
		if (sum + (int64) j * count->capacity[at] <= rules->most)
			count_kinds(count, at + 1, rest - j, sum + (int64) j * count->capacity[at],
						multiply_ways(ways, binomial(count->ntables[at], j)));
}

/* A listed set replaces the free one. */
static void
uncount_listed(PlanScan *scan, const PlanUnits *units, const PlanUnit *unit)
{
	for (int i = 0; i < scan->listed->nsets; i++)
	{
		const PlanListedSet *set = &scan->listed->sets[i];

		if (set->n <= scan->rules->k && units->unit_of[set->tables[0]] == unit - units->units &&
			plan_rules_fit(scan->rules, set->tables, set->n))
			plan_scan_count(scan, set->n, -1);
	}
}

static int64
binomial(int n, int k)
{
	int64		result = 1;

	for (int i = 1; i <= k; i++)
	{
		if (n < i)
			return 0;
		result = multiply_ways(result, n - i + 1);
		if (result == PG_INT64_MAX)
			return result;
		result /= i;
	}
	return result;
}

static int64
add_ways(int64 a, int64 b)
{
	int64		result;

	return pg_add_s64_overflow(a, b, &result) ? PG_INT64_MAX : result;
}

static int64
multiply_ways(int64 a, int64 b)
{
	int64		result;

	return pg_mul_s64_overflow(a, b, &result) ? PG_INT64_MAX : result;
}
