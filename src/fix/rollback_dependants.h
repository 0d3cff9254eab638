/*-------------------------------------------------------------------------
 *
 * rollback_dependants.h
 *	  Rows of other tables that depend on the rows that a rollback deletes.
 *
 * A DELETE would delete or change them, too, or fail because of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ROLLBACK_DEPENDANTS_H
#define MENUCA_ROLLBACK_DEPENDANTS_H

#include "fix/rollback_state.h"

/*
 * Locks the tables that refer to the run's table against writers, so that
 * nobody adds a dependent row between counting and deleting.
 */
extern void rollback_lock_dependants(const Rollback *rollback);

/*
 * Counts the dependent rows on the active snapshot: sets dependants, blocked
 * holds_items and holds_steps, and appends to the reasons.  What the run's own parts
 * inserted does not count.  Raises an error when the caller may not read one
 * of the tables.
 */
extern void rollback_count_dependants(Rollback *rollback);

#endif							/* MENUCA_ROLLBACK_DEPENDANTS_H */
