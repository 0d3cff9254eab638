/*-------------------------------------------------------------------------
 *
 * fix_report.h
 *	  What is said of a fix: notices, results, the ledger's figures.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_REPORT_H
#define MENUCA_FIX_REPORT_H

#include "fmgr.h"
#include "utils/timestamp.h"

#include "fix/fix_state.h"

/* NOTICEs in the words of a migration lead; warnings are WARNINGs. */
extern void fix_announce_plan(const Fix *fix, bool dry_run);
extern void fix_announce_end(const Fix *fix);

/* A menuca_fix_result, and the INOUT arguments of the procedures. */
extern Datum fix_result(FunctionCallInfo fcinfo, const Fix *fix, bool dry_run,
						TimestampTz start);
extern Datum fix_batched_result(FunctionCallInfo fcinfo, const Fix *fix);

/*
 * JSON for the ledger: all that judges the run, so that nobody can change it
 * afterwards; the outcomes; the orphan rates with what is broken, and what the
 * probes found (NULL: they did not look).
 */
extern char *fix_parameters_json(const FixOptions *options);
extern char *fix_outcomes_json(const PlanFigures *figures);
extern char *fix_figures_json(const OrphanFigures *orphans,
							  const Integrity *integrity, const Probes *probes);

#endif							/* MENUCA_FIX_REPORT_H */
