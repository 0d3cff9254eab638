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

static void store_attempt(TupleTableSlot *slot, void *arg);
static WatchOutcome outcome_of(TupleTableSlot *slot, int column);
static char *kind_of_reason(TupleTableSlot *slot, int column);
static uint16 number_of(WatchData *data, List **words, const char *word);
static void add_duration(WatchData *data, const Interval *duration);


void
watch_attempts_read(WatchData *data)
{
	QueryArgs	args = {0};

	seating_require_readable("menuca_seating_attempt");
	data->durations.context = data->context;
	data->durations.ncolumns = 1;
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(data->from), false);
	query_arg(&args, UUIDOID, data->restaurant ? UUIDPGetDatum(data->restaurant) : (Datum) 0, data->restaurant == NULL);
	(void) query_each(psprintf("SELECT a.attempt_id, a.booking_id, a.restaurant_id IS NULL, a.outcome, a.zone_id IS NOT NULL, a.duration, a.variant,"
							   " CASE WHEN a.outcome = 'none' THEN split_part(a.reason, ':', 1) END"
							   " FROM %smenuca_seating_attempt a WHERE a.attempted_at >= $1"
							   " AND ($2 IS NULL OR a.restaurant_id = $2 OR a.restaurant_id IS NULL)",
							   seating_extension_schema()), &args, store_attempt, data);
}

/* The latest one is that with the greatest attempt_id. */
static void
store_attempt(TupleTableSlot *slot, void *arg)
{
	WatchData  *data = arg;
	int64		attempt = slot_int8(slot, 0);
	const pg_uuid_t *id = DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	WatchOutcome outcome = outcome_of(slot, 3);
	WatchBooking *booking;
	int			number;

	/* Whose it was is known by the booking alone. */
	if (data->restaurant && slot_bool(slot, 2) && watch_uuids_find(&data->booking_ids, id) < 0)
		return;
	data->outcomes[outcome]++;
	if (slot_bool(slot, 4))
	{
		data->zone_attempts++;
		data->zone_conflicts += outcome == WATCH_NO_PLAN || outcome == WATCH_CONFLICT;
	}
	add_duration(data, DatumGetIntervalP(slot_datum(slot, 5, INTERVALOID)));
	if (!watch_is_counted(outcome))
		return;
	number = watch_data_booking(data, id);
	booking = &data->bookings[number];
	booking->attempts++;
	if (attempt < booking->attempt)
		return;
	booking->attempt = attempt;
	booking->outcome = outcome;
	booking->variant = number_of(data, &data->variants, slot_text_or_null(slot, 6));
	booking->reason = number_of(data, &data->reasons, kind_of_reason(slot, 7));
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
		[WATCH_ASSIGNED] = "assigned", [WATCH_MOVED] = "moved", [WATCH_ALREADY] = "already", [WATCH_NO_PLAN] = "none",
		[WATCH_CONFLICT] = "conflict", [WATCH_OFF] = "off", [WATCH_BOOKING_STATE] = "state"
	};
	const text *word = DatumGetTextPP(slot_datum(slot, column, TEXTOID));
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
static void
add_duration(WatchData *data, const Interval *duration)
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
	array->tuples[array->n++] = duration->time +
		((int64) duration->day + (int64) duration->month * DAYS_PER_MONTH) * USECS_PER_DAY;
}
