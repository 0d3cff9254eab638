/*-------------------------------------------------------------------------
 *
 * watch_figures.c
 *	  The monitor's figures: see watch_figures.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "base/int8_array.h"
#include "base/settings.h"
#include "seating/seating_extension.h"
#include "watch/watch_attempts.h"
#include "watch/watch_bookings.h"
#include "watch/watch_combinations.h"
#include "watch/watch_domination.h"
#include "watch/watch_figures.h"
#include "watch/watch_overlaps.h"
#include "watch/watch_tally.h"

/* The runbook asks for 7 days; a hundred years are more than any platform has. */
#define MOST_DAYS 36525

/* Who asked for what, and what he saw. */
typedef struct FiguresQuestion
{
	LocalTransactionId transaction;
	SubTransactionId subtransaction;
	Oid			user;
	int			days;
	bool		has_restaurant;
	pg_uuid_t	restaurant;
	char	   *schema;
	SnapshotData snapshot;		/* with arrays of its own */
} FiguresQuestion;

/* The latest answer, in a context that ends with its transaction. */
typedef struct FiguresAnswer
{
	FiguresQuestion question;
	WatchFigures *figures;
	MemoryContext context;
} FiguresAnswer;

static FiguresAnswer latest;

static bool is_answered(int days, const pg_uuid_t *restaurant);
static bool is_same_snapshot(const SnapshotData *a, const SnapshotData *b);
static bool is_same_list(const TransactionId *a, const TransactionId *b, int64 n);
static void remember_answer(int days, const pg_uuid_t *restaurant, WatchFigures *figures, MemoryContext context);
static TransactionId *copy_list(const TransactionId *list, int64 n);
static WatchFigures *compute(const SeatingSchema *schema, int days, const pg_uuid_t *restaurant, MemoryContext context);
static void count_all(WatchData *data, WatchFigures *figures);
static void measure_durations(WatchData *data, WatchFigures *figures);
static int64 at_share(const Int8Array *sorted, double share);


int
watch_figures_days(FunctionCallInfo fcinfo, int place)
{
	int			days = argument_int4(fcinfo, place, "days");

	if (days < 1 || days > MOST_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("days cannot be %d", days),
				 errdetail("They are days of 24 hours before now, 1 to %d.", MOST_DAYS),
				 errhint("%s", seating_call("SELECT * FROM menuca_seating_monitor(days => 7);"))));
	return days;
}

/* The tables are found each time: rights may have been revoked. */
const WatchFigures *
watch_figures_get(int days, const pg_uuid_t *restaurant)
{
	const SeatingSchema *schema = seating_schema_find();
	MemoryContext context;
	WatchFigures *figures;

	seating_require_readable("menuca_seating_attempt");
	if (restaurant)
		seating_schema_require_restaurant(schema, restaurant);
	if (is_answered(days, restaurant))
		return latest.figures;
	context = AllocSetContextCreate(TopTransactionContext, "menuca seating figures", ALLOCSET_DEFAULT_SIZES);
	figures = compute(schema, days, restaurant, context);
	remember_answer(days, restaurant, figures, context);
	return figures;
}

/*
 * Two query snapshots of one transaction with the same lists see the same, unless a savepoint
 * was rolled back between them: then the subtransaction is another one.
 */
static bool
is_answered(int days, const pg_uuid_t *restaurant)
{
	const FiguresQuestion *question = &latest.question;

	return latest.figures != NULL && question->transaction == menuca_local_xid() &&
		question->subtransaction == GetCurrentSubTransactionId() && question->user == GetUserId() &&
		question->days == days && question->has_restaurant == (restaurant != NULL) &&
		(restaurant == NULL || memcmp(&question->restaurant, restaurant, UUID_LEN) == 0) &&
		strcmp(question->schema, menuca_seating_schema) == 0 && is_same_snapshot(&question->snapshot, GetActiveSnapshot());
}

static bool
is_same_snapshot(const SnapshotData *a, const SnapshotData *b)
{
	return a->snapshot_type == SNAPSHOT_MVCC && b->snapshot_type == SNAPSHOT_MVCC &&
		a->xmin == b->xmin && a->xmax == b->xmax && a->curcid == b->curcid &&
		a->xcnt == b->xcnt && a->subxcnt == b->subxcnt && a->suboverflowed == b->suboverflowed &&
		a->takenDuringRecovery == b->takenDuringRecovery &&
		is_same_list(a->xip, b->xip, a->xcnt) && is_same_list(a->subxip, b->subxip, a->subxcnt);
}

static bool
is_same_list(const TransactionId *a, const TransactionId *b, int64 n)
{
	return n <= 0 || memcmp(a, b, n * sizeof(TransactionId)) == 0;
}

static void
remember_answer(int days, const pg_uuid_t *restaurant, WatchFigures *figures, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	FiguresQuestion question = {
		.transaction = menuca_local_xid(),
		.subtransaction = GetCurrentSubTransactionId(),
		.user = GetUserId(),
		.days = days,
		.has_restaurant = restaurant != NULL
	};

	/* One answer at a time; that of an earlier transaction is gone. */
	if (latest.figures && latest.question.transaction == question.transaction)
		MemoryContextDelete(latest.context);
	latest.figures = NULL;
	if (restaurant)
		question.restaurant = *restaurant;
	question.schema = pstrdup(menuca_seating_schema);
	question.snapshot = *GetActiveSnapshot();
	question.snapshot.xip = copy_list(question.snapshot.xip, question.snapshot.xcnt);
	question.snapshot.subxip = copy_list(question.snapshot.subxip, question.snapshot.subxcnt);
	latest.question = question;
	latest.context = context;
	latest.figures = figures;
	MemoryContextSwitchTo(old);
}

static TransactionId *
copy_list(const TransactionId *list, int64 n)
{
	return n <= 0 ? NULL : memcpy(palloc(n * sizeof(TransactionId)), list, n * sizeof(TransactionId));
}

/* The data are in the caller's memory and go at once, the figures in that context. */
static WatchFigures *
compute(const SeatingSchema *schema, int days, const pg_uuid_t *restaurant, MemoryContext context)
{
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext, "menuca seating data", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(work);
	WatchData  *data = watch_data_begin(schema, restaurant, now, now - days * USECS_PER_DAY);
	WatchFigures *figures;

	watch_bookings_read(data);
	watch_attempts_read(data);
	MemoryContextSwitchTo(context);
	figures = palloc0(sizeof(WatchFigures));
	figures->days = days;
	count_all(data, figures);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(work);
	return figures;
}

static void
count_all(WatchData *data, WatchFigures *figures)
{
	MemoryContext context = MemoryContextSwitchTo(data->context);
	WatchCombinations *combinations = watch_combinations_find(data);
	ListCell   *lc;

	MemoryContextSwitchTo(context);
	watch_tally_count(data, figures);
	watch_overlaps_find(data, &figures->overlaps);
	watch_domination_find(data, combinations, &figures->dominated, &figures->not_judged);
	figures->combinations = watch_combinations_top(data, combinations);
	figures->ncombinations = combinations->n;
	measure_durations(data, figures);
	memcpy(figures->outcomes, data->outcomes, sizeof(figures->outcomes));
	figures->zone_attempts = data->zone_attempts;
	figures->zone_conflicts = data->zone_conflicts;
	figures->holds = data->holds;
	figures->expired_holds = data->expired_holds;
	figures->has_zone_column = data->has_zone_column;
	figures->unreadable.of = figures->all.bookings + data->nabsent;
	figures->unreadable.n = data->nunreadable;
	foreach(lc, data->unreadable)
		figures->unreadable.examples = lappend(figures->unreadable.examples, pstrdup(lfirst(lc)));
}

static void
measure_durations(WatchData *data, WatchFigures *figures)
{
	Int8Array  *durations = &data->durations;

	figures->durations = (int64) durations->n;
	if (durations->n == 0)
		return;
	int8_array_sort(durations);
	for (size_t i = 0; i < durations->n; i++)
		figures->duration_sum += (double) durations->tuples[i];
	figures->duration_p50 = at_share(durations, 0.5);
	figures->duration_p95 = at_share(durations, 0.95);
	figures->duration_p99 = at_share(durations, 0.99);
	figures->duration_most = durations->tuples[durations->n - 1];
}

/* As percentile_disc() does. */
static int64
at_share(const Int8Array *sorted, double share)
{
	size_t		place = (size_t) ceil(share * (double) sorted->n);

	return sorted->tuples[Max(place, 1) - 1];
}
