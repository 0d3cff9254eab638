/*-------------------------------------------------------------------------
 *
 * smoke_test.c
 *	  Whether seating works for a restaurant, tried with a booking that leaves nothing.
 *
 * menuca_seating_smoke_test(restaurant, party_size, start_at, details)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/finding.h"
#include "base/format.h"
#include "base/json.h"
#include "base/query.h"
#include "base/slot.h"
#include "rollout/booking_repair.h"
#include "seating/booking_write.h"
#include "seating/floor_reader.h"
#include "seating/local_time.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"

PG_FUNCTION_INFO_V1(menuca_seating_smoke_test);

/* The booking that is tried comes in a week, at the hour when guests do. */
#define TRIAL_DAYS 7
#define TRIAL_HOUR (18 * USECS_PER_HOUR)

/* What the checks examine. */
typedef struct SmokeTest
{
	FloorReader *reader;
	int			party_size;
	TimestampTz start;
	Datum		details;
	bool		has_details;
	MemoryContext context;		/* of the texts below */
	char	   *outcome;		/* of the trial */
	char	   *reason;
	char	   *status;			/* of the booking then */
} SmokeTest;

static TimestampTz trial_start(const FloorReader *reader);
static void check_flags(void *subject, Finding *finding);
static void check_dining_tables(void *subject, Finding *finding);
static void check_joinable(void *subject, Finding *finding);
static void check_no_orphans(void *subject, Finding *finding);
static void check_edges(void *subject, Finding *finding);
static void check_trial(void *subject, Finding *finding);
static char *call_with_column(const SmokeTest *test, const char *column);
static void try_booking(void *arg);
static void store_outcome(TupleTableSlot *slot, void *arg);

static const FindingCheck smoke_checks[] = {
	{"flags", "Combinations are switched on", check_flags},
	{"dining_tables", "Dining tables can be read", check_dining_tables},
	{"movable", "Dining tables can be joined", check_joinable},
	{"orphans", "Confirmed bookings to come have dining tables", check_no_orphans},
	{"adjacency", "Adjacency is known where it is required", check_edges},
	{"booking", "A booking gets dining tables, and is confirmed", check_trial},
};


/* menuca_seating_smoke_test(...): a row per check and the summary. */
Datum
menuca_seating_smoke_test(PG_FUNCTION_ARGS)
{
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	SmokeTest	test = {.context = CurrentMemoryContext};

	argument_require(fcinfo, 0, "restaurant");
	test.party_size = argument_int4(fcinfo, 1, "party_size");
	if (test.party_size < 1)
		refusal_raise_argument(psprintf("a party of %d cannot be seated", test.party_size),
							   seating_call("SELECT * FROM menuca_seating_smoke_test('...');"));
	test.reader = floor_reader_read(PG_GETARG_UUID_P(0));
	test.start = PG_ARGISNULL(2) ? trial_start(test.reader) : PG_GETARG_TIMESTAMPTZ(2);
	if (TIMESTAMP_NOT_FINITE(test.start))
		refusal_raise_argument("a booking has no infinite start", seating_call("SELECT * FROM menuca_seating_smoke_test('...');"));
	test.has_details = !PG_ARGISNULL(3);
	test.details = PG_GETARG_DATUM(3);
	InitMaterializedSRF(fcinfo, 0);
	finding_rows_run(&rows, smoke_checks, lengthof(smoke_checks), &test);
	finding_rows_add_summary(&rows, NULL);
	return (Datum) 0;
}

static TimestampTz
trial_start(const FloorReader *reader)
{
	DateADT		day = local_time_service_day(GetCurrentTimestamp(), reader->zone) + TRIAL_DAYS;

	return local_time_instant((Timestamp) day * USECS_PER_DAY + TRIAL_HOUR, reader->zone);
}

static void
check_flags(void *subject, Finding *finding)
{
	const SmokeTest *test = subject;
	const SeatingSettings *settings = test->reader->settings;

	finding->expected = "planner and merges are true, and k_max is at least 2";
	finding->actual = psprintf("planner %s, merges %s, k_max %d", settings->planner ? "true" : "false",
							   settings->merges ? "true" : "false", settings->floor.k_max);
	if (settings->floor.k_max >= 2)
		return;
	finding->status = CHECK_FAIL;
	finding->detail = "parties get single dining tables only";
	finding->remedy = seating_call("SELECT * FROM menuca_seating_flags('%s'); says where each value comes from.", refusal_id(&test->reader->restaurant));
}

static void
check_dining_tables(void *subject, Finding *finding)
{
	const SmokeTest *test = subject;
	const Floor *floor = &test->reader->floor;
	int			usable = 0;

	for (int i = 0; i < floor->ntables; i++)
		usable += floor_usable(&floor->tables[i]);
	finding->expected = "at least one that can be used";
	finding->actual = psprintf("%d of %s can be used", usable, format_things(floor->ntables, "dining table"));
	if (usable > 0)
		return;
	finding->status = CHECK_FAIL;
	finding->detail = "all others are inactive, out of service, without seats, or in a closed zone";
}

static void
check_joinable(void *subject, Finding *finding)
{
	const SmokeTest *test = subject;
	const Floor *floor = &test->reader->floor;
	int			movable = 0;

	for (int i = 0; i < floor->ntables; i++)
		movable += floor_usable(&floor->tables[i]) && floor->tables[i].movable && floor->tables[i].zone != FLOOR_NO_ZONE;
	finding->expected = "at least two movable ones in a zone, or listed combinations";
	finding->actual = psprintf("%d movable, %s listed", movable, format_things(floor->ncombinations, "combination"));
	if (movable >= 2 || floor->ncombinations > 0)
		return;
	finding->status = CHECK_FAIL;
	finding->detail = "dining tables that are fixed, or in no zone, are never joined";
	finding->remedy = seating_call("SELECT * FROM menuca_debug_combinations('%s', %d);", refusal_id(&test->reader->restaurant), test->party_size);
}

static void
check_no_orphans(void *subject, Finding *finding)
{
	const SmokeTest *test = subject;
	const SeatingSchema *schema = test->reader->schema;
	QueryArgs	args = {0};
	int64		n;

	query_arg(&args, UUIDOID, UUIDPGetDatum(&test->reader->restaurant), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(local_time_service_day_begin(GetCurrentTimestamp(), test->reader->zone)), false);
	query_begin_snapshot();
	n = query_int8(psprintf("SELECT count(*) FROM %s b WHERE b.restaurant_id = $1 AND %s = 'confirmed' AND COALESCE(%s, $2) >= $2 AND %s",
							schema->bookings, schema->booking_status, schema->booking_start, booking_repair_has_no_table(schema)), &args);
	query_end_snapshot();
	finding->expected = "0 without a dining table";
	finding->actual = psprintf("%lld", (long long) n);
	if (n == 0)
		return;
	finding->status = CHECK_FAIL;
	finding->remedy = seating_call("SELECT * FROM menuca_fix_orphaned_bookings(restaurant => '%s');", refusal_id(&test->reader->restaurant));
}

static void
check_edges(void *subject, Finding *finding)
{
	const SmokeTest *test = subject;
	const Floor *floor = &test->reader->floor;
	int			ends = floor->neighbor_start[floor->ntables];

	finding->expected = "edges between dining tables, if the setting adjacency is not off";
	finding->actual = psprintf("adjacency is %s, %s", floor->settings.adjacency == FLOOR_ADJACENCY_OFF ? "off" : "required",
							   format_things(ends / 2, "edge"));
	if (floor->settings.adjacency != FLOOR_ADJACENCY_OFF && ends == 0)
	{
		finding->status = CHECK_FAIL;
		finding->detail = "without edges no dining tables can be joined";
		finding->remedy = seating_call("SELECT * FROM menuca_suggest_adjacency('%s', 100);", refusal_id(&test->reader->restaurant));
	}
	else if (floor->settings.adjacency == FLOOR_ADJACENCY_OFF && ends > 0)
	{
		finding->status = CHECK_WARN;
		finding->detail = "edges are known, but dining tables from all over a zone are joined";
		finding->remedy = seating_call("SELECT * FROM menuca_check_adjacency('%s');", refusal_id(&test->reader->restaurant));
	}
}

/* As the application does it: a booking that waits, and the planner's choice for it. */
static void
check_trial(void *subject, Finding *finding)
{
	SmokeTest  *test = subject;
	ErrorData  *error;

	finding->expected = psprintf("a party of %d gets dining tables at %s", test->party_size, refusal_time(test->reader, test->start));
	if (XactReadOnly)
	{
		finding_skip(finding, "this transaction is read-only", seating_call("SELECT * FROM menuca_seating_smoke_test('%s');",
																			refusal_id(&test->reader->restaurant)));
		return;
	}
	error = attempt_and_undo(try_booking, test);
	if (error)
	{
		finding->status = CHECK_FAIL;
		finding->actual = attempt_message(error);
		finding->detail = "the booking was undone; a column that table bookings demands is given in details";
		finding->next_step = error->column_name ? call_with_column(test, error->column_name) : "";
		return;
	}
	finding->actual = psprintf("%s; the booking was %s", test->reason, test->status);
	finding->detail = "the booking was undone, nothing is left of it";
	if (strcmp(test->outcome, "assigned") == 0 && strcmp(test->status, "confirmed") == 0)
		return;
	finding->status = CHECK_FAIL;
	finding->remedy = seating_call("SELECT * FROM menuca_debug_combinations('%s', %d, %s);", refusal_id(&test->reader->restaurant), test->party_size,
								   quote_literal_cstr(refusal_instant(test->start)));
}

/* The same trial with a value for a column that must not be NULL. */
static char *
call_with_column(const SmokeTest *test, const char *column)
{
	StringInfoData details;

	initStringInfo(&details);
	json_begin(&details);
	json_text(&details, column, "test");
	json_end(&details);
	return seating_call("SELECT * FROM menuca_seating_smoke_test('%s', details => %s);", refusal_id(&test->reader->restaurant),
						quote_literal_cstr(details.data));
}

static void
try_booking(void *arg)
{
	SmokeTest  *test = arg;
	BookingTime time = {.party_size = test->party_size,.start = test->start};
	QueryArgs	args = {0};
	pg_uuid_t	booking;
	char	   *status;

	booking_write_insert(test->reader, &time, "pending", test->details, test->has_details, &booking);
	query_arg(&args, UUIDOID, UUIDPGetDatum(&booking), false);
	query_write(psprintf("SELECT a.outcome, a.reason FROM %smenuca_auto_assign($1) a", seating_extension_schema()), &args, store_outcome, test);
	query_begin_snapshot();
	status = query_text(psprintf("SELECT %s FROM %s b WHERE b.id = $1", test->reader->schema->booking_status, test->reader->schema->bookings), &args);
	query_end_snapshot();
	test->status = MemoryContextStrdup(test->context, status ? status : "without a status");
	query_write("SET CONSTRAINTS ALL IMMEDIATE", NULL, NULL, NULL);
}

static void
store_outcome(TupleTableSlot *slot, void *arg)
{
	SmokeTest  *test = arg;

	test->outcome = MemoryContextStrdup(test->context, slot_text(slot, 0));
	test->reason = MemoryContextStrdup(test->context, slot_text(slot, 1));
}
