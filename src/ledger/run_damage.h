/*-------------------------------------------------------------------------
 *
 * run_damage.h
 *	  Runs that the ledger does not have as a whole.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RUN_DAMAGE_H
#define MENUCA_RUN_DAMAGE_H

#include "nodes/pg_list.h"

/*
 * What is wrong with the ledger of a run, in words: it has no row, or more than
 * one, or other rows in its batches or its baseline than it counts.  NULL when
 * nothing is, or the caller may not read those tables.
 */
extern char *run_damage(int64 run_id);

/*
 * The ids, as strings, of runs whose rows the ledger has without the runs
 * themselves; NIL when there are none, or the caller may not read its tables.
 */
extern List *run_damage_lost_ids(void);

/* True if the run is one of these. */
extern bool run_damage_is_lost(int64 run_id);

/* Raises an error when the row of a run that is being written is gone. */
extern void run_damage_refuse_gone(int64 run_id);

/* Raises an error unless the ledger has the whole run, with that status. */
extern void run_damage_refuse_end(int64 run_id, const char *status);

#endif							/* MENUCA_RUN_DAMAGE_H */
