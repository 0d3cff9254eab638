/*-------------------------------------------------------------------------
 *
 * trial_condition.h
 *	  Making a table's public condition true, or not, for a trial row, and in
 *	  each of the ways in which it can be not true.
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

/* True if everybody may read the row: access_public_condition() is true. */
extern bool trial_condition_is_true(const WantedAccess *wanted, const char *where);

/*
 * Calls fn for each way in which a row, which is public, stops being public by
 * one part of the condition alone, which other parts cannot make up for: by a
 * value of one column, which name tells.  The row is as it was after each call,
 * with all that fn did.  Values are tried that the column's type suggests, and
 * those that the table's policies and checks name.
 */
typedef void (*TrialVariantFn) (const char *name, void *arg);

extern void trial_condition_each_variant(const WantedAccess *wanted, const char *where,
										 TrialVariantFn fn, void *arg);

/*
 * Likewise for each value of a column that policies of the table read, although
 * the public condition does not: what a policy of others may ask for.  The first
 * function tells whether there is such a column.
 */
extern bool trial_condition_has_policy_values(const WantedAccess *wanted);
extern void trial_condition_each_policy_value(const WantedAccess *wanted, const char *where,
											  TrialVariantFn fn, void *arg);

#endif							/* MENUCA_TRIAL_CONDITION_H */
