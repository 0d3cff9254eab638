/*-------------------------------------------------------------------------
 *
 * watch_tally.c
 *	  Counting bookings: see watch_tally.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/hsearch.h"

#include "seating/local_time.h"
#include "watch/watch_tally.h"

/* Hours from the beginning of the time on for which the day is remembered, by time zone. */
#define HOURS_KNOWN (366 * 24)

/* An hour that has not been asked for, and one in which a service day begins. */
#define HOUR_UNKNOWN NULL
#define HOUR_OF_TWO_DAYS (&two_days)

/* A day's entry in a hash table, which never moves. */
typedef struct DayEntry
{
	int32		day;
	WatchTally	tally;
} DayEntry;

/* The days of a time zone by hour. */
typedef struct ZoneDays
{
	pg_tz	   *zone;			/* NULL: days are those of UTC */
	DayEntry  **hours;
} ZoneDays;

/* What counts. */
typedef struct TallyCount
{
	WatchData  *data;
	WatchFigures *figures;
	HTAB	   *days;
	List	   *zones;			/* ZoneDays */
	const ZoneDays **zone_of;	/* by restaurant */
	WatchTally *restaurants;	/* by restaurant */
	WatchTally *variants;		/* by variant, counted from 1 */
	int64	   *reasons;		/* by reason, likewise */
} TallyCount;

static DayEntry two_days;

static void begin_count(TallyCount *count);
static const ZoneDays *days_of_zone(TallyCount *count, pg_tz *zone);
static void count_booking(TallyCount *count, int number);
static void count_states(TallyCount *count, int number);
static void add_case(const TallyCount *count, WatchCase *found, int number);
static bool has_table_in_zone(const WatchData *data, const WatchBooking *booking);
static WatchTally tally_of(const WatchData *data, const WatchBooking *booking);
static void add_tally(WatchTally *sum, const WatchTally *tally);
static DayEntry *day_entry(const TallyCount *count, const WatchBooking *booking);
static DayEntry *find_day(const TallyCount *count, TimestampTz instant, pg_tz *zone);
static void list_days(const TallyCount *count);
static int	compare_days(const ListCell *a, const ListCell *b);
static void list_restaurants(const TallyCount *count);
static int	compare_restaurants(const ListCell *a, const ListCell *b);
static void list_words(const TallyCount *count);
static int	compare_variants(const ListCell *a, const ListCell *b);
static int	compare_reasons(const ListCell *a, const ListCell *b);


void
watch_tally_count(WatchData *data, WatchFigures *figures)
{
	TallyCount	count = {.data = data,.figures = figures};

	begin_count(&count);
	for (uint32 i = 0; i < data->booking_ids.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		count_booking(&count, (int) i);
	}
	list_days(&count);
	list_restaurants(&count);
	list_words(&count);
}

static void
begin_count(TallyCount *count)
{
	HASHCTL		control = {
		.keysize = sizeof(int32),
		.entrysize = sizeof(DayEntry),
		.hcxt = CurrentMemoryContext
	};
	const WatchData *data = count->data;

	count->days = hash_create("menuca days", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	count->restaurants = palloc0((data->restaurant_ids.n + 1) * sizeof(WatchTally));
	count->zone_of = palloc((data->restaurant_ids.n + 1) * sizeof(ZoneDays *));
	for (uint32 i = 0; i < data->restaurant_ids.n; i++)
		count->zone_of[i] = days_of_zone(count, data->restaurants[i].zone);
	count->variants = palloc0((list_length(data->variants) + 1) * sizeof(WatchTally));
	count->reasons = palloc0((list_length(data->reasons) + 1) * sizeof(int64));
}

static const ZoneDays *
days_of_zone(TallyCount *count, pg_tz *zone)
{
	ZoneDays   *days;
	ListCell   *lc;

	foreach(lc, count->zones)
	{
		if (((ZoneDays *) lfirst(lc))->zone == zone)
			return lfirst(lc);
	}
	days = palloc(sizeof(ZoneDays));
	days->zone = zone;
	days->hours = palloc0(HOURS_KNOWN * sizeof(DayEntry *));
	count->zones = lappend(count->zones, days);
	return days;
}

static void
count_booking(TallyCount *count, int number)
{
	const WatchBooking *booking = &count->data->bookings[number];
	WatchFigures *figures = count->figures;
	WatchTally	tally = tally_of(count->data, booking);

	figures->attempted += tally.attempted;
	figures->succeeded += tally.succeeded;
	if (booking->attempt >= 0)
	{
		if (booking->reason > 0)
			count->reasons[booking->reason]++;
		add_tally(&count->variants[booking->variant], &tally);
	}
	if (!booking->present)
		return;
	count_states(count, number);
	add_tally(&figures->all, &tally);
	if (booking->restaurant >= 0)
		add_tally(&count->restaurants[booking->restaurant], &tally);
	if (booking->restaurant < 0 || count->data->restaurants[booking->restaurant].is_in)
		add_tally(&figures->reached, &tally);
	add_tally(&day_entry(count, booking)->tally, &tally);
}

/* What is wrong with a booking in its state. */
static void
count_states(TallyCount *count, int number)
{
	const WatchData *data = count->data;
	const WatchBooking *booking = &data->bookings[number];
	WatchFigures *figures = count->figures;
	bool		seated = booking->ntables > 0;

	figures->states[booking->state]++;
	if (!watch_counts(booking->state))
		return;
	figures->countable++;
	if (seated)
	{
		figures->tables += booking->ntables;
		figures->most_tables = Max(figures->most_tables, booking->ntables);
		figures->by_tables[Min(booking->ntables, WATCH_MAX_TABLES)]++;
		figures->needed += booking->ntables > 1 && tally_of(data, booking).no_single > 0;
	}
	if (booking->state == WATCH_CONFIRMED)
	{
		figures->orphans.of++;
		if (!seated)
			add_case(count, &figures->orphans, number);
		else if (has_table_in_zone(data, booking))
		{
			figures->without_zone.of++;
			if (!booking->has_zone)
				add_case(count, &figures->without_zone, number);
		}
	}
	else if (booking->state == WATCH_CHECKED_IN)
	{
		figures->seated_without.of++;
		if (!seated)
			add_case(count, &figures->seated_without, number);
	}
	else if (booking->state != WATCH_COMPLETED)
	{
		figures->zone_locks.of++;
		if (!seated && booking->has_zone)
			add_case(count, &figures->zone_locks, number);
	}
}

static void
add_case(const TallyCount *count, WatchCase *found, int number)
{
	if (watch_case_add(found))
		found->examples = lappend(found->examples, watch_data_describe(count->data, number));
}

static bool
has_table_in_zone(const WatchData *data, const WatchBooking *booking)
{
	for (int seat = booking->seats; seat != WATCH_NONE; seat = data->seats[seat].next)
	{
		if (data->tables[data->seats[seat].table].has_zone)
			return true;
	}
	return false;
}

/* What one booking adds. */
static WatchTally
tally_of(const WatchData *data, const WatchBooking *booking)
{
	bool		counts = booking->present && watch_counts(booking->state);

	return (WatchTally)
	{
		.bookings = booking->present,
			.cancelled = booking->present && (booking->state == WATCH_CANCELLED || booking->state == WATCH_NO_SHOW),
			.seated = counts && booking->ntables > 0,
			.combinations = counts && booking->ntables > 1,
			.no_single = counts && booking->has_party && booking->restaurant >= 0 &&
			booking->party > data->restaurants[booking->restaurant].largest,
			.attempts = booking->attempts,
			.attempted = booking->attempt >= 0,
			.succeeded = booking->attempt >= 0 && watch_succeeds(booking->outcome)
	};
}

static void
add_tally(WatchTally *sum, const WatchTally *tally)
{
	sum->bookings += tally->bookings;
	sum->cancelled += tally->cancelled;
	sum->seated += tally->seated;
	sum->combinations += tally->combinations;
	sum->no_single += tally->no_single;
	sum->attempts += tally->attempts;
	sum->attempted += tally->attempted;
	sum->succeeded += tally->succeeded;
}

/* The service day of a booking; nearly all hours belong to one alone. */
static DayEntry *
day_entry(const TallyCount *count, const WatchBooking *booking)
{
	static const ZoneDays utc = {NULL, NULL};
	const ZoneDays *days = booking->restaurant >= 0 ? count->zone_of[booking->restaurant] : &utc;
	int64		hour = (booking->start - count->data->from) / USECS_PER_HOUR;
	DayEntry  **known = hour < HOURS_KNOWN && days->hours ? &days->hours[hour] : NULL;

	if (known && *known == HOUR_UNKNOWN)
	{
		TimestampTz begin = count->data->from + hour * USECS_PER_HOUR;
		DayEntry   *first = find_day(count, begin, days->zone);

		*known = find_day(count, begin + USECS_PER_HOUR - 1, days->zone) == first ? first : HOUR_OF_TWO_DAYS;
	}
	return known && *known != HOUR_OF_TWO_DAYS ? *known : find_day(count, booking->start, days->zone);
}

static DayEntry *
find_day(const TallyCount *count, TimestampTz instant, pg_tz *zone)
{
	int32		day = local_time_service_day(instant, zone ? zone : pg_tzset("UTC"));
	bool		found;
	DayEntry   *entry = hash_search(count->days, &day, HASH_ENTER, &found);

	if (!found)
		memset(&entry->tally, 0, sizeof(WatchTally));
	return entry;
}

static void
list_days(const TallyCount *count)
{
	HASH_SEQ_STATUS status;
	DayEntry   *entry;

	hash_seq_init(&status, count->days);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		WatchDay   *day = palloc(sizeof(WatchDay));

		/* Hours around a booking were asked for, too. */
		if (entry->tally.bookings == 0)
			continue;
		day->day = entry->day;
		day->tally = entry->tally;
		count->figures->by_day = lappend(count->figures->by_day, day);
	}
	list_sort(count->figures->by_day, compare_days);
}

static int
compare_days(const ListCell *a, const ListCell *b)
{
	return ((const WatchDay *) lfirst(a))->day < ((const WatchDay *) lfirst(b))->day ? -1 : 1;
}

static void
list_restaurants(const TallyCount *count)
{
	const WatchData *data = count->data;

	for (uint32 i = 0; i < data->restaurant_ids.n; i++)
	{
		WatchRestaurantTally *row;

		if (count->restaurants[i].bookings == 0)
			continue;
		row = palloc(sizeof(WatchRestaurantTally));
		row->id = data->restaurant_ids.ids[i];
		row->name = data->restaurants[i].name ? pstrdup(data->restaurants[i].name) : NULL;
		row->tally = count->restaurants[i];
		count->figures->by_restaurant = lappend(count->figures->by_restaurant, row);
	}
	list_sort(count->figures->by_restaurant, compare_restaurants);
	count->figures->by_restaurant = list_truncate(count->figures->by_restaurant, WATCH_TOP);
}

/* Most bookings first. */
static int
compare_restaurants(const ListCell *a, const ListCell *b)
{
	const WatchRestaurantTally *first = lfirst(a);
	const WatchRestaurantTally *second = lfirst(b);

	if (first->tally.bookings != second->tally.bookings)
		return first->tally.bookings > second->tally.bookings ? -1 : 1;
	return memcmp(&first->id, &second->id, UUID_LEN);
}

static void
list_words(const TallyCount *count)
{
	ListCell   *lc;

	foreach(lc, count->data->variants)
	{
		WatchVariant *variant = palloc(sizeof(WatchVariant));

		variant->name = pstrdup(lfirst(lc));
		variant->tally = count->variants[foreach_current_index(lc) + 1];
		if (variant->tally.attempted > 0)
			count->figures->variants = lappend(count->figures->variants, variant);
	}
	list_sort(count->figures->variants, compare_variants);
	foreach(lc, count->data->reasons)
	{
		WatchReason *reason = palloc(sizeof(WatchReason));

		reason->kind = pstrdup(lfirst(lc));
		reason->bookings = count->reasons[foreach_current_index(lc) + 1];
		if (reason->bookings > 0)
			count->figures->reasons = lappend(count->figures->reasons, reason);
	}
	list_sort(count->figures->reasons, compare_reasons);
}

static int
compare_variants(const ListCell *a, const ListCell *b)
{
	return strcmp(((const WatchVariant *) lfirst(a))->name, ((const WatchVariant *) lfirst(b))->name);
}

static int
compare_reasons(const ListCell *a, const ListCell *b)
{
	const WatchReason *first = lfirst(a);
	const WatchReason *second = lfirst(b);

	if (first->bookings != second->bookings)
		return first->bookings > second->bookings ? -1 : 1;
	return strcmp(first->kind, second->kind);
}
