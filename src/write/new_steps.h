/*-------------------------------------------------------------------------
 *
 * new_steps.h
 *	  Inserting combo steps.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_NEW_STEPS_H
#define MENUCA_NEW_STEPS_H

#include "target/step_table.h"

/* A row to be written. */
typedef struct NewStep
{
	int64		item_id;
	int32		step;
	const char *suffix;			/* NULL: none */
} NewStep;

/*
 * Inserts n steps and fills rows, of that length, with the new rows' keys and
 * content hashes, sorted by key.  The caller holds keyed_table_lock().
 */
extern void new_steps_insert(const StepTable *steps, const NewStep *new_steps,
							  int n, KeyedRow *rows);

#endif							/* MENUCA_NEW_STEPS_H */
