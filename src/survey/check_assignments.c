/*-------------------------------------------------------------------------
 *
 * check_assignments.c
 *	  Whether bookings to come still fit the dining tables that they have.
 *
 * menuca_check_assignments(restaurant, from_date)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/attempt.h"
#include "base/finding.h"
#include "base/format.h"
#include "base/json.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "seating/users_column.h"
#include "survey/assignment_problem.h"
#include "survey/service_date.h"
#include "survey/survey_text.h"

PG_FUNCTION_INFO_V1(menuca_check_assignments);

/* Bookings of all dates to come; a day before the end, so that local times are timestamps, too. */
#define ALL_TO_COME (END_TIMESTAMP - 2 * USECS_PER_DAY)

/* A problem as a check: what it is called, how bad it is, and what to do. */
typedef struct ProblemCheck
{
	const char *name;
	const char *title;
	FindingStatus status;
	const char *remedy;
} ProblemCheck;

/* By AssignmentProblem.  What guests or the database's guarantees cannot live with fails. */
static const ProblemCheck problem_checks[ASSIGNMENT_PROBLEMS] = {
	{"unreadable", "Bookings whose time and party are known", CHECK_WARN, "Correct the bookings, or release their dining tables."},
	{"other_restaurant", "Dining tables of the booking's own restaurant", CHECK_FAIL, "Give these bookings dining tables of their restaurant."},
	{"seats", "As many seats as guests", CHECK_FAIL, "Give these bookings other dining tables, or put the seats back."},
	{"out_of_service", "Dining tables and zones in use", CHECK_FAIL, "Give these bookings other dining tables, or take theirs into use again."},
	{"overlap", "No dining table twice at a time", CHECK_FAIL, "Give one of the two bookings other dining tables."},
	{"split_zones", "Groups within one zone", CHECK_FAIL, "Give these bookings dining tables of one zone."},
	{"moved", "Dining tables still in the booking's zone", CHECK_WARN, "Tell the guests, if they were promised the zone, or give them other dining tables."},
	{"window", "Dining tables for all of the booking's time", CHECK_WARN, "Move these bookings to the time that they have, so that their dining tables follow."},
	{"group", "One merge group for joined dining tables", CHECK_WARN, "Assign their dining tables again, as one group."},
	{"fixed", "Only movable dining tables joined", CHECK_WARN, "Give these bookings other dining tables, or list the combination if it is tried."},
	{"adjacency", "Joined dining tables next to each other", CHECK_WARN, "Give these bookings other dining tables, or correct the edges."},
	{"dominated", "No more dining tables than needed", CHECK_WARN, "Give these bookings fewer dining tables."},
	{"released", "Nothing kept for cancelled and no_show bookings", CHECK_WARN, "Release their dining tables."}
};

/* The bookings with one problem. */
typedef struct FoundProblem
{
	SurveyNames names;
	char	   *next_step;		/* for the first of them */
} FoundProblem;

/* A row of an assignment that bars its dining table. */
typedef struct TakenRow
{
	pg_uuid_t	table;
	pg_uuid_t	booking;
	TimestampTz start;
	TimestampTz end;
	TimestampTz booking_start;
	char	   *name;
} TakenRow;

/* All restaurants that are looked at. */
typedef struct AssignmentSurvey
{
	const SeatingSchema *schema;
	ProblemColumns columns;
	bool		has_date;
	DateADT		date;
	MemoryContext context;		/* what is found outlives the restaurants */
	FoundProblem found[ASSIGNMENT_PROBLEMS];
	int64		nbookings;		/* with dining tables, readable */
	int			nrestaurants;
	int64		ntaken;
	int64		allocated;
	TakenRow   *taken;
	pg_uuid_t	restaurant;		/* the one that is looked at now */
} AssignmentSurvey;

static List *survey_restaurants(FunctionCallInfo fcinfo, const AssignmentSurvey *survey);
static void *make_restaurant_id(TupleTableSlot *slot);
static void survey_restaurant(void *arg);
static void survey_booking(AssignmentSurvey *survey, const FloorReader *reader, const AssignedBooking *assigned);
static char *booking_name(const FloorReader *reader, const AssignedBooking *assigned);
static char *problem_call(const AssignmentSurvey *survey, AssignmentProblem problem, const Booking *booking);
static void note_problem(AssignmentSurvey *survey, AssignmentProblem problem, const char *name, const char *next_step);
static void note_unreadable_bookings(AssignmentSurvey *survey, const List *unreadable);
static void note_taken(AssignmentSurvey *survey, const FloorReader *reader, const AssignedBooking *assigned);
static void find_overlaps(AssignmentSurvey *survey);
static int	compare_taken_rows(const void *a, const void *b);
static void report_problem(const AssignmentSurvey *survey, AssignmentProblem problem, FindingRows *rows);
static bool skip_problem(const AssignmentSurvey *survey, AssignmentProblem problem, Finding *finding);


/* menuca_check_assignments(restaurant, from_date): a row per check, and the summary.  Read only. */
Datum
menuca_check_assignments(PG_FUNCTION_ARGS)
{
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	AssignmentSurvey survey = {0};
	MemoryContext one;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	survey.schema = seating_schema_find();
	survey.context = CurrentMemoryContext;
	survey.has_date = !PG_ARGISNULL(1);
	survey.date = survey.has_date ? service_date_require(PG_GETARG_DATEADT(1)) : 0;
	survey.columns.has_group = OidIsValid(users_column_type("booking_table_assignments", "merge_group_id"));
	survey.columns.group_refers = survey.columns.has_group && users_column_refers("booking_table_assignments", "merge_group_id");
	survey.columns.has_zone = OidIsValid(users_column_type("bookings", "assigned_zone_id"));
	one = AllocSetContextCreate(CurrentMemoryContext, "assignments of a restaurant", ALLOCSET_DEFAULT_SIZES);
	foreach(lc, survey_restaurants(fcinfo, &survey))
	{
		ErrorData  *error = NULL;

		CHECK_FOR_INTERRUPTS();
		survey.restaurant = *(const pg_uuid_t *) lfirst(lc);
		MemoryContextSwitchTo(one);
		if (PG_ARGISNULL(0))
			error = attempt(survey_restaurant, &survey);
		else
			survey_restaurant(&survey);
		if (error)
			note_problem(&survey, PROBLEM_UNREADABLE, psprintf("restaurant %s: %s", refusal_id(&survey.restaurant), error->message),
						 psprintf("SELECT * FROM %s WHERE id = '%s';", survey.schema->restaurants, refusal_id(&survey.restaurant)));
		MemoryContextSwitchTo(survey.context);
		MemoryContextReset(one);
	}
	find_overlaps(&survey);
	for (int i = 0; i < ASSIGNMENT_PROBLEMS; i++)
		report_problem(&survey, (AssignmentProblem) i, &rows);
	finding_rows_add_summary(&rows, NULL);
	return (Datum) 0;
}

static List *
survey_restaurants(FunctionCallInfo fcinfo, const AssignmentSurvey *survey)
{
	if (!PG_ARGISNULL(0))
	{
		seating_schema_require_restaurant(survey->schema, PG_GETARG_UUID_P(0));
		return list_make1(PG_GETARG_UUID_P(0));
	}
	return query_list(psprintf("SELECT r.id FROM %s r ORDER BY r.id", survey->schema->restaurants), NULL, make_restaurant_id);
}

static void *
make_restaurant_id(TupleTableSlot *slot)
{
	pg_uuid_t  *id = palloc(sizeof(pg_uuid_t));

	*id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	return id;
}

/* In an attempt where all restaurants are looked at: one that cannot be read hides no other. */
static void
survey_restaurant(void *arg)
{
	AssignmentSurvey *survey = arg;
	FloorReader *reader = floor_reader_read_with(survey->schema, &survey->restaurant, NULL);
	TimestampTz from = service_date_begin(reader, survey->has_date ? survey->date : service_date_today(reader));
	List	   *unreadable;
	List	   *bookings = assigned_booking_read(reader, from, ALL_TO_COME, &unreadable);
	ListCell   *lc;

	note_unreadable_bookings(survey, unreadable);
	note_unreadable_bookings(survey, booking_reader_untimed(reader, from));
	foreach(lc, bookings)
	{
		CHECK_FOR_INTERRUPTS();
		survey_booking(survey, reader, lfirst(lc));
	}
	survey->nrestaurants++;
}

static void
survey_booking(AssignmentSurvey *survey, const FloorReader *reader, const AssignedBooking *assigned)
{
	char	   *reasons[ASSIGNMENT_PROBLEMS];
	char	   *name = booking_name(reader, assigned);

	survey->nbookings++;
	assignment_problem_find(reader, &survey->columns, assigned, reasons);
	for (int i = 0; i < ASSIGNMENT_PROBLEMS; i++)
	{
		if (reasons[i])
			note_problem(survey, (AssignmentProblem) i, psprintf("%s: %s", name, reasons[i]),
						 problem_call(survey, (AssignmentProblem) i, assigned->booking));
	}
	if (assigned_booking_blocks(assigned->booking))
		note_taken(survey, reader, assigned);
}

/* "... (2026-02-10 19:30, party 5, T1 + T2)" */
static char *
booking_name(const FloorReader *reader, const AssignedBooking *assigned)
{
	const Booking *booking = assigned->booking;

	return psprintf("%s (%s, party %d, %s)", refusal_id(&booking->id), refusal_time(reader, booking->start), booking->party_size,
					assigned->ntables == 0 ? "no dining table of its restaurant" :
					survey_text_tables(reader, assigned->tables, assigned->ntables));
}

static char *
problem_call(const AssignmentSurvey *survey, AssignmentProblem problem, const Booking *booking)
{
	char	   *id = refusal_id(&booking->id);

	if (problem == PROBLEM_RELEASED)
		return psprintf("DELETE FROM %s WHERE booking_id = '%s';", survey->schema->assignments, id);
	return seating_call("SELECT * FROM menuca_move_booking('%s', '%s');", id, refusal_instant(booking->start));
}

static void
note_problem(AssignmentSurvey *survey, AssignmentProblem problem, const char *name, const char *next_step)
{
	FoundProblem *found = &survey->found[problem];
	MemoryContext caller = MemoryContextSwitchTo(survey->context);

	if (found->names.count == 0)
	{
		found->names.separator = "; ";
		found->next_step = pstrdup(next_step);
	}
	survey_text_add(&found->names, name);
	MemoryContextSwitchTo(caller);
}

static void
note_unreadable_bookings(AssignmentSurvey *survey, const List *unreadable)
{
	ListCell   *lc;

	foreach(lc, unreadable)
	{
		const UnreadableBooking *booking = lfirst(lc);

		note_problem(survey, PROBLEM_UNREADABLE, psprintf("%s: %s", refusal_id(&booking->id), booking->reason),
					 psprintf("SELECT * FROM %s WHERE id = '%s';", survey->schema->bookings, refusal_id(&booking->id)));
	}
}

/* Rows without a time, or that end before they start, take nothing. */
static void
note_taken(AssignmentSurvey *survey, const FloorReader *reader, const AssignedBooking *assigned)
{
	MemoryContext caller = MemoryContextSwitchTo(survey->context);

	for (int i = 0; i < assigned->nrows; i++)
	{
		const AssignedRow *row = &assigned->rows[i];

		if (!row->has_start || !row->has_end || row->start >= row->end)
			continue;
		if (survey->ntaken == survey->allocated)
		{
			survey->allocated = Max(survey->allocated * 2, 1024);
			survey->taken = survey->taken ? repalloc_huge(survey->taken, survey->allocated * sizeof(TakenRow)) :
				palloc(survey->allocated * sizeof(TakenRow));
		}
		survey->taken[survey->ntaken].table = row->table_id;
		survey->taken[survey->ntaken].booking = assigned->booking->id;
		survey->taken[survey->ntaken].start = row->start;
		survey->taken[survey->ntaken].end = row->end;
		survey->taken[survey->ntaken].booking_start = assigned->booking->start;
		survey->taken[survey->ntaken++].name = psprintf("%s from %s", row->table < 0 ? refusal_id(&row->table_id) :
														reader->floor.tables[row->table].number,
														refusal_window(reader, row->start, row->end));
	}
	MemoryContextSwitchTo(caller);
}

/* Sorted by start, each row is compared with the one before it that ends last. */
static void
find_overlaps(AssignmentSurvey *survey)
{
	const TakenRow *last = NULL;

	if (survey->ntaken > 1)
		qsort(survey->taken, survey->ntaken, sizeof(TakenRow), compare_taken_rows);
	for (int64 i = 0; i < survey->ntaken; i++)
	{
		const TakenRow *row = &survey->taken[i];

		CHECK_FOR_INTERRUPTS();
		if (last && memcmp(&last->table, &row->table, UUID_LEN) != 0)
			last = NULL;
		if (last && last->end > row->start && memcmp(&last->booking, &row->booking, UUID_LEN) != 0)
			note_problem(survey, PROBLEM_OVERLAP, psprintf("%s by booking %s, and by %s", row->name, refusal_id(&row->booking), refusal_id(&last->booking)),
						 seating_call("SELECT * FROM menuca_move_booking('%s', '%s');", refusal_id(&row->booking), refusal_instant(row->booking_start)));
		if (last == NULL || row->end > last->end)
			last = row;
	}
}

static int
compare_taken_rows(const void *a, const void *b)
{
	const TakenRow *first = a;
	const TakenRow *second = b;
	int			order = memcmp(&first->table, &second->table, UUID_LEN);

	if (order != 0)
		return order;
	if (first->start != second->start)
		return first->start < second->start ? -1 : 1;
	return memcmp(&first->booking, &second->booking, UUID_LEN);
}

static void
report_problem(const AssignmentSurvey *survey, AssignmentProblem problem, FindingRows *rows)
{
	const ProblemCheck *check = &problem_checks[problem];
	const FoundProblem *found = &survey->found[problem];
	Finding		finding = {0};
	StringInfoData metadata;

	initStringInfo(&metadata);
	json_begin(&metadata);
	json_count(&metadata, "found", found->names.count);
	json_count(&metadata, "bookings", survey->nbookings);
	json_count(&metadata, "restaurants", survey->nrestaurants);
	json_end(&metadata);
	finding.metadata = metadata.data;
	finding.expected = "none";
	finding.actual = psprintf(problem == PROBLEM_UNREADABLE ? "%s besides %s" : "%s of %s",
							  format_count(found->names.count), format_things(survey->nbookings, "booking"));
	if (found->names.count > 0)
	{
		finding.status = check->status;
		finding.detail = survey_text_names(&found->names);
		finding.remedy = pstrdup(check->remedy);
		finding.next_step = found->next_step;
	}
	else if (skip_problem(survey, problem, &finding))
		finding.metadata = metadata.data;
	finding_rows_add(rows, check->name, check->title, &finding);
}

/* Where there was nothing to look at. */
static bool
skip_problem(const AssignmentSurvey *survey, AssignmentProblem problem, Finding *finding)
{
	char	   *why = survey->nbookings == 0 ? "no booking to come has dining tables" :
		problem == PROBLEM_GROUP && !survey->columns.has_group ? "assignments have no column merge_group_id" :
		problem == PROBLEM_MOVED && !survey->columns.has_zone ? "bookings have no column assigned_zone_id" : NULL;

	if (why == NULL)
		return false;
	finding_skip(finding, why, NULL);
	return true;
}
