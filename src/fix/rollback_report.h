/*-------------------------------------------------------------------------
 *
 * rollback_report.h
 *	  What a rollback reports: notices, the refusal, its result.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ROLLBACK_REPORT_H
#define MENUCA_ROLLBACK_REPORT_H

#include "fmgr.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "fix/rollback_state.h"

/* The word for a row of the run's table: "item", "step" or "row". */
extern const char *rollback_noun(const Run *run);

/* "run 1", or "run 2, a part of run 1,". */
extern char *rollback_run_label(const Run *run);

/* True if the state before the run is restored, that of its parts included. */
extern bool rollback_is_restored(const Rollback *rollback);

/* A NOTICE of what was done or, in a dry run, would be done. */
extern void rollback_announce(const Rollback *rollback);

/* Raises the reasons against the rollback as one error. */
pg_noreturn extern void rollback_raise_refusal(const Rollback *rollback);

/*
 * A JSON object of all its figures but the columns that decide, with the time since
 * start unless that is 0.
 */
extern char *rollback_figures_json(const Rollback *rollback, TimestampTz start);

/* The row that menuca_rollback() returns. */
extern Datum rollback_result(FunctionCallInfo fcinfo, const Rollback *rollback,
							 TimestampTz start);

#endif							/* MENUCA_ROLLBACK_REPORT_H */
