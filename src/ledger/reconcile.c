/*-------------------------------------------------------------------------
 *
 * reconcile.c
 *	  Comparing what is there with what the ledger says: see reconcile.h.
 *
 * Three sets of (key, hash) are sorted by key: the baseline, what the run
 * inserted, and what is there.  They come nearly in that order, so sorting
 * each is little work.  Then they pass by side by side, key by key.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/content_hash.h"
#include "base/int8_sort.h"
#include "base/scan.h"
#include "base/slot.h"
#include "ledger/reconcile.h"

/* The sets. */
enum
{
	ORIGIN_BASELINE,
	ORIGIN_INSERTED,
	ORIGIN_PRESENT,
	ORIGIN_COUNT
};

/* Their rows' columns. */
enum
{
	ROW_KEY,
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
	ContentHasher *hasher;
} ReadState;

static Int8Sort *read_ledger(const Run *run, RunRows which, int kilobytes);
static Int8Sort *read_present(const KeyedTable *table, int kilobytes);
static void add_ledger_row(const KeyedRow *row, void *arg);
static void add_present_row(TupleTableSlot *slot, void *arg);
static void add_row(Int8Sort *sort, int64 key, uint64 hash);
static bool next_key(Int8Sort *const *sets, const int64 **rows, KeyState *key);
static void judge(const KeyState *key, Reconciliation *result,
				  ReconcileFn fn, void *arg);


void
reconcile(const Run *run, const KeyedTable *table, int kilobytes,
		  Reconciliation *result, ReconcileFn fn, void *arg)
{
	Int8Sort   *sets[ORIGIN_COUNT] = {
		[ORIGIN_BASELINE] = read_ledger(run, RUN_BASELINE, kilobytes / ORIGIN_COUNT),
		[ORIGIN_INSERTED] = read_ledger(run, RUN_INSERTED, kilobytes / ORIGIN_COUNT),
		[ORIGIN_PRESENT] = read_present(table, kilobytes / ORIGIN_COUNT)
	};
	const int64 *rows[ORIGIN_COUNT];
	KeyState	key;

	memset(result, 0, sizeof(Reconciliation));
	for (int i = 0; i < ORIGIN_COUNT; i++)
	{
		int8_sort_perform(sets[i]);
		rows[i] = int8_sort_next(sets[i]);
	}
	while (next_key(sets, rows, &key))
		judge(&key, result, fn, arg);
	for (int i = 0; i < ORIGIN_COUNT; i++)
		int8_sort_end(sets[i]);
}

static Int8Sort *
read_ledger(const Run *run, RunRows which, int kilobytes)
{
	Int8Sort   *sort = int8_sort_begin(ROW_COLUMNS, kilobytes, false);

	run_each_row(run, which, add_ledger_row, sort);
	return sort;
}

static Int8Sort *
read_present(const KeyedTable *table, int kilobytes)
{
	ReadState	state = {
		int8_sort_begin(ROW_COLUMNS, kilobytes, false),
		content_hasher(table->oid, 1)
	};
	ScanColumn	key = {table->id_attnum, SCAN_INT8};

	scan_each(table->oid, &key, 1, true, add_present_row, &state);
	return state.sort;
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

	add_row(state->sort, slot_int8(slot, 0), content_hash(state->hasher, slot));
}

static void
add_row(Int8Sort *sort, int64 key, uint64 hash)
{
	int64		row[ROW_COLUMNS];

	row[ROW_KEY] = key;
	row[ROW_HASH] = (int64) hash;
	int8_sort_put(sort, row);
}

/*
 * Collects the rows of the least key that is left, and goes on; rows has each
 * set's next row.  False when there is none left.
 */
static bool
next_key(Int8Sort *const *sets, const int64 **rows, KeyState *key)
{
	bool		any = false;

	memset(key, 0, sizeof(KeyState));
	for (int i = 0; i < ORIGIN_COUNT; i++)
	{
		if (rows[i] && (!any || rows[i][ROW_KEY] < key->key))
			key->key = rows[i][ROW_KEY];
		any |= rows[i] != NULL;
	}

	for (int i = 0; i < ORIGIN_COUNT; i++)
	{
		while (rows[i] && rows[i][ROW_KEY] == key->key)
		{
			key->known[i] = true;
			key->hash[i] = (uint64) rows[i][ROW_HASH];
			rows[i] = int8_sort_next(sets[i]);
		}
	}
	return any;
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
