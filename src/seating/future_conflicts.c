/*-------------------------------------------------------------------------
 *
 * future_conflicts.c
 *	  What a plan does to waiting bookings: see future_conflicts.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "seating/booking_reader.h"
#include "seating/future_conflicts.h"
#include "seating/taken_table.h"

/* Bookings that start so long after the window's start are looked at. */
#define LOOKAHEAD (120 * USECS_PER_MINUTE)

/*
 * Plans that are rated, at most, unless more are wanted.  Where all of the best ones cost
 * somebody his last plan, the first that does not could be the ten-millionth.
 */
#define MAX_RATED 10000

/* What each of them costs where the setting lookahead is on. */
#define CONFLICT_COST (500 * FLOOR_SCORE_UNIT)

/*
 * Plans of a waiting booking that are remembered.  As long as one of them is left, the
 * booking has not lost its last one, and no search is needed.
 */
#define MAX_REMEMBERED 16

/* A waiting booking that has a plan as long as nobody takes more. */
typedef struct WaitingBooking
{
	PlanQuestion question;
	List	   *plans;			/* SeatingPlans that it has, the newest first */
} WaitingBooking;

static List *find_waiting(const FloorReader *reader, const PlanQuestion *question, const pg_uuid_t *booking);
static bool *free_for(const FloorReader *reader, const Booking *booking, const List *taken);
static int	count_conflicts(const FloorReader *reader, const List *waiting, const SeatingPlan *plan);
static bool has_plan_left(const FloorReader *reader, WaitingBooking *waiting);
static bool remember_plan(const FloorReader *reader, WaitingBooking *waiting);
static void rate_plans(const FloorReader *reader, const List *waiting, RatedPlans *rated);
static int	compare_rated(const void *a, const void *b);


/*
 * With lookahead, a plan of a higher score can be better; so more and more plans are
 * asked for until the next one's own score is beyond all that are wanted.  Where the limit
 * ends this, the result is not complete.
 */
RatedPlans *
future_conflicts_rate(const FloorReader *reader, const PlanQuestion *question, const pg_uuid_t *booking)
{
	RatedPlans *rated = palloc0(sizeof(RatedPlans));
	List	   *waiting = find_waiting(reader, question, booking);
	PlanQuery	query = question->query;
	int			wanted = query.max_plans;

	for (;;)
	{
		PlanResult *result;

		CHECK_FOR_INTERRUPTS();
		rated->result = result = plan_search(&reader->floor, &query);
		rate_plans(reader, waiting, rated);
		if (!reader->settings->lookahead || waiting == NIL || result->nplans < query.max_plans ||
			rated->plans[wanted - 1].score <= result->plans[result->nplans - 1].score)
			break;
		if (query.max_plans >= MAX_RATED)
		{
			result->complete = false;
			break;
		}
		query.max_plans = Min(query.max_plans * 4, MAX_RATED);
	}
	rated->n = Min(rated->n, wanted);
	return rated;
}

static void
rate_plans(const FloorReader *reader, const List *waiting, RatedPlans *rated)
{
	rated->n = rated->result->nplans;
	rated->plans = palloc((rated->n + 1) * sizeof(RatedPlan));
	for (int i = 0; i < rated->n; i++)
	{
		RatedPlan  *plan = &rated->plans[i];

		plan->plan = &rated->result->plans[i];
		plan->conflicts = count_conflicts(reader, waiting, plan->plan);
		plan->score = plan->plan->score + (reader->settings->lookahead ? plan->conflicts * CONFLICT_COST : 0);
	}
	qsort(rated->plans, rated->n, sizeof(RatedPlan), compare_rated);
}

/* Equal ones keep the planner's order. */
static int
compare_rated(const void *a, const void *b)
{
	const RatedPlan *first = a;
	const RatedPlan *second = b;

	if (first->score != second->score)
		return first->score < second->score ? -1 : 1;
	return first->plan < second->plan ? -1 : 1;
}

/* Those whose windows overlap this one, and that have a plan now. */
static List *
find_waiting(const FloorReader *reader, const PlanQuestion *question, const pg_uuid_t *booking)
{
	OccupiedExcept nobody = {NULL, NULL};
	BookingWindow all = question->window;
	List	   *others = NIL;
	List	   *found = NIL;
	List	   *taken;
	ListCell   *lc;

	foreach(lc, booking_reader_waiting(reader, question->window.start, question->window.start + LOOKAHEAD + 1))
	{
		const Booking *other = lfirst(lc);

		if ((booking && memcmp(&other->id, booking, UUID_LEN) == 0) || other->party_size < 1 ||
			other->window.start >= question->window.end || other->window.end <= question->window.start)
			continue;
		all.start = Min(all.start, other->window.start);
		all.end = Max(all.end, other->window.end);
		others = lappend(others, unconstify(Booking *, other));
	}
	if (others == NIL)
		return NIL;
	taken = taken_table_find(reader, &all, &nobody);
	foreach(lc, others)
	{
		const Booking *other = lfirst(lc);
		WaitingBooking *waiting = palloc0(sizeof(WaitingBooking));

		CHECK_FOR_INTERRUPTS();
		waiting->question = plan_question_of(reader, other->party_size, other->start, other->window,
											 free_for(reader, other, taken));
		remember_plan(reader, waiting);
		if (waiting->plans)
			found = lappend(found, waiting);
	}
	return found;
}

/* By index: free in the booking's window, but for what is its own. */
static bool *
free_for(const FloorReader *reader, const Booking *booking, const List *taken)
{
	bool	   *free = palloc(reader->floor.ntables + 1);
	const ListCell *lc;

	memset(free, true, reader->floor.ntables);
	foreach(lc, taken)
	{
		const Occupied *occupied = lfirst(lc);

		if (occupied->start < booking->window.end && booking->window.start < occupied->end &&
			memcmp(&occupied->by, &booking->id, UUID_LEN) != 0 &&
			!(occupied->is_for_booking && memcmp(&occupied->booking, &booking->id, UUID_LEN) == 0))
			free[occupied->table] = false;
	}
	return free;
}

static int
count_conflicts(const FloorReader *reader, const List *waiting, const SeatingPlan *plan)
{
	int			conflicts = 0;
	const ListCell *lc;

	foreach(lc, waiting)
	{
		WaitingBooking *other = lfirst(lc);
		bool	   *free = other->question.free;
		bool	   *before = palloc(plan->ntables);

		for (int i = 0; i < plan->ntables; i++)
		{
			before[i] = free[plan->tables[i]];
			free[plan->tables[i]] = false;
		}
		conflicts += !has_plan_left(reader, other);
		for (int i = 0; i < plan->ntables; i++)
			free[plan->tables[i]] = before[i];
		pfree(before);
	}
	return conflicts;
}

static bool
has_plan_left(const FloorReader *reader, WaitingBooking *waiting)
{
	ListCell   *lc;

	foreach(lc, waiting->plans)
	{
		const SeatingPlan *plan = lfirst(lc);
		bool		left = true;

		for (int i = 0; left && i < plan->ntables; i++)
			left = waiting->question.free[plan->tables[i]];
		if (left)
			return true;
	}
	return remember_plan(reader, waiting);
}

/* False when it certainly has none; where the limit ends the search, nothing is lost for sure. */
static bool
remember_plan(const FloorReader *reader, WaitingBooking *waiting)
{
	bool		complete;
	SeatingPlan *plan = plan_search_first(&reader->floor, &waiting->question.query, &complete);

	if (plan)
		waiting->plans = lcons(plan, waiting->plans);
	if (list_length(waiting->plans) > MAX_REMEMBERED)
	{
		SeatingPlan *oldest = llast(waiting->plans);

		waiting->plans = list_delete_last(waiting->plans);
		pfree(oldest->tables);
		pfree(oldest);
	}
	return plan || !complete;
}
