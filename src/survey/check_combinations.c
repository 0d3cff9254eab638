/*-------------------------------------------------------------------------
 *
 * check_combinations.c
 *	  The combinations of a service day, and what would be better now.
 *
 * menuca_check_combinations(restaurant, date)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/format.h"
#include "base/results.h"
#include "seating/fewer_tables.h"
#include "seating/plan_question.h"
#include "seating/plan_search.h"
#include "seating/seating_extension.h"
#include "seating/seating_numeric.h"
#include "seating/seating_refusal.h"
#include "seating/taken_table.h"
#include "survey/assigned_booking.h"
#include "survey/service_date.h"
#include "survey/survey_text.h"

PG_FUNCTION_INFO_V1(menuca_check_combinations);

/* Rules that dining tables may break that somebody has chosen: all but that they have the seats. */
#define RULES_OF_HANDS (((1 << PLAN_NRULES) - 1) & ~PLAN_RULE_CAPACITY)

/* A service day. */
typedef struct CombinationDay
{
	const FloorReader *reader;
	DateADT		date;
	List	   *bookings;		/* AssignedBookings with several dining tables */
	List	   *unreadable;
	List	   *taken;			/* Occupieds of the day */
} CombinationDay;

/* A booking at several dining tables. */
typedef struct Combination
{
	const AssignedBooking *assigned;
	bool		is_over;		/* it does not need them any more */
	bool		is_plan;		/* they are a plan by the rules now */
	const SeatingPlan *own;		/* as a plan, were the rules waived; NULL
								 * where they are none even so */
	const SeatingPlan *enough;	/* what of them would do; or NULL */
	const SeatingPlan *better;	/* what is free and better; or NULL */
	bool		no_single_fits; /* no single dining table could ever be a plan */
	bool		no_single_seats;	/* since none has the seats */
} Combination;

static void read_combination_day(CombinationDay *day);
static void judge_combination(const CombinationDay *day, const AssignedBooking *assigned, Combination *combination);
static bool *free_beside(const CombinationDay *day, const Booking *booking);
static void judge_singles(const FloorReader *reader, int party, Combination *combination);
static bool is_same_set(const AssignedBooking *assigned, const SeatingPlan *plan);
static void return_combination(ReturnSetInfo *rsinfo, const CombinationDay *day, const Combination *combination);
static char *combination_reason(const FloorReader *reader, const Combination *combination);
static char *why_several(const Combination *combination);
static char *combination_zone(const FloorReader *reader, const AssignedBooking *assigned);
static char *combination_call(const CombinationDay *day, const Combination *combination);
static void return_unreadable_combination(ReturnSetInfo *rsinfo, const FloorReader *reader, const UnreadableBooking *booking);


/* menuca_check_combinations(restaurant, date): a row per booking at several dining tables.  Read only. */
Datum
menuca_check_combinations(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	CombinationDay day = {0};
	ListCell   *lc;

	argument_require(fcinfo, 0, "restaurant");
	InitMaterializedSRF(fcinfo, 0);
	day.reader = floor_reader_read(PG_GETARG_UUID_P(0));
	day.date = PG_ARGISNULL(1) ? service_date_today(day.reader) : service_date_require(PG_GETARG_DATEADT(1));
	read_combination_day(&day);
	foreach(lc, day.bookings)
	{
		Combination combination;

		CHECK_FOR_INTERRUPTS();
		judge_combination(&day, lfirst(lc), &combination);
		return_combination(rsinfo, &day, &combination);
	}
	foreach(lc, day.unreadable)
		return_unreadable_combination(rsinfo, day.reader, lfirst(lc));
	return (Datum) 0;
}

/* Cancelled bookings and those whose guests never came sit nowhere. */
static void
read_combination_day(CombinationDay *day)
{
	BookingWindow window = {service_date_begin(day->reader, day->date), service_date_begin(day->reader, day->date + 1)};
	List	   *assigned = assigned_booking_read(day->reader, window.start, window.end, &day->unreadable);
	OccupiedExcept nobody = {NULL, NULL};
	ListCell   *lc;

	foreach(lc, assigned)
	{
		AssignedBooking *one = lfirst(lc);
		const char *status = one->booking->status;

		if (one->ntables < 2 || (status && (strcmp(status, "cancelled") == 0 || strcmp(status, "no_show") == 0)))
			continue;
		day->bookings = lappend(day->bookings, one);
		window.start = Min(window.start, one->booking->window.start);
		window.end = Max(window.end, one->booking->window.end);
	}
	if (day->bookings)
		day->taken = taken_table_find(day->reader, &window, &nobody);
}

static void
judge_combination(const CombinationDay *day, const AssignedBooking *assigned, Combination *combination)
{
	const FloorReader *reader = day->reader;
	const Booking *booking = assigned->booking;
	PlanQuestion question = plan_question_of(reader, booking->party_size, booking->start, booking->window, free_beside(day, booking));
	PlanQuery	query = question.query;
	PlanResult *result;

	memset(combination, 0, sizeof(*combination));
	combination->assigned = assigned;
	combination->is_over = !assigned_booking_blocks(booking);
	judge_singles(reader, booking->party_size, combination);
	query.include_dominated = true;
	combination->own = plan_search_set(&reader->floor, &query, assigned->tables, assigned->ntables);
	combination->is_plan = combination->own != NULL;
	combination->enough = fewer_tables_find(reader, booking->party_size, booking->start, assigned->tables, assigned->ntables);
	query.waived = RULES_OF_HANDS;
	if (combination->own == NULL)
		combination->own = plan_search_set(&reader->floor, &query, assigned->tables, assigned->ntables);
	if (combination->is_over)
		return;
	question.query.best_only = true;
	result = plan_search(&reader->floor, &question.query);
	if (result->nplans > 0 && !is_same_set(assigned, &result->plans[0]) &&
		(!combination->is_plan || combination->enough || result->plans[0].score < combination->own->score))
		combination->better = &result->plans[0];
}

/* By index: whether nobody else has the dining table in the booking's window. */
static bool *
free_beside(const CombinationDay *day, const Booking *booking)
{
	bool	   *free = palloc(day->reader->floor.ntables + 1);
	ListCell   *lc;

	memset(free, true, day->reader->floor.ntables + 1);
	foreach(lc, day->taken)
	{
		const Occupied *other = lfirst(lc);
		bool		is_own = memcmp(other->by_hold && other->is_for_booking ? &other->booking : &other->by, &booking->id, UUID_LEN) == 0;

		if (!is_own && other->start < booking->window.end && booking->window.start < other->end)
			free[other->table] = false;
	}
	return free;
}

/* By the rules for dining tables that nobody has. */
static void
judge_singles(const FloorReader *reader, int party, Combination *combination)
{
	const Floor *floor = &reader->floor;

	combination->no_single_fits = combination->no_single_seats = true;
	for (int i = 0; i < floor->ntables; i++)
	{
		const DiningTable *table = &floor->tables[i];

		if (!floor_usable(table) || table->capacity < party)
			continue;
		combination->no_single_seats = false;
		if (table->capacity - party <= floor->settings.max_overage && party >= table->min_party &&
			(table->max_party == 0 || party <= table->max_party))
			combination->no_single_fits = false;
	}
}

static bool
is_same_set(const AssignedBooking *assigned, const SeatingPlan *plan)
{
	if (plan->ntables != assigned->ntables)
		return false;

	/* Both are by table number. */
	for (int i = 0; i < plan->ntables; i++)
	{
		if (plan->tables[i] != assigned->tables[i])
			return false;
	}
	return true;
}

static void
return_combination(ReturnSetInfo *rsinfo, const CombinationDay *day, const Combination *combination)
{
	const FloorReader *reader = day->reader;
	const AssignedBooking *assigned = combination->assigned;
	const SeatingPlan *better = combination->better;
	int64		capacity = combination->own ? combination->own->capacity : assigned_booking_seats(reader, assigned);
	Datum		values[14] = {0};
	bool		nulls[14] = {0};

	values[0] = UUIDPGetDatum(&assigned->booking->id);
	values[1] = Int32GetDatum(assigned->booking->party_size);
	values[2] = TimestampTzGetDatum(assigned->booking->start);
	values[3] = CStringGetTextDatum(survey_text_tables(reader, assigned->tables, assigned->ntables));
	values[4] = CStringGetTextDatum(combination_zone(reader, assigned));
	values[5] = Int64GetDatum(capacity);
	values[6] = Int64GetDatum(Max(capacity - assigned->booking->party_size, 0));
	nulls[7] = combination->own == NULL;
	if (combination->own)
		values[7] = seating_numeric_of(combination->own->score);
	values[8] = BoolGetDatum(combination->enough != NULL);
	nulls[9] = nulls[10] = better == NULL;
	if (better)
	{
		values[9] = CStringGetTextDatum(survey_text_tables(reader, better->tables, better->ntables));
		values[10] = seating_numeric_of(better->score);
	}
	values[11] = BoolGetDatum(combination->no_single_fits);
	values[12] = CStringGetTextDatum(combination_reason(reader, combination));
	values[13] = result_text(combination_call(day, combination), &nulls[13]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static char *
combination_reason(const FloorReader *reader, const Combination *combination)
{
	const AssignedBooking *assigned = combination->assigned;
	const SeatingPlan *better = combination->better;
	char	   *several = why_several(combination);

	if (combination->is_over)
		return psprintf("over: the booking is %s; %s", assigned->booking->status ? assigned->booking->status : "of no status", several);
	if (combination->enough)
		return psprintf("dominated: %s would do%s; %s",
						format_one_line(survey_text_tables(reader, combination->enough->tables, combination->enough->ntables)),
						better && better->score < combination->enough->score ? ", and a better plan is free" : "", several);
	if (!combination->is_plan)
		return psprintf("broken: they are no plan by the rules now%s; %s",
						better ? "" : ", and no other is free", several);
	if (better)
		return psprintf("better: %s free, score %s instead of %s; %s", better->ntables == 1 ? "a single dining table is" : "another combination is",
						seating_numeric_text(better->score), seating_numeric_text(combination->own->score), several);
	return psprintf("best: no better plan is free; %s", several);
}

static char *
why_several(const Combination *combination)
{
	int			party = combination->assigned->booking->party_size;

	if (combination->no_single_seats)
		return psprintf("no single dining table has %s", format_things(party, "seat"));
	if (combination->no_single_fits)
		return psprintf("no single dining table is for a party of %d by the rules", party);
	return psprintf("a single dining table could have a party of %d", party);
}

/* The names of its zones, each once, in the order of the dining tables. */
static char *
combination_zone(const FloorReader *reader, const AssignedBooking *assigned)
{
	StringInfoData zones;

	initStringInfo(&zones);
	for (int i = 0; i < assigned->ntables; i++)
	{
		int			zone = reader->floor.tables[assigned->tables[i]].zone;
		bool		is_first = true;

		for (int j = 0; j < i; j++)
			is_first &= reader->floor.tables[assigned->tables[j]].zone != zone;
		if (is_first)
			format_append(&zones, " + ", "%s", survey_text_zone(reader, zone));
	}
	return zones.data;
}

static char *
combination_call(const CombinationDay *day, const Combination *combination)
{
	const Booking *booking = combination->assigned->booking;

	if (combination->better)
		return seating_call("SELECT * FROM menuca_move_booking('%s', '%s', tables => '%s');", refusal_id(&booking->id),
							refusal_instant(booking->start), refusal_ids(day->reader, combination->better->tables, combination->better->ntables));
	if (!combination->is_over && !combination->is_plan)
		return seating_call("SELECT * FROM menuca_check_assignments('%s', '%s');", refusal_id(&day->reader->restaurant), refusal_date(day->date));
	return NULL;
}

static void
return_unreadable_combination(ReturnSetInfo *rsinfo, const FloorReader *reader, const UnreadableBooking *booking)
{
	Datum		values[14] = {0};
	bool		nulls[14];

	memset(nulls, true, sizeof(nulls));
	nulls[0] = nulls[12] = nulls[13] = false;
	values[0] = UUIDPGetDatum(&booking->id);
	nulls[1] = !booking->has_party_size;
	values[1] = Int32GetDatum(booking->party_size);
	nulls[2] = !booking->has_start;
	values[2] = TimestampTzGetDatum(booking->start);
	values[12] = CStringGetTextDatum(booking->reason);
	values[13] = CStringGetTextDatum(psprintf("SELECT * FROM %s WHERE id = '%s';", reader->schema->bookings, refusal_id(&booking->id)));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
