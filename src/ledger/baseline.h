/*-------------------------------------------------------------------------
 *
 * baseline.h
 *	  The rows that are there before a run, for the ledger.
 *
 * They are collected while the run plans, and recorded when the ledger knows
 * it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BASELINE_H
#define MENUCA_BASELINE_H

#include "ledger/run_ledger.h"
#include "target/keyed_table.h"

typedef struct Baseline
{
	uint64		rows;
	uint64		checksum;		/* sum of the rows' content hashes */
	struct Int8Sort *sort;
} Baseline;

/*
 * An empty baseline in the current memory context, of about so many kilobytes;
 * more rows spill.
 */
extern Baseline *baseline_begin(int kilobytes);

/* Adds a row, in any order. */
extern void baseline_add(Baseline *baseline, int64 key, uint64 hash);

/* Adds all rows of a table, as the active snapshot sees them. */
extern void baseline_read(Baseline *baseline, const KeyedTable *table);

/* Writes it to the ledger, as that run's, and frees it. */
extern void baseline_record(Baseline *baseline, int64 run_id);

#endif							/* MENUCA_BASELINE_H */
