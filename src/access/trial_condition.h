/*-------------------------------------------------------------------------
 *
 * trial_condition.h
 *	  Making a table's public condition true, or not, for a trial row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TRIAL_CONDITION_H
#define MENUCA_TRIAL_CONDITION_H

#include "access/wanted_row.h"

/*
 * Updates a row, if need be, until the public condition of its table is true,
 * or until it is not.  where: a condition that only this row meets.  Raises an
 * error when none of the values that are tried achieves that.
 */
extern void trial_condition_make(const WantedAccess *wanted, const char *where, bool is_true);

/*
 * trial_query_text() of a query that evaluates the condition of a table.  Raises an
 * error of class MC when the condition raises one: then the policy would, too.
 */
extern char *trial_condition_text(const char *sql);

#endif							/* MENUCA_TRIAL_CONDITION_H */
