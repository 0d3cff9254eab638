/*-------------------------------------------------------------------------
 *
 * baseline.c
 *	  The rows that a table has before a run: see baseline.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/content_hash.h"
#include "base/int8_sort.h"
#include "base/scan.h"
#include "base/slot.h"
#include "ledger/baseline.h"
#include "ledger/run_ledger.h"

/* Rows of one chunk in the ledger: half a megabyte of hashes. */
#define CHUNK_ROWS 65536

/* State of baseline_read(). */
typedef struct ReadState
{
	Baseline   *baseline;
	ContentHasher *hasher;
} ReadState;

static void add_scanned_row(TupleTableSlot *slot, void *arg);


Baseline *
baseline_begin(int kilobytes)
{
	Baseline   *baseline = palloc0(sizeof(Baseline));

	baseline->sort = int8_sort_begin(2, kilobytes, false);
	return baseline;
}

void
baseline_add(Baseline *baseline, int64 key, uint64 hash)
{
	int64		values[2] = {key, (int64) hash};

	int8_sort_put(baseline->sort, values);
	baseline->rows++;
	baseline->checksum += hash;
}

void
baseline_read(Baseline *baseline, const KeyedTable *table)
{
	ReadState	state = {baseline, content_hasher(table->oid, 1)};
	ScanColumn	key = {table->id_attnum, SCAN_INT8};

	scan_each(table->oid, &key, 1, true, add_scanned_row, &state);
}

void
baseline_record(Baseline *baseline, int64 run_id)
{
	KeyedRow   *rows = palloc(sizeof(KeyedRow) * CHUNK_ROWS);
	const int64 *values;
	int			chunk = 0;
	int			n = 0;

	int8_sort_perform(baseline->sort);
	while ((values = int8_sort_next(baseline->sort)) != NULL)
	{
		rows[n].key = values[0];
		rows[n].hash = (uint64) values[1];
		if (++n == CHUNK_ROWS)
		{
			run_add_rows(run_id, RUN_BASELINE, ++chunk, rows, n);
			n = 0;
		}
	}
	if (n > 0)
		run_add_rows(run_id, RUN_BASELINE, ++chunk, rows, n);
	int8_sort_end(baseline->sort);
	pfree(rows);
	pfree(baseline);
}

static void
add_scanned_row(TupleTableSlot *slot, void *arg)
{
	ReadState  *state = arg;

	baseline_add(state->baseline, slot_int8(slot, 0), content_hash(state->hasher, slot));
}
