/*-------------------------------------------------------------------------
 *
 * step_table.h
 *	  The table of the combo steps in which items are offered.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_STEP_TABLE_H
#define MENUCA_STEP_TABLE_H

#include "target/junction.h"

/* That table, as the catalog has it. */
typedef struct StepTable
{
	KeyedTable	table;
	char	   *item;			/* columns, quoted, for SQL */
	char	   *step;
	char	   *suffix;			/* a dish's size; NULL: no such text column */
	char	   *item_type;		/* as in a cast */
	char	   *step_type;
	char	   *suffix_type;
	int			suffix_length;	/* most characters that it holds; -1: any */
	char	   *label;			/* a step's label, likewise */
	char	   *label_type;
	int			label_length;
	char	   *extra_columns;	/* other columns to fill: ", a, b" */
	char	   *extra_values;	/* and their values: ", x, y" */
} StepTable;

/*
 * True if the junction's description names a table of steps and the target's
 * schema has it.
 */
extern bool step_table_exists(const Target *target);

/*
 * The greatest step number that the table can hold; without a table, the greatest
 * integer.
 */
extern int64 step_table_greatest(const Target *target);

/*
 * Looks up the table of steps, in the current memory context.  Takes an
 * AccessShareLock, held to the end of the transaction.  Raises the same errors as
 * target_open().
 */
extern StepTable *step_table_open(const Target *target, AclMode rights);

#endif							/* MENUCA_STEP_TABLE_H */
