/*-------------------------------------------------------------------------
 *
 * import_settings.h
 *	  The original's flags and weights as settings of the planner.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPORT_SETTINGS_H
#define MENUCA_IMPORT_SETTINGS_H

#include "takeover/import_plan.h"

/*
 * Reads feature_flag_overrides and strategic_configs; unless the call is a dry run, sets
 * what is another value now, and enters it in the ledger.  Adds the items.
 */
extern void import_settings(ImportCall *call);

#endif							/* MENUCA_IMPORT_SETTINGS_H */
