/*-------------------------------------------------------------------------
 *
 * fix_report.h
 *	  What a fix reports: notices, results, the ledger's figures.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_REPORT_H
#define MENUCA_FIX_REPORT_H

#include "fmgr.h"
#include "utils/timestamp.h"

#include "fix/fix_state.h"

/*
 * The plan and the end of the run as NOTICEs: in one line, of a dry run that of the
 * plan, of a real one that of its end; with menuca.details in several, with the
 * plan's warnings as WARNINGs.
 */
extern void fix_announce_plan(const Fix *fix, bool dry_run);
extern void fix_announce_end(const Fix *fix);

/*
 * A menuca_fix_result, which is also the row of the procedures' INOUT arguments, of
 * a call that began at start.
 */
extern Datum fix_result(FunctionCallInfo fcinfo, const Fix *fix, bool dry_run,
						TimestampTz start);

/*
 * JSON objects for the ledger: the parameters by which the run is judged, so
 * that nobody can change them afterwards; the outcomes; the orphan rates and
 * the broken items and, unless planned is NULL, what else is known of that plan:
 * probes, warnings, how it is written, and checksums.
 */
extern char *fix_parameters_json(const FixOptions *options);
extern char *fix_outcomes_json(const PlanFigures *figures);
extern char *fix_figures_json(const OrphanFigures *orphans,
							  const Integrity *integrity, const Fix *planned);

#endif							/* MENUCA_FIX_REPORT_H */
