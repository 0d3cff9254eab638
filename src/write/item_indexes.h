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
 * Opens the indexes of a relation, to enter new rows into them.  Rows come in
 * ascending order of each of the columns in ordered, which InvalidAttrNumber
 * ends.  No index may be deferrable or of an exclusion constraint.  May keep that
 * many kilobytes of entries in memory.
 */
extern ItemIndexes *item_indexes_open(ResultRelInfo *relinfo, EState *estate,
									  const AttrNumber *ordered, int kilobytes);

/*
 * Enters n rows that are stored already, with their places in the slots.  Entries
 * of some indexes wait for item_indexes_finish().  Raises an error when a unique
 * key exists already.
 */
extern void item_indexes_add(ItemIndexes *indexes, TupleTableSlot **slots, int n);

/* Enters the waiting entries, and closes the indexes. */
extern void item_indexes_finish(ItemIndexes *indexes);

#endif							/* MENUCA_ITEM_INDEXES_H */
