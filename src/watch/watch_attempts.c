/*-------------------------------------------------------------------------
 *
 * watch_attempts.c
 *	  Reading the log of attempts for the monitor: see watch_attempts.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/seating_extension.h"
#include "watch/watch_attempts.h"

/* Words that are told apart, of variants and of reasons; what comes later is "other". */
#define MAX_WORDS 1000

/* Longer than any kind of reason. */
#define MAX_KIND 30

/* An attempt. */
typedef struct Attempt
{
	int64		id;
	int64		duration;
	WatchOutcome outcome;
	uint16		variant;
	uint16		reason;
	bool		is_anybodys;	/* it has no restaurant */
	bool		has_zone;
} Attempt;

/* What reads attempts; the latest ones are not in the data yet. */
typedef struct AttemptScan
{
	WatchData  *data;
	int			n;
	pg_uuid_t	bookings[WATCH_UUIDS_BATCH];
	Attempt		attempts[WATCH_UUIDS_BATCH];
} AttemptScan;

static void store_attempt(TupleTableSlot *slot, void *arg);
static void add_attempts(AttemptScan *scan);
static void add_to_booking(WatchData *data, const pg_uuid_t *id, const Attempt *attempt);
static WatchOutcome outcome_of(TupleTableSlot *slot, int column);
static char *kind_of_reason(TupleTableSlot *slot, int column);
static uint16 number_of(WatchData *data, List **words, const char *word);
static int64 microseconds_of(const Interval *duration);
static void add_duration(WatchData *data, int64 duration);


void
watch_attempts_read(WatchData *data)
{
	AttemptScan scan = {.data = data};
	QueryArgs	args = {0};

	seating_require_readable("menuca_seating_attempt");
	data->durations.context = data->context;
	data->durations.ncolumns = 1;
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(data->from), false);
	query_arg_uuid(&args, data->restaurant);
	(void) query_each(psprintf("SELECT a.attempt_id, a.booking_id, a.restaurant_id IS NULL, a.outcome, a.zone_id IS NOT NULL, a.duration, a.variant,"
							   " CASE WHEN a.outcome = 'none' THEN split_part(a.reason, ':', 1) END"
							   " FROM %smenuca_seating_attempt a WHERE a.attempted_at >= $1"
							   " AND ($2 IS NULL OR a.restaurant_id = $2 OR a.restaurant_id IS NULL)",
							   seating_extension_schema()), &args, store_attempt, &scan);
	add_attempts(&scan);
}

static void
store_attempt(TupleTableSlot *slot, void *arg)
{
	AttemptScan *scan = arg;
	Attempt    *attempt = &scan->attempts[scan->n];

	attempt->id = slot_int8(slot, 0);
	scan->bookings[scan->n] = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	attempt->is_anybodys = slot_bool(slot, 2);
	attempt->outcome = outcome_of(slot, 3);
	attempt->has_zone = slot_bool(slot, 4);
	attempt->duration = microseconds_of(DatumGetIntervalP(slot_datum(slot, 5, INTERVALOID)));
	attempt->variant = number_of(scan->data, &scan->data->variants, slot_text_or_null(slot, 6));
	attempt->reason = number_of(scan->data, &scan->data->reasons, kind_of_reason(slot, 7));
	if (++scan->n == WATCH_UUIDS_BATCH)
		add_attempts(scan);
}

static void
add_attempts(AttemptScan *scan)
{
	WatchData  *data = scan->data;

	watch_uuids_fetch(&data->booking_ids, scan->bookings, scan->n);
	for (int i = 0; i < scan->n; i++)
	{
		const Attempt *attempt = &scan->attempts[i];

		/* Whose it was is known by the booking alone. */
		if (data->restaurant && attempt->is_anybodys && watch_uuids_find(&data->booking_ids, &scan->bookings[i]) < 0)
			continue;
		data->outcomes[attempt->outcome]++;
		if (attempt->has_zone)
		{
			data->zone_attempts++;
			data->zone_conflicts += attempt->outcome == WATCH_NO_PLAN || attempt->outcome == WATCH_CONFLICT;
		}
		add_duration(data, attempt->duration);
		if (watch_is_counted(attempt->outcome))
			add_to_booking(data, &scan->bookings[i], attempt);
	}
	scan->n = 0;
}

/* The latest one is that with the greatest attempt_id. */
static void
add_to_booking(WatchData *data, const pg_uuid_t *id, const Attempt *attempt)
{
	int			number = watch_data_booking(data, id);
	WatchBooking *booking = &data->bookings[number];

	booking->attempts++;
	if (attempt->id < booking->attempt)
		return;
	booking->attempt = attempt->id;
	booking->outcome = attempt->outcome;
	booking->variant = attempt->variant;
	booking->reason = attempt->reason;
}

/* "busy" of "busy: ...": a reason begins with its kind; NULL for outcomes without one. */
static char *
kind_of_reason(TupleTableSlot *slot, int column)
{
	char	   *kind = slot_text_or_null(slot, column);

	if (kind && (*kind == '\0' || strlen(kind) > MAX_KIND || strspn(kind, "abcdefghijklmnopqrstuvwxyz_") != strlen(kind)))
		return "other";
	return kind;
}

static WatchOutcome
outcome_of(TupleTableSlot *slot, int column)
{
	static const char *const words[] = {
		[WATCH_ASSIGNED] = "assigned",[WATCH_MOVED] = "moved",[WATCH_ALREADY] = "already",[WATCH_NO_PLAN] = "none",
		[WATCH_CONFLICT] = "conflict",[WATCH_OFF] = "off",[WATCH_BOOKING_STATE] = "state"
	};
	const		text *word = DatumGetTextPP(slot_datum(slot, column, TEXTOID));
	size_t		length = VARSIZE_ANY_EXHDR(word);

	for (int i = WATCH_ASSIGNED; i < WATCH_UNKNOWN; i++)
	{
		if (strlen(words[i]) == length && memcmp(words[i], VARDATA_ANY(word), length) == 0)
			return (WatchOutcome) i;
	}
	return WATCH_UNKNOWN;
}

/* The number of a word in a list, counted from 1; 0 for NULL. */
static uint16
number_of(WatchData *data, List **words, const char *word)
{
	MemoryContext old;
	ListCell   *lc;

	if (word == NULL)
		return 0;
	foreach(lc, *words)
	{
		if (strcmp(lfirst(lc), word) == 0)
			return (uint16) (foreach_current_index(lc) + 1);
	}
	old = MemoryContextSwitchTo(data->context);
	if (list_length(*words) < MAX_WORDS)
		*words = lappend(*words, pstrdup(list_length(*words) < MAX_WORDS - 1 ? word : "other"));
	MemoryContextSwitchTo(old);
	return (uint16) list_length(*words);
}

/* As the server compares intervals: a month has 30 days, a day 24 hours. */
static int64
microseconds_of(const Interval *duration)
{
	return duration->time + ((int64) duration->day + (int64) duration->month * DAYS_PER_MONTH) * USECS_PER_DAY;
}

static void
add_duration(WatchData *data, int64 duration)
{
	Int8Array  *array = &data->durations;

	if (array->tuples == NULL)
	{
		array->allocated = 1024;
		array->tuples = MemoryContextAlloc(array->context, array->allocated * sizeof(int64));
	}
	else if (array->n == array->allocated)
	{
		array->allocated *= 2;
		array->tuples = repalloc_huge(array->tuples, array->allocated * sizeof(int64));
	}
	array->tuples[array->n++] = duration;
}
