/*-------------------------------------------------------------------------
 *
 * largest_party.c
 *	  The largest party that a zone can seat: see largest_party.h.
 *
 * With any number of seats too many, a set that seats a party seats each smaller one
 * too, unless that is below the smallest party of a dining table or of a listed
 * combination.  So between two such parties the largest one is found by halving.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "seating/plan_search.h"
#include "survey/largest_party.h"

/* Parties that are tried below one that only has too many seats; adjacency_min_party is no greater. */
#define MAX_TRIED 10000

/* A question that single dining tables do not answer. */
typedef struct JoinedQuestion
{
	Floor		floor;			/* the reader's, but for its dining tables */
	FloorSettings settings;
	bool	   *applies;
	PlanQuery	query;
} JoinedQuestion;

static void make_joined_question(const FloorReader *reader, int zone, FloorAdjacency adjacency, JoinedQuestion *question);
static bool joined_seats(JoinedQuestion *question, int party, int waived);
static int *joined_steps(const FloorReader *reader, int *n);
static int	compare_largest(const void *a, const void *b);


int
largest_party_alone(const FloorReader *reader, int zone)
{
	const Floor *floor = &reader->floor;
	int			largest = 0;

	for (int i = 0; i < floor->ntables; i++)
	{
		const DiningTable *table = &floor->tables[i];
		int			party = table->max_party > 0 ? Min(table->capacity, table->max_party) : table->capacity;

		if (table->zone == zone && floor_usable(table) && table->max_party >= 0 && party >= table->min_party &&
			table->capacity - party <= floor->settings.max_overage)
			largest = Max(largest, party);
	}
	return largest;
}

int
largest_party_joined(const FloorReader *reader, int zone, FloorAdjacency adjacency)
{
	JoinedQuestion question;
	int			n;
	int		   *steps = joined_steps(reader, &n);
	int			greatest = PG_INT32_MAX;
	int			largest = 0;

	make_joined_question(reader, zone, adjacency, &question);
	for (int i = n - 1; i >= 0 && largest == 0; i--)
	{
		int			low = steps[i];
		int			high = greatest;

		greatest = steps[i] - 1;
		if (!joined_seats(&question, low, PLAN_RULE_OVERAGE))
			continue;
		while (low < high)
		{
			int			middle = high - (high - low) / 2;

			if (joined_seats(&question, middle, PLAN_RULE_OVERAGE))
				low = middle;
			else
				high = middle - 1;
		}

		/*
		 * Where smaller parties are exempt from adjacency, the set may have
		 * too many seats.
		 */
		for (int party = low; largest == 0 && party >= Max(steps[i], low - MAX_TRIED); party--)
		{
			if (joined_seats(&question, party, 0))
				largest = party;
		}
	}
	pfree(steps);
	return largest;
}

int64
largest_party_sets(const FloorReader *reader, FloorAdjacency adjacency, bool *complete)
{
	JoinedQuestion question;
	PlanResult *result;
	int64		sets = 0;

	make_joined_question(reader, FLOOR_NO_ZONE, adjacency, &question);
	question.settings.adjacency_min_party = 1;
	question.settings.combinations = FLOOR_COMBINATIONS_FREE;
	question.query.party = 1;
	question.query.waived = PLAN_RULE_CAPACITY | PLAN_RULE_OVERAGE | PLAN_RULE_MIN_PARTY;
	result = plan_search(&question.floor, &question.query);
	for (int size = 2; size <= FLOOR_MAX_COMBINATION; size++)
		sets += result->by_size[size];
	*complete = result->complete;
	return sets;
}

/* Dining tables that alone are for a single guest at most answer no question for more. */
static void
make_joined_question(const FloorReader *reader, int zone, FloorAdjacency adjacency, JoinedQuestion *question)
{
	Size		n = reader->floor.ntables;

	memset(question, 0, sizeof(*question));
	question->floor = reader->floor;
	question->floor.tables = palloc((n + 1) * sizeof(DiningTable));
	memcpy(question->floor.tables, reader->floor.tables, n * sizeof(DiningTable));
	for (Size i = 0; i < n; i++)
		question->floor.tables[i].max_party = 1;
	question->settings = reader->floor.settings;
	question->settings.adjacency = adjacency;
	question->applies = palloc(reader->floor.ncombinations + 1);
	memset(question->applies, true, reader->floor.ncombinations + 1);
	question->query.zone = zone;
	question->query.applies = question->applies;
	question->query.settings = &question->settings;
	question->query.max_plans = 1;
}

static bool
joined_seats(JoinedQuestion *question, int party, int waived)
{
	CHECK_FOR_INTERRUPTS();
	if (party < 2)
		return false;
	question->query.party = party;
	question->query.waived = waived;
	return plan_search_any(&question->floor, &question->query, NULL);
}

/* The parties from which on dining tables, or listed combinations, may be used; ascending. */
static int *
joined_steps(const FloorReader *reader, int *n)
{
	const Floor *floor = &reader->floor;
	int		   *steps = palloc((floor->ntables + floor->ncombinations + 1) * sizeof(int));
	int			found = 0;
	int			kept = 1;

	steps[found++] = 2;
	for (int i = 0; i < floor->ntables; i++)
		steps[found++] = Max(floor->tables[i].min_party, 2);
	for (int i = 0; i < floor->ncombinations; i++)
		steps[found++] = Max(floor->combinations[i].min_party, 2);
	qsort(steps, found, sizeof(int), compare_largest);
	for (int i = 1; i < found; i++)
	{
		if (steps[i] != steps[kept - 1])
			steps[kept++] = steps[i];
	}
	*n = kept;
	return steps;
}

static int
compare_largest(const void *a, const void *b)
{
	int			first = *(const int *) a;
	int			second = *(const int *) b;

	return first < second ? -1 : first > second;
}
