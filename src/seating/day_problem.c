/*-------------------------------------------------------------------------
 *
 * day_problem.c
 *	  A service day as the evening's optimiser wants it: see day_problem.h.
 *
 * Dining tables that no rule tells apart that day are one resource: of one class,
 * in a zone whose plans are grouped, never taken that day, and without preferences or
 * wishes for them.  Each other one is a resource of its own.
 *
 * Those who have dining tables and may move are of a priority above all others: since
 * they are all seated now, the best seating seats all of them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/bitmapset.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "seating/day_problem.h"
#include "seating/evening.h"
#include "seating/evening_deal.h"
#include "seating/plan_group.h"
#include "seating/plan_question.h"
#include "seating/plan_search.h"
#include "seating/table_preference.h"
#include "seating/taken_table.h"

/* Plans of a party that are not grouped: more make no difference to an evening. */
#define MAX_SINGLE_PLANS 20000

/* More than there are subsets of FLOOR_MAX_K dining tables, and listed ones among them. */
#define PLAN_OF_ONE_SET 100

/* A wish that comes true is worth as much as another booking's last plan (future_conflicts.h). */
#define WISH_WORTH INT64CONST(5000000)

/* The problem while it is made; all indexes are those of the floor. */
typedef struct DayProblem
{
	const FloorReader *reader;
	const DayBookings *day;
	int			ndecided;
	int		   *decided;		/* indexes of the day's bookings that the optimiser decides
								 * about */
	bool	   *is_taken;		/* by index: at some time of the day */
	bool	   *is_wanted;		/* by index: somebody wishes for it */
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
	Bitmapset  *wishes;			/* options that are cheaper, being somebody's wish */
	HTAB	   *known;			/* KnownLists */
	bool		complete;		/* no limit ended a search for options */
} DayProblem;

/* Bookings with equal questions have the same options. */
typedef struct KnownList
{
	uint64		key[2];			/* hash of the question; must be the first */
	int			list;
} KnownList;

static void begin_problem(DayProblem *problem);
static DaySeating *begin_seating(const DayProblem *problem);
static void store_fixed(const DayProblem *problem, DaySeat *seat);
static SeatingPlan *plan_of_booking(const FloorReader *reader, const Booking *booking, const int *tables, int n, int waived);
static void label_tables(DayProblem *problem);
static bool has_preference(const FloorReader *reader, int index);
static void count_members(DayProblem *problem);
static void add_fixed(DayProblem *problem);
static void add_bookings(DayProblem *problem);
static int	find_list(DayProblem *problem, const DayBooking *booking);
static int	make_list(DayProblem *problem, const PlanQuestion *question);
static void add_wish(DayProblem *problem, const DayBooking *booking, const PlanQuestion *question);
static void add_option(DayProblem *problem, const PlanGroup *group);
static void question_key(const DayProblem *problem, const PlanQuestion *question, uint64 *key);
static void store_result(DayProblem *problem, const EveningResult *result, DaySeating *seating);
static int	number_bound(const DayProblem *problem, const EveningResult *result);
static bool is_of_one_priority(const DayProblem *problem);
static void store_decided(const DayProblem *problem, const EveningResult *result, const EveningDeal *deal, int n, DaySeat *seat);
static EveningDeal *deal_tables(const DayProblem *problem, const EveningResult *result);
static int	compare_seat_places(const void *a, const void *b, void *floor);


DaySeating *
day_problem_solve(const FloorReader *reader, DateADT date, DayMode mode)
{
	DayProblem	problem = {.reader = reader,.complete = true};
	DaySeating *seating;

	problem.day = day_bookings_read(reader, date, mode);
	begin_problem(&problem);
	label_tables(&problem);
	count_members(&problem);
	add_fixed(&problem);
	add_bookings(&problem);
	seating = begin_seating(&problem);
	store_result(&problem, evening_solve(&problem.evening, 0), seating);
	return seating;
}

static void
begin_problem(DayProblem *problem)
{
	const DayBookings *day = problem->day;
	int			ntables = problem->reader->floor.ntables;
	ListCell   *lc;

	problem->decided = palloc((day->n + 1) * sizeof(int));
	problem->is_taken = palloc0(ntables + 1);
	problem->is_wanted = palloc0(ntables + 1);
	for (int i = 0; i < day->n; i++)
	{
		const DayBooking *booking = &day->bookings[i];

		if (booking->choice != DAY_CHOICE_OPEN && booking->choice != DAY_CHOICE_MAY_MOVE)
			continue;
		problem->decided[problem->ndecided++] = i;
		for (int t = 0; booking->lock && t < booking->lock->nwanted; t++)
			problem->is_wanted[booking->lock->wanted[t]] = true;
	}
	foreach(lc, day->taken)
		problem->is_taken[((Occupied *) lfirst(lc))->table] = true;
}

/* With those whose dining tables stay. */
static DaySeating *
begin_seating(const DayProblem *problem)
{
	const DayBookings *day = problem->day;
	DaySeating *seating = palloc0(sizeof(DaySeating));

	seating->date = day->date;
	seating->nbookings = day->n;
	seating->unreadable = day->unreadable;
	seating->seats = palloc0((day->n + 1) * sizeof(DaySeat));
	for (int i = 0; i < day->n; i++)
	{
		DaySeat    *seat = &seating->seats[i];

		seat->of = &day->bookings[i];
		if (seat->of->choice != DAY_CHOICE_FIXED)
			continue;
		store_fixed(problem, seat);
		seating->seated++;
		seating->score += seat->score;
		seating->combinations += seat->ntables > 1;
	}
	return seating;
}

/* Somebody may have chosen a set that is no plan: its score is that of its seats all the same. */
static void
store_fixed(const DayProblem *problem, DaySeat *seat)
{
	SeatingPlan *plan;

	seat->ntables = seat->of->nhad;
	seat->tables = seat->of->had;
	plan = plan_of_booking(problem->reader, seat->of->booking, seat->tables, seat->ntables, ~0);
	seat->score = plan ? plan->score : 0;
}

/* The n dining tables as a plan for the booking, if they were free; NULL when they are none. */
static SeatingPlan *
plan_of_booking(const FloorReader *reader, const Booking *booking, const int *tables, int n, int waived)
{
	bool	   *only = palloc0(reader->floor.ntables + 1);
	PlanQuestion question;
	PlanResult *result;

	for (int i = 0; i < n; i++)
		only[tables[i]] = true;
	question = plan_question_of(reader, booking->party_size, booking->start, booking->window, only);
	question.query.include_dominated = true;
	question.query.waived = waived & ~PLAN_RULE_BUSY;
	question.query.max_plans = PLAN_OF_ONE_SET;
	result = plan_search(&reader->floor, &question.query);
	for (int i = 0; i < result->nplans; i++)
	{
		if (result->plans[i].ntables == n)
			return &result->plans[i];
	}
	return NULL;
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
		bool		is_alone = problem->is_taken[i] || problem->is_wanted[i] || has_preference(reader, i) ||
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
	EveningFixed *fixed = palloc((list_length(problem->day->taken) + 1) * sizeof(EveningFixed));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, problem->day->taken)
	{
		const Occupied *taken = lfirst(lc);
		int			resource = problem->label[taken->table];

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
	int			n = problem->ndecided;
	EveningBooking *bookings = palloc0((n + 1) * sizeof(EveningBooking));

	problem->known = hash_create("menuca questions of an evening", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	problem->lists = palloc((n + 1) * sizeof(EveningList));
	for (int i = 0; i < n; i++)
	{
		const DayBooking *booking = &problem->day->bookings[problem->decided[i]];
		EveningBooking *wanted = &bookings[i];

		CHECK_FOR_INTERRUPTS();
		wanted->start = booking->booking->window.start;
		wanted->end = booking->booking->window.end;
		wanted->list = booking->booking->party_size < 1 ? -1 : find_list(problem, booking);
		wanted->priority = booking->choice == DAY_CHOICE_MAY_MOVE ? BOOKING_LOCK_MAX_PRIORITY + 1 :
			booking->lock ? booking->lock->priority : 0;
	}
	problem->evening.bookings = bookings;
	problem->evening.nbookings = n;
	problem->evening.options = problem->options;
	problem->evening.uses = problem->uses;
	problem->evening.lists = problem->lists;
}

/* The list of the booking's options, which others with the same question have, too. */
static int
find_list(DayProblem *problem, const DayBooking *wanted)
{
	const Booking *booking = wanted->booking;
	const Floor *floor = &problem->reader->floor;
	PlanQuestion question = {0};
	bool	   *free = palloc(floor->ntables + 1);
	uint64		key[2];
	KnownList  *known;
	bool		found;
	ListCell   *lc;

	memset(free, true, floor->ntables);
	foreach(lc, problem->day->taken)
	{
		const Occupied *taken = lfirst(lc);

		if (taken->start < booking->window.end && booking->window.start < taken->end)
			free[taken->table] = false;
	}
	question = plan_question_of(problem->reader, booking->party_size, booking->start, booking->window, free);
	if (wanted->lock && wanted->lock->nwanted > 0)
	{
		int			list = make_list(problem, &question);

		add_wish(problem, wanted, &question);
		return list;
	}
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

/* To the last list; a dominated plan, too, since it is wished for. */
static void
add_wish(DayProblem *problem, const DayBooking *booking, const PlanQuestion *question)
{
	const BookingLock *lock = booking->lock;
	SeatingPlan *plan;
	PlanGroup	wish = {0};

	for (int i = 0; i < lock->nwanted; i++)
	{
		if (!question->free[lock->wanted[i]])
			return;
	}
	plan = plan_of_booking(problem->reader, booking->booking, lock->wanted, lock->nwanted, 0);
	if (plan == NULL)
		return;
	wish.ntables = plan->ntables;
	wish.members = plan->tables;
	wish.score = plan->score - WISH_WORTH;
	problem->wishes = bms_add_member(problem->wishes, problem->evening.noptions);
	add_option(problem, &wish);
	problem->lists[problem->evening.nlists - 1].noptions++;
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
	int			fixed = seating->seated;
	int64		fixed_score = seating->score;

	if (deal->undealt > 0)
		elog(ERROR, "%d of the bookings were seated, but got no dining tables", deal->undealt);
	for (int i = 0; i < problem->ndecided; i++)
	{
		DaySeat    *seat = &seating->seats[problem->decided[i]];

		store_decided(problem, result, deal, i, seat);
		seating->seated += seat->ntables > 0;
		seating->score += seat->score;
		seating->combinations += seat->ntables > 1;
		seating->moved += seat->moved;
	}
	seating->bound = fixed + (problem->complete ? number_bound(problem, result) : problem->ndecided);
	seating->proven = problem->complete && seating->seated == seating->bound &&
		(result->seated_proven || is_of_one_priority(problem));

	/* Wishes only make options cheaper, so the bound is one without them, too. */
	seating->has_score_bound = problem->complete;
	seating->score_bound = fixed_score + result->score_bound;
	seating->score_proven = seating->proven && seating->score == seating->score_bound;
	seating->steps = result->steps;
}

/*
 * How many can be seated at most.  Where priorities make the bound weak, that of the same
 * day without any holds, too.
 */
static int
number_bound(const DayProblem *problem, const EveningResult *result)
{
	EveningProblem equal = problem->evening;
	EveningBooking *bookings;

	if (result->seated == result->seated_bound || problem->ndecided == 0)
		return result->seated_bound;
	bookings = palloc(problem->ndecided * sizeof(EveningBooking));
	memcpy(bookings, problem->evening.bookings, problem->ndecided * sizeof(EveningBooking));
	for (int i = 0; i < problem->ndecided; i++)
		bookings[i].priority = 0;
	equal.bookings = bookings;
	return Min(result->seated_bound, evening_solve(&equal, 0)->seated_bound);
}

/* Whether nobody comes first but those who may move, whose seats they all have together. */
static bool
is_of_one_priority(const DayProblem *problem)
{
	for (int i = 0; i < problem->ndecided; i++)
	{
		const BookingLock *lock = problem->day->bookings[problem->decided[i]].lock;

		if (lock && lock->priority > 0)
			return false;
	}
	return true;
}

/* The seat of the n-th of those that were decided about. */
static void
store_decided(const DayProblem *problem, const EveningResult *result, const EveningDeal *deal, int n, DaySeat *seat)
{
	int			list = problem->evening.bookings[n].list;

	if (result->chosen[n] < 0)
	{
		seat->hopeless = list < 0 || problem->lists[list].noptions == 0;
		return;
	}
	seat->score = problem->options[result->chosen[n]].cost;
	if (bms_is_member(result->chosen[n], problem->wishes))
		seat->score += WISH_WORTH;
	seat->ntables = deal->first[n + 1] - deal->first[n];
	seat->tables = palloc(seat->ntables * sizeof(int));
	for (int t = 0; t < seat->ntables; t++)
	{
		const EveningSeat *given = &deal->seats[deal->first[n] + t];

		seat->tables[t] = problem->members[given->resource][given->table];
	}
	qsort_arg(seat->tables, seat->ntables, sizeof(int), compare_seat_places, unconstify(Floor *, &problem->reader->floor));
	seat->moved = seat->of->choice == DAY_CHOICE_MAY_MOVE &&
		(seat->ntables != seat->of->nhad || memcmp(seat->tables, seat->of->had, seat->ntables * sizeof(int)) != 0);
}

/* Those who may move rather keep what they have. */
static EveningDeal *
deal_tables(const DayProblem *problem, const EveningResult *result)
{
	EveningTaken *taken = palloc((problem->evening.nfixed + 1) * sizeof(EveningTaken));
	EveningHad *had = NULL;
	int			nhad = 0;
	int			size = 1;

	/* What is taken is a resource of its own. */
	for (int i = 0; i < problem->evening.nfixed; i++)
	{
		taken[i].resource = problem->evening.fixed[i].resource;
		taken[i].table = 0;
		taken[i].start = problem->evening.fixed[i].start;
		taken[i].end = problem->evening.fixed[i].end;
	}
	for (int i = 0; i < problem->ndecided; i++)
		size += problem->day->bookings[problem->decided[i]].nhad;
	had = palloc(size * sizeof(EveningHad));
	for (int i = 0; i < problem->ndecided; i++)
	{
		const DayBooking *booking = &problem->day->bookings[problem->decided[i]];

		for (int t = 0; t < booking->nhad; t++)
		{
			had[nhad].booking = i;
			had[nhad].resource = problem->label[booking->had[t]];
			had[nhad].table = problem->number[booking->had[t]];
			nhad++;
		}
	}
	return evening_deal(&problem->evening, result->chosen, problem->evening.nfixed, taken, nhad, had);
}

static int
compare_seat_places(const void *a, const void *b, void *floor)
{
	const int  *place = ((const Floor *) floor)->place;

	return place[*(const int *) a] - place[*(const int *) b];
}
