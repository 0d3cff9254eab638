/*-------------------------------------------------------------------------
 *
 * baseline.h
 *	  The rows that a table has before a run, for the ledger.
 *
 * They are collected while the run is planned, and recorded once the run is in
 * the ledger.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BASELINE_H
#define MENUCA_BASELINE_H

#include "target/keyed_table.h"

/* The rows so far. */
typedef struct Baseline
{
	uint64		rows;
	uint64		checksum;		/* sum of the rows' content hashes */
	struct Int8Sort *sort;		/* their keys and hashes */
} Baseline;

/*
 * An empty baseline, in the current memory context.  It uses about that many
 * kilobytes of memory; more rows spill to disk.
 */
extern Baseline *baseline_begin(int kilobytes);

/* Adds a row by its primary key and content hash, in any order. */
extern void baseline_add(Baseline *baseline, int64 key, uint64 hash);

/* Adds all rows of a table, as the active query snapshot sees them. */
extern void baseline_read(Baseline *baseline, const KeyedTable *table);

/* Writes the rows to the ledger, as the baseline of that run, and frees them. */
extern void baseline_record(Baseline *baseline, int64 run_id);

#endif							/* MENUCA_BASELINE_H */
