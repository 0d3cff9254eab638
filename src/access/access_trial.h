/*-------------------------------------------------------------------------
 *
 * access_trial.h
 *	  The matrix of a table inside the transaction that changes it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_TRIAL_H
#define MENUCA_ACCESS_TRIAL_H

#include "access/wanted_row.h"

/* What the matrix said of a change. */
typedef struct AccessTrial
{
	int			cells;			/* that were tried */
	List	   *failures;		/* C strings: cells that fail */
	List	   *skipped;		/* C strings: cells that could not be tried */
	bool		waited;			/* a cell failed since others held a lock */
} AccessTrial;

/*
 * The cells that fail already in other tables, whose policies read this one: AccessCells.
 * To be called before the table is locked.
 */
extern List *access_trial_dependants(const WantedAccess *wanted);

/*
 * Tries the matrix of a table that has been changed in this transaction, and that of
 * the tables whose policies read it; of these, cells of before have failed already and
 * are no reason.  Raises the errors of access_matrix().
 */
extern AccessTrial access_trial_changed(const WantedAccess *wanted, const List *before);

#endif							/* MENUCA_ACCESS_TRIAL_H */
