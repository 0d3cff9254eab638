/*-------------------------------------------------------------------------
 *
 * plan_listed.c
 *	  The listed combinations that are plans for a question; see plan_listed.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/plan_listed.h"

static bool collect(const PlanRules *rules, int combination, PlanListedSet *set);
static int	compare_listed(const void *a, const void *b);
static int	compare_listed_tables(const PlanListedSet *left, const PlanListedSet *right);
static int	compare_by_place(const void *a, const void *b);
static bool contains_set(const int *places, int n, const PlanListedSet *set);

PlanListed *
plan_listed_make(const PlanRules *rules)
{
	const Floor *floor = rules->floor;
	PlanListed *listed = palloc0(sizeof(PlanListed));
	int			kept = 0;

	if (!rules->listed_sets || floor->ncombinations == 0)
		return listed;
	listed->sets = palloc(sizeof(PlanListedSet) * floor->ncombinations);

	for (int i = 0; i < floor->ncombinations; i++)
		if ((rules->query->applies != NULL ? rules->query->applies[i] : floor->combinations[i].applies) &&
			collect(rules, i, &listed->sets[listed->nsets]))
			listed->nsets++;
	if (listed->nsets == 0)
		return listed;

	/* Of equal sets the last one in the list is the first one here, and stays */
	qsort(listed->sets, listed->nsets, sizeof(PlanListedSet), compare_listed);
	for (int i = 0; i < listed->nsets; i++)
		if (kept == 0 || compare_listed_tables(&listed->sets[kept - 1], &listed->sets[i]) != 0)
			listed->sets[kept++] = listed->sets[i];
	listed->nsets = kept;

	listed->first = palloc0(sizeof(int) * (floor->ntables + 1));
	for (int i = 0; i < kept; i++)
		listed->first[listed->sets[i].tables[0] + 1]++;
	for (int p = 0; p < floor->ntables; p++)
		listed->first[p + 1] += listed->first[p];
	return listed;
}

bool
plan_listed_has(const PlanListed *listed, const int *places, int n)
{
	return plan_listed_find(listed, places, n) != NULL;
}

const PlanListedSet *
plan_listed_find(const PlanListed *listed, const int *places, int n)
{
	if (listed->nsets == 0)
		return NULL;
	for (int i = listed->first[places[0]]; i < listed->first[places[0] + 1]; i++)
		if (listed->sets[i].n == n && contains_set(places, n, &listed->sets[i]))
			return &listed->sets[i];
	return NULL;
}

bool
plan_listed_within(const PlanListed *listed, const int *places, int n)
{
	if (listed->nsets == 0)
		return false;
	for (int m = 0; m < n - 1; m++)
		for (int i = listed->first[places[m]]; i < listed->first[places[m] + 1]; i++)
			if (listed->sets[i].n < n && contains_set(places + m, n - m, &listed->sets[i]))
				return true;
	return false;
}

/* Makes a set of a combination; returns false when it is no plan for the question. */
static bool
collect(const PlanRules *rules, int combination, PlanListedSet *set)
{
	const Floor *floor = rules->floor;
	const FloorCombination *listed = &floor->combinations[combination];
	int			capacity = listed->capacity > 0 ? listed->capacity : listed->max_party;
	int			zone;

	if (rules->party < listed->min_party || rules->party > listed->max_party)
		return false;
	for (int i = 0; i < listed->ntables; i++)
		if (listed->tables[i] < 0 || listed->tables[i] >= floor->ntables ||
			!rules->seats[floor->place[listed->tables[i]]])
			return false;
	set->n = 0;
	set->capacity = Max(capacity, rules->party);
	set->combination = combination;
	set->tables = palloc(sizeof(int) * Max(listed->ntables, 1));
	for (int i = 0; i < listed->ntables; i++)
		set->tables[i] = floor->place[listed->tables[i]];
	qsort(set->tables, listed->ntables, sizeof(int), compare_by_place);
	for (int i = 0; i < listed->ntables; i++)
		if (set->n == 0 || set->tables[set->n - 1] != set->tables[i])
			set->tables[set->n++] = set->tables[i];
	if (set->n < 2)
		return false;
	zone = floor_at(floor, set->tables[0])->zone;
	for (int i = 0; i < set->n; i++)
		if (floor_at(floor, set->tables[i])->zone != zone)
			return false;
	return zone != FLOOR_NO_ZONE;
}

/* By tables; of the same tables the later combination first. */
static int
compare_listed(const void *a, const void *b)
{
	const PlanListedSet *left = a;
	const PlanListedSet *right = b;
	int			order = compare_listed_tables(left, right);

	return order != 0 ? order : right->combination - left->combination;
}

static int
compare_listed_tables(const PlanListedSet *left, const PlanListedSet *right)
{
	for (int i = 0; i < left->n && i < right->n; i++)
		if (left->tables[i] != right->tables[i])
			return left->tables[i] - right->tables[i];
	return left->n - right->n;
}

static int
compare_by_place(const void *a, const void *b)
{
	return *(const int *) a - *(const int *) b;
}

/* Whether all tables of a set are among n places, ascending. */
static bool
contains_set(const int *places, int n, const PlanListedSet *set)
{
	int			found = 0;

	for (int i = 0; i < n && found < set->n; i++)
		if (places[i] == set->tables[found])
			found++;
	return found == set->n;
}
