/*-------------------------------------------------------------------------
 *
 * item_origin.c
 *	  Where items came from, by the ledger: see item_origin.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/content_hash.h"
#include "base/format.h"
#include "check/item_origin.h"
#include "ledger/run_ledger.h"

/* State of item_origins_count(). */
typedef struct OriginState
{
	const int64 *keys;
	uint64		n;
	uint8	   *origins;		/* an ItemOrigin per key */
	ItemOrigin	current;		/* that of the rows that are being read */
} OriginState;

static void mark_rows(const Run *run, RunRows which, ItemOrigin origin, OriginState *state);
static void mark_key(const KeyedRow *row, void *arg);
static uint64 first_key(const OriginState *state, int64 key);


void
item_origins_count(const Target *target, const int64 *keys, uint64 n, ItemOrigins *origins)
{
	List	   *runs = run_list_in_effect(target->schema, target->junction->name);
	OriginState state = {.keys = keys,.n = n};
	ListCell   *lc;

	state.origins = MemoryContextAllocExtended(CurrentMemoryContext, Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	memset(origins, 0, sizeof(ItemOrigins));
	origins->has_ledger = runs != NIL;
	if (n > 0 && runs != NIL)
	{
		mark_rows(llast(runs), RUN_BASELINE, ORIGIN_BASELINE, &state);
		foreach(lc, runs)
			mark_rows(lfirst(lc), RUN_INSERTED, ORIGIN_RUN, &state);
	}

	for (uint64 i = 0; i < n; i++)
	{
		ItemOrigin	origin = (ItemOrigin) state.origins[i];

		origins->count[origin]++;
		origins->fingerprint += mix64((uint64) keys[i]);
		if (origins->nexamples[origin] < ORIGIN_EXAMPLES)
			origins->examples[origin][origins->nexamples[origin]++] = keys[i];
	}
	pfree(state.origins);
}

/* A run's rows are read only if one of the keys can be among them. */
static void
mark_rows(const Run *run, RunRows which, ItemOrigin origin, OriginState *state)
{
	int64		least;
	int64		beyond;
	uint64		first;

	if (!run_key_range(run, which, &least, &beyond))
		return;
	first = first_key(state, least);
	if (first == state->n || state->keys[first] >= beyond)
		return;
	state->current = origin;
	run_each_row(run, which, mark_key, state);
}

/* Looks for the key of a row in the ledger among the items. */
static void
mark_key(const KeyedRow *row, void *arg)
{
	OriginState *state = arg;
	uint64		place = first_key(state, row->key);

	if (place < state->n && state->keys[place] == row->key)
		state->origins[place] = state->current;
}

/* The place of the first key that is not less, or n. */
static uint64
first_key(const OriginState *state, int64 key)
{
	uint64		low = 0;
	uint64		high = state->n;

	while (low < high)
	{
		uint64		middle = low + (high - low) / 2;

		if (state->keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

char *
item_origins_examples(const ItemOrigins *origins, ItemOrigin origin)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < origins->nexamples[origin]; i++)
		format_append(&buf, ", ", INT64_FORMAT, origins->examples[origin][i]);
	return buf.data;
}

char *
item_origins_text(const ItemOrigins *origins, ItemOrigin origin)
{
	return psprintf("%s%s", item_origins_examples(origins, origin),
					origins->count[origin] > (uint64) origins->nexamples[origin] ? " and others" : "");
}
