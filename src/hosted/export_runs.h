/*-------------------------------------------------------------------------
 *
 * export_runs.h
 *	  Which runs of the ledger an export has.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_RUNS_H
#define MENUCA_EXPORT_RUNS_H

#include "nodes/pg_list.h"

/*
 * The runs that an export up to that run has, in the order in which they were made:
 * those of the same target schema that have completed and are in effect, with their
 * parts; a list of Runs.  Raises an error, with the next call, unless that run is one
 * of them, when the ledger of one of them is damaged, or while a run is open.
 */
extern List *export_runs_up_to(int64 run_id);

/*
 * The runs that have rows in the same table, but are not in that list: what they
 * inserted is not in the database that the copy was made of.
 */
extern List *export_runs_besides(const List *runs, const char *schema, const char *table);

/* What the ledger says of each run, and who has approved what: a list of lines. */
extern List *export_runs_describe(const List *runs);
extern List *export_runs_approvals(const char *schema, const char *kind);

#endif							/* MENUCA_EXPORT_RUNS_H */
