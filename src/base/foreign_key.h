/*-------------------------------------------------------------------------
 *
 * foreign_key.h
 *	  Foreign keys as conditions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FOREIGN_KEY_H
#define MENUCA_FOREIGN_KEY_H

#include "executor/tuptable.h"

/*
 * The condition that row child refers to row parent, both names of relations
 * in a query, by the key whose child_columns and parent_columns (of the view
 * menuca_foreign_key) are in the slot.
 */
extern char *foreign_key_condition(TupleTableSlot *slot, const char *child, const char *parent);

#endif							/* MENUCA_FOREIGN_KEY_H */
