/*-------------------------------------------------------------------------
 *
 * day_problem.c
 *	  A service day as the evening's optimiser wants it: see day_problem.h.
 *
 * Dining tables that no rule tells apart that day are one resource: of one class,
 * in a zone whose plans are grouped, never taken that day, and without preferences or
 * wishes for them.  Each other one is a resource of its own.
 *
 * Nothing depends on ids: bookings are in the order of their windows and parties, resources
 * in that of table numbers, options in that of scores.  So a day has one result, whatever
 * ids the users' tables have given.
 *
 * Those who have dining tables and may move are of a priority above all others: since
 * they are all seated now, the best seating seats all of them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "seating/day_options.h"
#include "seating/day_problem.h"
#include "seating/evening.h"
#include "seating/evening_deal.h"
#include "seating/plan_group.h"
#include "seating/plan_question.h"
#include "seating/table_preference.h"
#include "seating/taken_table.h"

/* The problem while it is made; all indexes are those of the floor. */
typedef struct DayProblem
{
	const FloorReader *reader;
	const DayBookings *day;
	int			ndecided;
	int		   *decided;		/* indexes of the day's bookings that the
								 * optimiser decides about */
	bool	   *is_taken;		/* by index: at some time of the day */
	bool	   *is_wanted;		/* by index: somebody wishes for it */
	int		   *label;			/* by index: its resource */
	int			nlabels;
	int		   *number;			/* by index: within its resource */
	int		  **members;		/* by label: indexes, by table number */
	EveningProblem evening;
	DayOptions *options;
} DayProblem;

static void begin_problem(DayProblem *problem);
static int	compare_decided(const void *a, const void *b, void *day);
static void label_tables(DayProblem *problem);
static bool has_preference(const FloorReader *reader, int index);
static void count_members(DayProblem *problem);
static void add_fixed(DayProblem *problem);
static void add_bookings(DayProblem *problem);
static int	find_list(const DayProblem *problem, const DayBooking *booking);
static DaySeating *seating_of(const DayProblem *problem, const EveningResult *result);
static int	number_bound(const DayProblem *problem, const EveningResult *result);
static bool is_of_one_priority(const DayProblem *problem);
static void store_decided(const DayProblem *problem, const EveningResult *result, const EveningDeal *deal, int n, DaySeat *seat);
static EveningDeal *deal_tables(const DayProblem *problem, const EveningResult *result);
static int	compare_seat_places(const void *a, const void *b, void *floor);


DaySeating *
day_problem_solve(const FloorReader *reader, const DayQuestion *question)
{
	DayProblem	problem = {.reader = reader};

	problem.day = day_bookings_read(reader, question);
	begin_problem(&problem);
	label_tables(&problem);
	count_members(&problem);
	add_fixed(&problem);
	add_bookings(&problem);
	return seating_of(&problem, evening_solve(&problem.evening, 0));
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
	qsort_arg(problem->decided, problem->ndecided, sizeof(int), compare_decided, unconstify(DayBookings *, day));
	foreach(lc, day->taken)
		problem->is_taken[((Occupied *) lfirst(lc))->table] = true;
}

/* By window and party; those that are the same in both are the same to the optimiser. */
static int
compare_decided(const void *a, const void *b, void *day)
{
	const DayBooking *bookings = ((const DayBookings *) day)->bookings;
	const Booking *first = bookings[*(const int *) a].booking;
	const Booking *second = bookings[*(const int *) b].booking;

	if (first->window.start != second->window.start)
		return first->window.start < second->window.start ? -1 : 1;
	if (first->window.end != second->window.end)
		return first->window.end < second->window.end ? -1 : 1;
	if (first->party_size != second->party_size)
		return first->party_size < second->party_size ? -1 : 1;
	return *(const int *) a - *(const int *) b;
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
	for (int place = 0; place < floor->ntables; place++)
	{
		int			i = floor->order[place];
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
	int			n = problem->ndecided;
	EveningBooking *bookings = palloc0((n + 1) * sizeof(EveningBooking));

	problem->options = day_options_begin(problem->reader, problem->label, n);
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
	problem->evening.options = problem->options->options;
	problem->evening.noptions = problem->options->noptions;
	problem->evening.uses = problem->options->uses;
	problem->evening.nuses = problem->options->nuses;
	problem->evening.lists = problem->options->lists;
	problem->evening.nlists = problem->options->nlists;
}

/* The list of the booking's options, beside what stays taken. */
static int
find_list(const DayProblem *problem, const DayBooking *wanted)
{
	const Booking *booking = wanted->booking;
	const Floor *floor = &problem->reader->floor;
	bool	   *free = palloc(floor->ntables + 1);
	bool		is_plain = problem->reader->preferences == NIL && floor->ncombinations == 0 &&
		(wanted->lock == NULL || wanted->lock->nwanted == 0);
	int			list;
	PlanQuestion question;
	ListCell   *lc;

	memset(free, true, floor->ntables);
	foreach(lc, problem->day->taken)
	{
		const Occupied *taken = lfirst(lc);

		if (taken->start < booking->window.end && booking->window.start < taken->end)
			is_plain = free[taken->table] = false;
	}
	list = is_plain ? *day_options_plain(problem->options, booking->party_size) : -1;
	if (list < 0)
	{
		question = plan_question_of(problem->reader, booking->party_size, booking->start, booking->window, free);
		list = day_options_list(problem->options, wanted, &question);
	}
	if (is_plain)
		*day_options_plain(problem->options, booking->party_size) = list;
	pfree(free);
	return list;
}

static DaySeating *
seating_of(const DayProblem *problem, const EveningResult *result)
{
	const DayBookings *day = problem->day;
	DaySeating *seating = palloc0(sizeof(DaySeating));
	EveningDeal *deal = deal_tables(problem, result);
	DaySeat    *seats = palloc0((day->n + 1) * sizeof(DaySeat));
	int			granted = 0;

	if (deal->undealt > 0)
		elog(ERROR, "%d of the bookings were seated, but got no dining tables", deal->undealt);
	for (int i = 0; i < problem->ndecided; i++)
	{
		store_decided(problem, result, deal, i, &seats[problem->decided[i]]);
		granted += result->chosen[i] >= 0 && bms_is_member(result->chosen[i], problem->options->wishes);
	}
	seating->date = day->date;
	seating->unreadable = day->unreadable;
	seating->seats = seats;
	for (int i = 0; i < day->n; i++)
	{
		seating->kept += day->bookings[i].choice == DAY_CHOICE_FIXED;
		if (seats[i].of == NULL)
			continue;
		seating->seated += seats[i].ntables > 0;
		seating->score += seats[i].score;
		seating->combinations += seats[i].ntables > 1;
		seating->moved += seats[i].moved;
		seating->seats[seating->nbookings++] = seats[i];
	}
	seating->bound = problem->options->complete ? number_bound(problem, result) : problem->ndecided;
	seating->proven = seating->seated == seating->bound &&
		(seating->seated == seating->nbookings || result->seated_proven || is_of_one_priority(problem));

	/* Of seatings with as many wishes that come true, none has a lower score. */
	seating->has_score_bound = problem->options->complete;
	seating->score_bound = result->score_bound + granted * DAY_WISH_WORTH;
	seating->score_proven = seating->proven && seating->score == seating->score_bound;
	seating->steps = result->steps;
	return seating;
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

	seat->of = &problem->day->bookings[problem->decided[n]];
	if (result->chosen[n] < 0)
	{
		seat->hopeless = list < 0 || problem->evening.lists[list].noptions == 0;
		return;
	}
	seat->score = problem->evening.options[result->chosen[n]].cost;
	if (bms_is_member(result->chosen[n], problem->options->wishes))
		seat->score += DAY_WISH_WORTH;
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
