/*-------------------------------------------------------------------------
 *
 * watch_overlaps.c
 *	  Dining tables that two bookings have at a time: see watch_overlaps.h.
 *
 * Sorted by dining table and start, each window is compared with the latest end of those
 * before it: of the booking that ends last, and of the last one that is another booking.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/format.h"
#include "base/int8_array.h"
#include "seating/seating_refusal.h"
#include "watch/watch_overlaps.h"

/* Columns of a window. */
enum
{
	WINDOW_TABLE,
	WINDOW_START,
	WINDOW_END,
	WINDOW_BOOKING,
	WINDOW_COLUMNS
};

/* What has been seen of a dining table. */
typedef struct TakenUntil
{
	int64		until;			/* the latest end */
	int64		booking;		/* of this booking */
	int64		until_other;	/* the latest end of another one */
	int64		other;
} TakenUntil;

static void collect_windows(const WatchData *data, Int8Array *windows);
static int64 overlapped(const TakenUntil *taken, const int64 *window);
static void take_until(TakenUntil *taken, const int64 *window);


void
watch_overlaps_find(const WatchData *data, WatchCase *overlaps)
{
	Int8Array	windows = {.context = CurrentMemoryContext,.ncolumns = WINDOW_COLUMNS};
	TakenUntil	taken = {0};
	int64		table = WATCH_NONE;

	collect_windows(data, &windows);
	int8_array_sort(&windows);
	overlaps->of = (int64) windows.n;
	for (size_t i = 0; i < windows.n; i++)
	{
		const int64 *window = windows.tuples + i * WINDOW_COLUMNS;
		int64		other;

		if (window[WINDOW_TABLE] != table)
		{
			taken.until = taken.until_other = DT_NOBEGIN;
			taken.booking = taken.other = WATCH_NONE;
			table = window[WINDOW_TABLE];
		}
		other = overlapped(&taken, window);
		if (other != WATCH_NONE && watch_case_add(overlaps))
			overlaps->examples = lappend(overlaps->examples, psprintf("dining table %s from %s: bookings %s and %s",
																	  watch_data_table_name(data, (int) table), format_utc(window[WINDOW_START]),
																	  refusal_id(&data->booking_ids.ids[other]),
																	  refusal_id(&data->booking_ids.ids[window[WINDOW_BOOKING]])));
		take_until(&taken, window);
	}
	pfree(windows.tuples);
}

static void
collect_windows(const WatchData *data, Int8Array *windows)
{
	windows->allocated = Max(data->nseats, 1);
	windows->tuples = MemoryContextAllocHuge(windows->context, windows->allocated * WINDOW_COLUMNS * sizeof(int64));
	for (uint32 i = 0; i < data->booking_ids.n; i++)
	{
		const WatchBooking *booking = &data->bookings[i];

		CHECK_FOR_INTERRUPTS();
		if (!booking->present || !watch_blocks(booking->state))
			continue;
		for (int number = booking->seats; number != WATCH_NONE; number = data->seats[number].next)
		{
			const WatchSeat *seat = &data->seats[number];
			TimestampTz start = seat->start == WATCH_NO_TIME ? booking->start : seat->start;
			TimestampTz end = seat->end == WATCH_NO_TIME ? booking->end : seat->end;
			int64	   *window = windows->tuples + windows->n * WINDOW_COLUMNS;

			if (end == WATCH_NO_TIME || start >= end)
				continue;
			window[WINDOW_TABLE] = seat->table;
			window[WINDOW_START] = start;
			window[WINDOW_END] = end;
			window[WINDOW_BOOKING] = i;
			windows->n++;
		}
	}
}

/* The booking that still has the dining table, or WATCH_NONE. */
static int64
overlapped(const TakenUntil *taken, const int64 *window)
{
	if (taken->booking != window[WINDOW_BOOKING])
		return taken->until > window[WINDOW_START] ? taken->booking : WATCH_NONE;
	return taken->until_other > window[WINDOW_START] ? taken->other : WATCH_NONE;
}

static void
take_until(TakenUntil *taken, const int64 *window)
{
	if (taken->booking == window[WINDOW_BOOKING])
		taken->until = Max(taken->until, window[WINDOW_END]);
	else if (window[WINDOW_END] > taken->until)
	{
		taken->until_other = taken->until;
		taken->other = taken->booking;
		taken->until = window[WINDOW_END];
		taken->booking = window[WINDOW_BOOKING];
	}
	else if (window[WINDOW_END] > taken->until_other)
	{
		taken->until_other = window[WINDOW_END];
		taken->other = window[WINDOW_BOOKING];
	}
}
