/*-------------------------------------------------------------------------
 *
 * backfill_report.h
 *	  What a backfill reports: notices, its result, the ledger's figures.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BACKFILL_REPORT_H
#define MENUCA_BACKFILL_REPORT_H

#include "fmgr.h"
#include "utils/timestamp.h"

#include "fix/backfill_state.h"

/* NOTICEs before the first row, and after the last one. */
extern void backfill_announce_plan(const Backfill *backfill);
extern void backfill_announce_end(const Backfill *backfill);

/* The row that menuca_backfill_dishes() returns. */
extern Datum backfill_result(FunctionCallInfo fcinfo, const Backfill *backfill,
							 TimestampTz start);

/* JSON objects for the ledger: outcomes and parameters of the run, and figures. */
extern char *backfill_outcomes_json(const DishPlan *plan);
extern char *backfill_parameters_json(const Backfill *backfill);
extern char *backfill_figures_before_json(const Backfill *backfill, uint64 dishes);
extern char *backfill_figures_after_json(const Backfill *backfill);

#endif							/* MENUCA_BACKFILL_REPORT_H */
