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

/* A row of the table of steps, without its key. */
typedef struct NewStep
{
	int64		item_id;
	int32		step;
	const char *text;			/* for the column that is to be filled; NULL:
								 * none */
} NewStep;

/* The column that the steps' texts are for. */
typedef enum NewStepText
{
	NEW_STEP_SUFFIX,			/* the dish's size */
	NEW_STEP_LABEL
} NewStepText;

/*
 * Inserts n steps, with their texts in that column if the table has it, and fills rows, an array of n, with the new rows' keys and
 * content hashes, sorted by key.  The caller holds keyed_table_lock().  Raises
 * the same errors as new_rows_insert().
 */
extern void new_steps_insert(const StepTable *steps, NewStepText column,
							 const NewStep *new_steps, int n, KeyedRow *rows);

#endif							/* MENUCA_NEW_STEPS_H */
