/*-------------------------------------------------------------------------
 *
 * step_table.h
 *	  The table that says in which steps of a group its items stand.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_STEP_TABLE_H
#define MENUCA_STEP_TABLE_H

#include "target/junction.h"

typedef struct StepTable
{
	KeyedTable	table;
	char	   *item;			/* columns, quoted, for SQL */
	char	   *step;
	char	   *suffix;			/* NULL: none that holds text */
	char	   *item_type;		/* as in a cast */
	char	   *step_type;
	char	   *suffix_type;
	int			suffix_length;	/* characters that it holds; -1: any */
	char	   *more_columns;	/* others that get a value: ", a, b" */
	char	   *more_values;	/* and these values */
} StepTable;

/*
 * True if the junction has a table of steps, by its description, and there is
 * one in the target's schema.
 */
extern bool step_table_exists(const Target *target);

/* The greatest number of a step that it could hold; without one, an integer's. */
extern int64 step_table_greatest(const Target *target);

/*
 * Looks up the table of steps; the caller must have the given rights.  Takes
 * an AccessShareLock.  Errors as target_open().
 */
extern StepTable *step_table_open(const Target *target, AclMode rights);

#endif							/* MENUCA_STEP_TABLE_H */
