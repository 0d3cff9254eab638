/*-------------------------------------------------------------------------
 *
 * watch_domination.c
 *	  Bookings that have more dining tables than they need: see watch_domination.h.
 *
 * Bookings are taken by restaurant, whose floor is read once, and by start.  A question is
 * asked once: combination, party, and what preferences and listed combinations make of the
 * start.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "base/attempt.h"
#include "base/content_hash.h"
#include "base/int8_array.h"
#include "seating/fewer_tables.h"
#include "seating/plan_question.h"
#include "seating/seating_refusal.h"
#include "watch/watch_domination.h"

/* Columns of a booking in the order in which they are judged. */
enum
{
	JUDGED_RESTAURANT,
	JUDGED_START,
	JUDGED_PLACE,				/* in WatchCombinations.bookings */
	JUDGED_COLUMNS
};

/* A question, without padding. */
typedef struct DominationQuestion
{
	uint64		times;			/* what holds at the start */
	int32		combination;
	int32		party;
} DominationQuestion;

typedef struct DominationAnswer
{
	DominationQuestion question;
	bool		dominated;
	char	   *better;			/* numbers of the dining tables that do */
} DominationAnswer;

/* The bookings of a restaurant, from and before these places in the order. */
typedef struct RestaurantJudge
{
	const WatchData *data;
	const WatchCombinations *combinations;
	const Int8Array *order;
	size_t		from;
	size_t		until;
	WatchCase  *dominated;
	MemoryContext examples;
	FloorReader *reader;
	HTAB	   *answers;
	TimestampTz start;			/* whose times are known */
	uint64		times;
} RestaurantJudge;

static Int8Array *order_bookings(const WatchData *data, const WatchCombinations *combinations);
static void judge_restaurant(void *arg);
static void judge_booking(RestaurantJudge *judge, int place);
static uint64 times_at(RestaurantJudge *judge, TimestampTz start);
static uint64 hash_bytes_of(uint64 hash, const void *bytes, size_t n);
static void answer(const RestaurantJudge *judge, const WatchBooking *booking, DominationAnswer *entry);
static void note_not_judged(const WatchData *data, const RestaurantJudge *judge, const ErrorData *error, WatchCase *not_judged);


void
watch_domination_find(const WatchData *data, const WatchCombinations *combinations,
					  WatchCase *dominated, WatchCase *not_judged)
{
	Int8Array  *order = order_bookings(data, combinations);
	RestaurantJudge judge = {
		.data = data,
		.combinations = combinations,
		.order = order,
		.dominated = dominated,
		.examples = CurrentMemoryContext
	};
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext work = AllocSetContextCreate(caller, "menuca domination", ALLOCSET_DEFAULT_SIZES);

	dominated->of = (int64) order->n;
	for (; judge.from < order->n; judge.from = judge.until)
	{
		int64		before = dominated->n;
		ErrorData  *error;

		judge.until = judge.from;
		while (judge.until < order->n &&
			   order->tuples[judge.until * JUDGED_COLUMNS] == order->tuples[judge.from * JUDGED_COLUMNS])
			judge.until++;
		MemoryContextSwitchTo(work);
		error = attempt(judge_restaurant, &judge);
		MemoryContextSwitchTo(caller);
		if (error)
		{
			dominated->n = before;
			note_not_judged(data, &judge, error, not_judged);
		}
		MemoryContextReset(work);
	}
	MemoryContextDelete(work);
	pfree(order->tuples);
}

static Int8Array *
order_bookings(const WatchData *data, const WatchCombinations *combinations)
{
	Int8Array  *order = palloc0(sizeof(Int8Array));

	order->context = CurrentMemoryContext;
	order->ncolumns = JUDGED_COLUMNS;
	order->allocated = Max(combinations->nbookings, 1);
	order->tuples = MemoryContextAllocHuge(order->context, order->allocated * JUDGED_COLUMNS * sizeof(int64));
	for (int i = 0; i < combinations->nbookings; i++)
	{
		const WatchBooking *booking = &data->bookings[combinations->bookings[i]];
		int64	   *row = order->tuples + order->n * JUDGED_COLUMNS;

		if (booking->restaurant < 0 || !booking->has_party || booking->party < 1)
			continue;
		row[JUDGED_RESTAURANT] = booking->restaurant;
		row[JUDGED_START] = booking->start;
		row[JUDGED_PLACE] = i;
		order->n++;
	}
	int8_array_sort(order);
	return order;
}

/* Called in an attempt, in a context of its own. */
static void
judge_restaurant(void *arg)
{
	RestaurantJudge *judge = arg;
	const int64 *first = judge->order->tuples + judge->from * JUDGED_COLUMNS;
	HASHCTL		control = {
		.keysize = sizeof(DominationQuestion),
		.entrysize = sizeof(DominationAnswer),
		.hcxt = CurrentMemoryContext
	};

	judge->reader = floor_reader_read_with(judge->data->schema, &judge->data->restaurant_ids.ids[first[JUDGED_RESTAURANT]], NULL);
	judge->answers = hash_create("menuca domination", 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	judge->start = WATCH_NO_TIME;
	for (size_t i = judge->from; i < judge->until; i++)
	{
		CHECK_FOR_INTERRUPTS();
		judge_booking(judge, (int) judge->order->tuples[i * JUDGED_COLUMNS + JUDGED_PLACE]);
	}
}

static void
judge_booking(RestaurantJudge *judge, int place)
{
	int			number = judge->combinations->bookings[place];
	const WatchBooking *booking = &judge->data->bookings[number];
	DominationQuestion question = {times_at(judge, booking->start), judge->combinations->of[place], booking->party};
	bool		found;
	DominationAnswer *entry = hash_search(judge->answers, &question, HASH_ENTER, &found);
	MemoryContext old;

	if (!found)
		answer(judge, booking, entry);
	if (!entry->dominated || !watch_case_add(judge->dominated))
		return;
	old = MemoryContextSwitchTo(judge->examples);
	judge->dominated->examples = lappend(judge->dominated->examples,
										 psprintf("%s: %s would do", watch_data_describe(judge->data, number), entry->better));
	MemoryContextSwitchTo(old);
}

/* What of listed combinations and preferences holds at a start, as a hash; 0 where there are none. */
static uint64
times_at(RestaurantJudge *judge, TimestampTz start)
{
	const Floor *floor = &judge->reader->floor;
	BookingWindow window = {start, start};
	PlanQuestion question;
	bool	   *free;

	if (judge->reader->combinations == NIL && judge->reader->preferences == NIL)
		return 0;
	if (judge->start == start)
		return judge->times;
	free = palloc(floor->ntables + 1);
	memset(free, true, floor->ntables + 1);
	question = plan_question_of(judge->reader, 1, start, window, free);
	judge->start = start;
	judge->times = hash_bytes_of(1, question.applies, floor->ncombinations);
	judge->times = hash_bytes_of(judge->times, question.free, floor->ntables);
	judge->times = hash_bytes_of(judge->times, question.min_party, floor->ntables * sizeof(int));
	plan_question_free(&question);
	return judge->times;
}

static uint64
hash_bytes_of(uint64 hash, const void *bytes, size_t n)
{
	const char *rest = bytes;

	for (; n > 0; n -= Min(n, sizeof(uint64)), rest += sizeof(uint64))
	{
		uint64		word = 0;

		memcpy(&word, rest, Min(n, sizeof(uint64)));
		hash = mix64(hash ^ word) + n;
	}
	return hash;
}

static void
answer(const RestaurantJudge *judge, const WatchBooking *booking, DominationAnswer *entry)
{
	const WatchCombination *combination = &judge->combinations->all[entry->question.combination];
	int		   *tables = palloc((combination->n + 1) * sizeof(int));
	int			n = 0;
	const SeatingPlan *fewer;

	for (int i = 0; i < combination->n; i++)
	{
		int			table = floor_reader_table(judge->reader, &judge->data->table_ids.ids[combination->tables[i]]);

		if (table >= 0)
			tables[n++] = table;
	}
	fewer = fewer_tables_find(judge->reader, booking->party, booking->start, tables, n);
	entry->dominated = fewer != NULL;
	entry->better = fewer ? refusal_numbers(judge->reader, fewer->tables, fewer->ntables) : NULL;
	pfree(tables);
}

static void
note_not_judged(const WatchData *data, const RestaurantJudge *judge, const ErrorData *error, WatchCase *not_judged)
{
	int64		restaurant = judge->order->tuples[judge->from * JUDGED_COLUMNS + JUDGED_RESTAURANT];

	not_judged->n += (int64) (judge->until - judge->from);
	if (list_length(not_judged->examples) < WATCH_EXAMPLES)
		not_judged->examples = lappend(not_judged->examples,
									   psprintf("restaurant %s: %s", refusal_id(&data->restaurant_ids.ids[restaurant]), error->message));
}
