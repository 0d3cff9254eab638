/*-------------------------------------------------------------------------
 *
 * reconcile.c
 *	  Comparing a table with the ledger of a run: see reconcile.h.
 *
 * Sets of (key, hash) are sorted by key: the baseline, the rows that the run
 * inserted, those of other runs, and the rows in the table now.  They are nearly
 * in that order already, so sorting is cheap.  Then the sets are read side by
 * side, key by key.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/content_hash.h"
#include "base/int8_sort.h"
#include "base/scan.h"
#include "base/slot.h"
#include "ledger/reconcile.h"

/* The sets; the last two are often empty. */
enum
{
	SET_BASELINE,
	SET_INSERTED,
	SET_PRESENT,
	SET_EARLIER,				/* inserted by earlier runs */
	SET_UNDONE,					/* inserted by runs that were rolled back */
	SET_COUNT
};

/* Sets that hold rows of the table, and share the memory. */
#define FULL_SETS 3

/* The columns of their rows. */
enum
{
	ROW_KEY,
	ROW_HASH,
	ROW_COLUMNS
};

/* The rows of one key: which sets have one, and its hash. */
typedef struct KeyState
{
	int64		key;
	bool		found[SET_COUNT];
	uint64		hash[SET_COUNT];
	uint64		repeats;		/* more rows in the table with that key */
} KeyState;

/* State of read_present(). */
typedef struct ReadState
{
	Int8Sort   *sort;
	ContentHasher *hasher;
	uint64		without_key;
} ReadState;

static void compare_sets(const Run *run, const List *earlier, const List *undone,
						 const KeyedTable *table, int kilobytes, Reconciliation *result,
						 ReconcileFn fn, void *arg);
static Int8Sort *read_ledger(const List *runs, RunRows which, int kilobytes);
static Int8Sort *read_present(const KeyedTable *table, int kilobytes, uint64 *without_key);
static void add_ledger_row(const KeyedRow *row, void *arg);
static void add_present_row(TupleTableSlot *slot, void *arg);
static void put_row(Int8Sort *sort, int64 key, uint64 hash);
static bool is_in_ledger(const KeyState *key, uint64 hash);
static bool next_key(Int8Sort *const *sets, const int64 **rows, KeyState *key);
static void count_key(const KeyState *key, Reconciliation *result,
					  ReconcileFn fn, void *arg);
static void count_older_key(const KeyState *key, Reconciliation *result);
static void add_deviation(const KeyState *key, Reconciliation *result);


void
reconcile(const Run *run, const KeyedTable *table, int kilobytes,
		  Reconciliation *result, ReconcileFn fn, void *arg)
{
	compare_sets(run, NIL, NIL, table, kilobytes, result, fn, arg);
}

void
reconcile_runs(const Run *run, const List *earlier, const List *undone,
			   const KeyedTable *table, int kilobytes, Reconciliation *result)
{
	compare_sets(run, earlier, undone, table, kilobytes, result, NULL, NULL);
}

static void
compare_sets(const Run *run, const List *earlier, const List *undone,
			 const KeyedTable *table, int kilobytes, Reconciliation *result,
			 ReconcileFn fn, void *arg)
{
	int			share = kilobytes / FULL_SETS;
	uint64		without_key;
	Int8Sort   *sets[SET_COUNT] = {
		[SET_BASELINE] = read_ledger(list_make1(unconstify(Run *, run)), RUN_BASELINE, share),
		[SET_INSERTED] = read_ledger(list_make1(unconstify(Run *, run)), RUN_INSERTED, share),
		[SET_PRESENT] = read_present(table, share, &without_key),
		[SET_EARLIER] = read_ledger(earlier, RUN_INSERTED, share),
		[SET_UNDONE] = read_ledger(undone, RUN_INSERTED, share)
	};
	const int64 *rows[SET_COUNT];
	KeyState	key;

	memset(result, 0, sizeof(Reconciliation));
	result->items = result->others = without_key;
	for (int i = 0; i < SET_COUNT; i++)
	{
		rows[i] = NULL;
		if (sets[i] == NULL)
			continue;
		int8_sort_perform(sets[i]);
		rows[i] = int8_sort_next(sets[i]);
	}
	while (next_key(sets, rows, &key))
		count_key(&key, result, fn, arg);
	for (int i = 0; i < SET_COUNT; i++)
	{
		if (sets[i])
			int8_sort_end(sets[i]);
	}
}

/* The rows of runs, or NULL when there are no runs. */
static Int8Sort *
read_ledger(const List *runs, RunRows which, int kilobytes)
{
	Int8Sort   *sort = runs == NIL ? NULL : int8_sort_begin(ROW_COLUMNS, kilobytes, false);
	const ListCell *lc;

	foreach(lc, runs)
		run_each_row(lfirst(lc), which, add_ledger_row, sort);
	return sort;
}

static Int8Sort *
read_present(const KeyedTable *table, int kilobytes, uint64 *without_key)
{
	ReadState	state = {
		int8_sort_begin(ROW_COLUMNS, kilobytes, false),
		content_hasher(table->oid, 1),
		0
	};
	ScanColumn	key = {table->id_attnum, SCAN_INT8};

	scan_each(table->oid, &key, 1, true, add_present_row, &state);
	*without_key = state.without_key;
	return state.sort;
}

static void
add_ledger_row(const KeyedRow *row, void *arg)
{
	put_row(arg, row->key, row->hash);
}

static void
add_present_row(TupleTableSlot *slot, void *arg)
{
	ReadState  *state = arg;

	/* Only a foreign table has rows that its NOT NULL does not allow. */
	if (slot->tts_isnull[0])
	{
		state->without_key++;
		return;
	}
	put_row(state->sort, slot_int8(slot, 0), content_hash(state->hasher, slot));
}

static void
put_row(Int8Sort *sort, int64 key, uint64 hash)
{
	int64		row[ROW_COLUMNS];

	row[ROW_KEY] = key;
	row[ROW_HASH] = (int64) hash;
	int8_sort_put(sort, row);
}

/*
 * Collects the rows of the least remaining key and advances the sets that have
 * it; rows holds the next row of each set.  Of rows in the table that share the
 * key, the one that the ledger has is taken.  False when all sets are at their end.
 */
static bool
next_key(Int8Sort *const *sets, const int64 **rows, KeyState *key)
{
	bool		any = false;

	memset(key, 0, sizeof(KeyState));
	for (int i = 0; i < SET_COUNT; i++)
	{
		if (rows[i] && (!any || rows[i][ROW_KEY] < key->key))
			key->key = rows[i][ROW_KEY];
		any |= rows[i] != NULL;
	}

	for (int i = 0; i < SET_COUNT; i++)
	{
		while (rows[i] && rows[i][ROW_KEY] == key->key)
		{
			uint64		hash = (uint64) rows[i][ROW_HASH];

			if (i == SET_PRESENT && key->found[i])
				key->repeats++;
			if (i != SET_PRESENT || !key->found[i] || is_in_ledger(key, hash))
				key->hash[i] = hash;
			key->found[i] = true;
			rows[i] = int8_sort_next(sets[i]);
		}
	}
	return any;
}

/* The set of the table's rows is the last: the ledger's are known. */
static bool
is_in_ledger(const KeyState *key, uint64 hash)
{
	return key->found[SET_INSERTED] ? key->hash[SET_INSERTED] == hash :
		key->found[SET_BASELINE] && key->hash[SET_BASELINE] == hash;
}

/*
 * Counts the rows of one key.  A key that is both in the baseline and among the
 * inserted rows belonged to an old row that was deleted before the run used its
 * key again: as a row of the baseline it is missing.
 */
static void
count_key(const KeyState *key, Reconciliation *result, ReconcileFn fn, void *arg)
{
	bool		present = key->found[SET_PRESENT];
	uint64		hash = key->hash[SET_PRESENT];

	result->items += present + key->repeats;
	result->others += key->repeats;
	result->baseline += key->found[SET_BASELINE];

	if (key->found[SET_INSERTED])
	{
		bool		changed = present && hash != key->hash[SET_INSERTED];

		result->inserted++;
		result->inserted_missing += !present;
		result->inserted_changed += changed;
		result->inserted_intact += present && !changed;
		if (key->repeats > 0 && result->inserted_repeated++ == 0)
			result->repeated_key = key->key;
		result->baseline_missing += key->found[SET_BASELINE];
		if (!present || changed)
			add_deviation(key, result);
		if (present && fn)
			fn(key->key, changed, arg);
	}
	else if (key->found[SET_BASELINE])
		count_older_key(key, result);
	else
		result->others += present;
}

/*
 * Counts a row from before the run.  The run that inserted it knows its content
 * better than the baseline, which already has what was changed between the runs.
 * What was deleted between them is not in the baseline: this run has looked at the
 * source again.
 */
static void
count_older_key(const KeyState *key, Reconciliation *result)
{
	bool		present = key->found[SET_PRESENT];
	bool		changed = present && key->hash[SET_PRESENT] !=
		key->hash[key->found[SET_EARLIER] ? SET_EARLIER : SET_BASELINE];

	result->earlier += present && key->found[SET_EARLIER];
	if (!present && key->found[SET_UNDONE])
	{
		result->undone++;
		return;
	}
	if (!present || changed)
		add_deviation(key, result);
	result->baseline_missing += !present;
	result->baseline_changed += changed;
	result->baseline_intact += present && !changed;
}

/* Keeps the key of a changed or missing row, if it is among the first. */
static void
add_deviation(const KeyState *key, Reconciliation *result)
{
	bool		present = key->found[SET_PRESENT];
	int64	   *keys = present ? result->changed : result->missing;
	int		   *n = present ? &result->nchanged : &result->nmissing;

	result->fingerprint += mix64(mix64((uint64) key->key) + (present ? key->hash[SET_PRESENT] : 0));
	if (*n < RECONCILE_EXAMPLES)
		keys[(*n)++] = key->key;
}
