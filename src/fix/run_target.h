/*-------------------------------------------------------------------------
 *
 * run_target.h
 *	  Whether a run of the ledger can have written to its table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RUN_TARGET_H
#define MENUCA_RUN_TARGET_H

#include "ledger/run_ledger.h"

/*
 * Raises an error unless the run's table is one that a run of its kind writes
 * to, in the schema of the setting menuca.target_schema.  So whatever a ledger
 * says, nothing is deleted from any other table.
 */
extern void run_target_require(const Run *run);

#endif							/* MENUCA_RUN_TARGET_H */
