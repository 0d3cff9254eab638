/*-------------------------------------------------------------------------
 *
 * item_indexes.h
 *	  Entering new rows into a table's indexes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ITEM_INDEXES_H
#define MENUCA_ITEM_INDEXES_H

#include "nodes/execnodes.h"

typedef struct ItemIndexes ItemIndexes;

/*
 * Prepares to enter rows, which come in ascending order of each of the
 * columns ordered (ended by an InvalidAttrNumber), into the indexes of a
 * relation.  None of them may be deferrable or an exclusion constraint's.
 * May keep as many kilobytes of entries in memory.
 */
extern ItemIndexes *item_indexes_open(ResultRelInfo *relinfo, EState *estate,
									  const AttrNumber *ordered, int kilobytes);

/*
 * Enters n rows that are stored already, and whose slots know where; entries
 * of some indexes wait for item_indexes_finish().  Raises an error on a unique
 * key that is there already.
 */
extern void item_indexes_add(ItemIndexes *indexes, TupleTableSlot **slots, int n);

/* Enters what waits, and closes the indexes. */
extern void item_indexes_finish(ItemIndexes *indexes);

#endif							/* MENUCA_ITEM_INDEXES_H */
