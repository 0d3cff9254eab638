/*-------------------------------------------------------------------------
 *
 * reconcile.c
 *	  Comparing what is there with what the ledger says: see reconcile.h.
 *
 * Three sets of (key, hash) are sorted together: the baseline, what the run
 * inserted, and what is there.  Rows of one key then stand side by side.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "content_hash.h"
#include "int8_sort.h"
#include "scan.h"
#include "reconcile.h"

/* Where a sorted row came from; of one key, they stand in this order. */
enum
{
	ORIGIN_BASELINE,
	ORIGIN_INSERTED,
	ORIGIN_PRESENT,
	ORIGIN_COUNT
};

/* The sort's columns. */
enum
{
	ROW_KEY,
	ROW_ORIGIN,
	ROW_HASH,
	ROW_COLUMNS
};

/* One key's rows. */
typedef struct KeyState
{
	int64		key;
	bool		known[ORIGIN_COUNT];
	uint64		hash[ORIGIN_COUNT];
} KeyState;

typedef struct ReadState
{
	Int8Sort   *sort;
	int			origin;
	ContentHasher *hasher;
} ReadState;

static void read_present(const Target *target, ReadState *state);
static void add_ledger_row(const KeyedRow *row, void *arg);
static void add_present_row(TupleTableSlot *slot, void *arg);
static void add_row(ReadState *state, int64 key, uint64 hash);
static void judge(const KeyState *key, Reconciliation *result,
				  ReconcileFn fn, void *arg);


void
reconcile(const Run *run, const Target *target, Reconciliation *result,
		  ReconcileFn fn, void *arg)
{
	ReadState	state = {.sort = int8_sort_begin(ROW_COLUMNS, maintenance_work_mem, false)};
	KeyState	key = {0};
	const int64 *row;
	bool		any = false;

	memset(result, 0, sizeof(Reconciliation));
	state.hasher = content_hasher(target->oid, 1);
	state.origin = ORIGIN_BASELINE;
	run_each_row(run, RUN_BASELINE, add_ledger_row, &state);
	state.origin = ORIGIN_INSERTED;
	run_each_row(run, RUN_INSERTED, add_ledger_row, &state);
	state.origin = ORIGIN_PRESENT;
	read_present(target, &state);

	int8_sort_perform(state.sort);
	while ((row = int8_sort_next(state.sort)) != NULL)
	{
		if (any && row[ROW_KEY] != key.key)
		{
			judge(&key, result, fn, arg);
			memset(&key, 0, sizeof(key));
		}
		any = true;
		key.key = row[ROW_KEY];
		key.known[row[ROW_ORIGIN]] = true;
		key.hash[row[ROW_ORIGIN]] = (uint64) row[ROW_HASH];
	}
	if (any)
		judge(&key, result, fn, arg);
	int8_sort_end(state.sort);
}

static void
read_present(const Target *target, ReadState *state)
{
	ScanColumn	key = {target->id_attnum, SCAN_INT8};

	scan_each(target->oid, &key, 1, true, add_present_row, state);
}

static void
add_ledger_row(const KeyedRow *row, void *arg)
{
	add_row(arg, row->key, row->hash);
}

static void
add_present_row(TupleTableSlot *slot, void *arg)
{
	ReadState  *state = arg;

	add_row(state, slot_int8(slot, 0), content_hash(state->hasher, slot));
}

static void
add_row(ReadState *state, int64 key, uint64 hash)
{
	int64		row[ROW_COLUMNS];

	row[ROW_KEY] = key;
	row[ROW_ORIGIN] = state->origin;
	row[ROW_HASH] = (int64) hash;
	int8_sort_put(state->sort, row);
}

/*
 * A key that is in the baseline and among the inserted was deleted and given
 * again to the run's row: as a row of the baseline it is missing.
 */
static void
judge(const KeyState *key, Reconciliation *result, ReconcileFn fn, void *arg)
{
	bool		present = key->known[ORIGIN_PRESENT];
	uint64		hash = key->hash[ORIGIN_PRESENT];

	result->items += present;
	result->baseline += key->known[ORIGIN_BASELINE];

	if (key->known[ORIGIN_INSERTED])
	{
		bool		changed = present && hash != key->hash[ORIGIN_INSERTED];

		result->inserted++;
		result->inserted_missing += !present;
		result->inserted_changed += changed;
		result->inserted_intact += present && !changed;
		result->baseline_missing += key->known[ORIGIN_BASELINE];
		if (present && fn)
			fn(key->key, changed, arg);
	}
	else if (key->known[ORIGIN_BASELINE])
	{
		bool		changed = present && hash != key->hash[ORIGIN_BASELINE];

		result->baseline_missing += !present;
		result->baseline_changed += changed;
		result->baseline_intact += present && !changed;
	}
	else
		result->others++;
}
