/*-------------------------------------------------------------------------
 *
 * combo_steps_report.h
 *	  What a fix of the steps reports: notices, result, the ledger's figures.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_COMBO_STEPS_REPORT_H
#define MENUCA_COMBO_STEPS_REPORT_H

#include "fmgr.h"
#include "utils/timestamp.h"

#include "fix/combo_steps_state.h"

/* The plan, with its warnings, and the end of the run. */
extern void combo_steps_announce_plan(const ComboSteps *fix);
extern void combo_steps_announce_end(const ComboSteps *fix);

/* A menuca_combo_steps_result. */
extern Datum combo_steps_result(FunctionCallInfo fcinfo, const ComboSteps *fix, TimestampTz start);

/* JSON objects for the ledger. */
extern char *combo_steps_parameters_json(const ComboSteps *fix);
extern char *combo_steps_outcomes_json(const StepPlan *plan);
extern char *combo_steps_figures_json(uint64 steps);

#endif							/* MENUCA_COMBO_STEPS_REPORT_H */
