/*-------------------------------------------------------------------------
 *
 * day_problem.c
 *	  A service day as the evening's optimiser wants it: see day_problem.h.
 *
 * Dining tables that no rule tells apart that day are one resource: of one class,
 * in a zone whose plans are grouped, never taken that day, and without preferences.
 * Each other one is a resource of its own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "seating/day_problem.h"
#include "seating/evening.h"
#include "seating/evening_deal.h"
#include "seating/local_time.h"
#include "seating/plan_group.h"
#include "seating/plan_question.h"
#include "seating/table_preference.h"

/* Plans of a party that are not grouped: more make no difference to an evening. */
#define MAX_SINGLE_PLANS 20000

/* The problem while it is made; all indexes are those of the floor. */
typedef struct DayProblem
{
	const FloorReader *reader;
	BookingWindow window;		/* of all bookings */
	List	   *bookings;		/* Bookings */
	List	   *taken;			/* TakenTables */
	bool	   *is_taken;		/* by index: at some time of the day */
	int		   *label;			/* by index: its resource */
	int			nlabels;
	int		   *number;			/* by index: within its resource */
	int		  **members;		/* by label: indexes, by table number */
	EveningProblem evening;
	EveningOption *options;
	int			options_allocated;
	EveningUse *uses;
	int			uses_allocated;
	EveningList *lists;
	int		  **option_tables;	/* by option: NULL, for those of classes */
	HTAB	   *known;			/* KnownLists */
	bool		complete;		/* no limit ended a search for options */
} DayProblem;

/* Bookings with equal questions have the same options. */
typedef struct KnownList
{
	uint64		key[2];			/* hash of the question; must be the first */
	int			list;
} KnownList;

static void read_day(DayProblem *problem, DateADT date, DaySeating *seating);
static void label_tables(DayProblem *problem);
static bool has_preference(const FloorReader *reader, int index);
static void count_members(DayProblem *problem);
static void add_fixed(DayProblem *problem);
static void add_bookings(DayProblem *problem);
static int	find_list(DayProblem *problem, const Booking *booking);
static int	make_list(DayProblem *problem, const PlanQuestion *question);
static void add_option(DayProblem *problem, const PlanGroup *group);
static void question_key(const DayProblem *problem, const PlanQuestion *question, uint64 *key);
static void store_result(DayProblem *problem, const EveningResult *result, DaySeating *seating);
static EveningDeal *deal_tables(const DayProblem *problem, const EveningResult *result);
static int	compare_seat_places(const void *a, const void *b, void *floor);


DaySeating *
day_problem_solve(const FloorReader *reader, DateADT date)
{
	DaySeating *seating = palloc0(sizeof(DaySeating));
	DayProblem	problem = {.reader = reader,.complete = true};

	read_day(&problem, date, seating);
	label_tables(&problem);
	count_members(&problem);
	add_fixed(&problem);
	add_bookings(&problem);
	store_result(&problem, evening_solve(&problem.evening, 0), seating);
	return seating;
}

static void
read_day(DayProblem *problem, DateADT date, DaySeating *seating)
{
	const FloorReader *reader = problem->reader;
	TimestampTz from = local_time_instant((Timestamp) date * USECS_PER_DAY + SERVICE_DAY_BEGINS, reader->zone);
	TimestampTz until = local_time_instant((Timestamp) (date + 1) * USECS_PER_DAY + SERVICE_DAY_BEGINS, reader->zone);
	ListCell   *lc;

	problem->bookings = booking_reader_waiting(reader, from, until, &seating->unreadable);
	problem->window.start = from;
	problem->window.end = until;
	foreach(lc, problem->bookings)
	{
		const Booking *booking = lfirst(lc);

		problem->window.start = Min(problem->window.start, booking->window.start);
		problem->window.end = Max(problem->window.end, booking->window.end);
	}
	problem->taken = floor_reader_taken(reader, &problem->window, NULL);
	problem->is_taken = palloc0(reader->floor.ntables + 1);
	foreach(lc, problem->taken)
		problem->is_taken[((TakenTable *) lfirst(lc))->index] = true;
	seating->date = date;
	seating->nbookings = list_length(problem->bookings);
	seating->seats = palloc0((seating->nbookings + 1) * sizeof(DaySeat));
	foreach(lc, problem->bookings)
		seating->seats[foreach_current_index(lc)].booking = lfirst(lc);
}

static void
label_tables(DayProblem *problem)
{
	const FloorReader *reader = problem->reader;
	const Floor *floor = &reader->floor;
	bool	   *exact = palloc0(floor->nzones + 1);
	int		   *label_of_class = palloc((floor->nclasses + 1) * sizeof(int));

	plan_group_exact_zones(floor, &floor->settings, exact);
	for (int i = 0; i < floor->nclasses; i++)
		label_of_class[i] = -1;
	problem->label = palloc((floor->ntables + 1) * sizeof(int));
	for (int i = 0; i < floor->ntables; i++)
	{
		bool		is_alone = problem->is_taken[i] || has_preference(reader, i) ||
			(floor->tables[i].zone >= 0 && !exact[floor->tables[i].zone]);
		int		   *label = &label_of_class[floor->class_of[i]];

		if (is_alone || *label < 0)
			problem->label[i] = problem->nlabels++;
		else
			problem->label[i] = *label;
		if (!is_alone && *label < 0)
			*label = problem->label[i];
	}
}

static bool
has_preference(const FloorReader *reader, int index)
{
	ListCell   *lc;

	foreach(lc, reader->preferences)
	{
		if (memcmp(&((TablePreference *) lfirst(lc))->table_id, &reader->table_ids[index], UUID_LEN) == 0)
			return true;
	}
	return false;
}

/* Each resource's dining tables, in the order in which they are given out. */
static void
count_members(DayProblem *problem)
{
	const Floor *floor = &problem->reader->floor;
	int32	   *counts = palloc0((problem->nlabels + 1) * sizeof(int32));

	for (int i = 0; i < floor->ntables; i++)
		counts[problem->label[i]]++;
	problem->members = palloc0((problem->nlabels + 1) * sizeof(int *));
	for (int i = 0; i < problem->nlabels; i++)
		problem->members[i] = palloc(counts[i] * sizeof(int));
	memset(counts, 0, problem->nlabels * sizeof(int32));
	problem->number = palloc((floor->ntables + 1) * sizeof(int));
	for (int place = 0; place < floor->ntables; place++)
	{
		int			index = floor->order[place];
		int			label = problem->label[index];

		problem->number[index] = counts[label];
		problem->members[label][counts[label]++] = index;
	}
	problem->evening.nresources = problem->nlabels;
	problem->evening.counts = counts;
}

/* What is taken twice at a time, as it can be before there are constraints, is taken once. */
static void
add_fixed(DayProblem *problem)
{
	EveningFixed *fixed = palloc((list_length(problem->taken) + 1) * sizeof(EveningFixed));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, problem->taken)
	{
		const TakenTable *taken = lfirst(lc);
		int			resource = problem->label[taken->index];

		if (n > 0 && fixed[n - 1].resource == resource && taken->start < fixed[n - 1].end)
		{
			fixed[n - 1].end = Max(fixed[n - 1].end, taken->end);
			continue;
		}
		fixed[n].resource = resource;
		fixed[n].amount = 1;
		fixed[n].start = taken->start;
		fixed[n].end = taken->end;
		n++;
	}
	problem->evening.fixed = fixed;
	problem->evening.nfixed = n;
}

static void
add_bookings(DayProblem *problem)
{
	HASHCTL		control = {.keysize = 2 * sizeof(uint64),.entrysize = sizeof(KnownList),.hcxt = CurrentMemoryContext};
	int			n = list_length(problem->bookings);
	EveningBooking *bookings = palloc0((n + 1) * sizeof(EveningBooking));
	ListCell   *lc;

	problem->known = hash_create("menuca questions of an evening", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	problem->lists = palloc((n + 1) * sizeof(EveningList));
	foreach(lc, problem->bookings)
	{
		const Booking *booking = lfirst(lc);
		EveningBooking *wanted = &bookings[foreach_current_index(lc)];

		CHECK_FOR_INTERRUPTS();
		wanted->start = booking->window.start;
		wanted->end = booking->window.end;
		wanted->list = booking->party_size < 1 ? -1 : find_list(problem, booking);
	}
	problem->evening.bookings = bookings;
	problem->evening.nbookings = n;
	problem->evening.options = problem->options;
	problem->evening.uses = problem->uses;
	problem->evening.lists = problem->lists;
}

/* The list of the booking's options, which others with the same question have, too. */
static int
find_list(DayProblem *problem, const Booking *booking)
{
	const Floor *floor = &problem->reader->floor;
	PlanQuestion question = {0};
	bool	   *free = palloc(floor->ntables + 1);
	uint64		key[2];
	KnownList  *known;
	bool		found;
	ListCell   *lc;

	memset(free, true, floor->ntables);
	foreach(lc, problem->taken)
	{
		const TakenTable *taken = lfirst(lc);

		if (taken->start < booking->window.end && booking->window.start < taken->end)
			free[taken->index] = false;
	}
	question = plan_question_of(problem->reader, booking->party_size, booking->start, booking->window, free);
	question_key(problem, &question, key);
	known = hash_search(problem->known, key, HASH_ENTER, &found);
	if (!found)
		known->list = make_list(problem, &question);
	return known->list;
}

/* All that a question's answer depends on. */
static void
question_key(const DayProblem *problem, const PlanQuestion *question, uint64 *key)
{
	const Floor *floor = &problem->reader->floor;
	StringInfoData bytes;

	initStringInfo(&bytes);
	appendBinaryStringInfo(&bytes, (const char *) &question->query.party, sizeof(int));
	appendBinaryStringInfo(&bytes, (const char *) question->applies, floor->ncombinations);
	appendBinaryStringInfo(&bytes, (const char *) question->free, floor->ntables);
	appendBinaryStringInfo(&bytes, (const char *) question->priority, floor->ntables * sizeof(int));
	appendBinaryStringInfo(&bytes, (const char *) question->min_party, floor->ntables * sizeof(int));
	key[0] = hash_bytes_extended((const unsigned char *) bytes.data, bytes.len, 1);
	key[1] = hash_bytes_extended((const unsigned char *) bytes.data, bytes.len, 2);
	pfree(bytes.data);
}

static int
make_list(DayProblem *problem, const PlanQuestion *question)
{
	PlanQuery	query = question->query;
	PlanGroups *groups;
	EveningList *list = &problem->lists[problem->evening.nlists];

	query.max_plans = MAX_SINGLE_PLANS;
	groups = plan_group_search(&problem->reader->floor, &query, problem->label);
	problem->complete &= groups->complete && groups->ngroups < MAX_SINGLE_PLANS;
	list->first_option = problem->evening.noptions;
	list->noptions = groups->ngroups;
	for (int i = 0; i < groups->ngroups; i++)
		add_option(problem, &groups->groups[i]);
	return problem->evening.nlists++;
}

static void
add_option(DayProblem *problem, const PlanGroup *group)
{
	EveningOption *option;

	if (problem->evening.noptions == problem->options_allocated)
	{
		problem->options_allocated = Max(problem->options_allocated * 2, 256);
		problem->options = problem->options == NULL ?
			palloc_extended(problem->options_allocated * sizeof(EveningOption), MCXT_ALLOC_HUGE) :
			repalloc_huge(problem->options, problem->options_allocated * sizeof(EveningOption));
	}
	option = &problem->options[problem->evening.noptions++];
	option->cost = group->score;
	option->first_use = problem->evening.nuses;
	option->nuses = 0;
	for (int i = 0; i < group->ntables; i++)
	{
		int			resource = group->by_class ? group->members[i] : problem->label[group->members[i]];
		EveningUse *use = NULL;

		for (int u = 0; u < option->nuses; u++)
		{
			if (problem->uses[option->first_use + u].resource == resource)
				use = &problem->uses[option->first_use + u];
		}
		if (use)
		{
			use->amount++;
			continue;
		}
		if (problem->evening.nuses == problem->uses_allocated)
		{
			problem->uses_allocated = Max(problem->uses_allocated * 2, 256);
			problem->uses = problem->uses == NULL ?
				palloc_extended(problem->uses_allocated * sizeof(EveningUse), MCXT_ALLOC_HUGE) :
				repalloc_huge(problem->uses, problem->uses_allocated * sizeof(EveningUse));
		}
		use = &problem->uses[problem->evening.nuses++];
		use->resource = resource;
		use->amount = 1;
		option->nuses++;
	}
}

static void
store_result(DayProblem *problem, const EveningResult *result, DaySeating *seating)
{
	EveningDeal *deal = deal_tables(problem, result);

	if (deal->undealt > 0)
		elog(ERROR, "%d of the bookings were seated, but got no dining tables", deal->undealt);
	seating->seated = result->seated;
	seating->bound = problem->complete ? result->seated_bound : seating->nbookings;
	seating->proven = result->seated == seating->bound;
	seating->score = result->score;
	seating->score_bound = result->score_bound;
	seating->score_proven = problem->complete && seating->proven && result->score_proven;
	seating->steps = result->steps;
	for (int i = 0; i < seating->nbookings; i++)
	{
		DaySeat    *seat = &seating->seats[i];

		if (result->chosen[i] < 0)
			continue;
		seat->score = problem->options[result->chosen[i]].cost;
		seat->ntables = deal->first[i + 1] - deal->first[i];
		seat->tables = palloc(seat->ntables * sizeof(int));
		for (int t = 0; t < seat->ntables; t++)
		{
			const EveningSeat *given = &deal->seats[deal->first[i] + t];

			seat->tables[t] = problem->members[given->resource][given->table];
		}
		qsort_arg(seat->tables, seat->ntables, sizeof(int), compare_seat_places, unconstify(Floor *, &problem->reader->floor));
		seating->combinations += seat->ntables > 1;
	}
}

static EveningDeal *
deal_tables(const DayProblem *problem, const EveningResult *result)
{
	EveningTaken *taken = palloc((problem->evening.nfixed + 1) * sizeof(EveningTaken));

	/* What is taken is a resource of its own. */
	for (int i = 0; i < problem->evening.nfixed; i++)
	{
		taken[i].resource = problem->evening.fixed[i].resource;
		taken[i].table = 0;
		taken[i].start = problem->evening.fixed[i].start;
		taken[i].end = problem->evening.fixed[i].end;
	}
	return evening_deal(&problem->evening, result->chosen, problem->evening.nfixed, taken, 0, NULL);
}

static int
compare_seat_places(const void *a, const void *b, void *floor)
{
	const int  *place = ((const Floor *) floor)->place;

	return place[*(const int *) a] - place[*(const int *) b];
}
