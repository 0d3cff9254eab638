/*-------------------------------------------------------------------------
 *
 * row_former.h
 *	  What each column of a new item gets.
 *
 * Most columns are the same in all rows of a transaction; the others come
 * from the item, from a sequence, or are random uuids.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ROW_FORMER_H
#define MENUCA_ROW_FORMER_H

#include "executor/tuptable.h"
#include "nodes/nodes.h"
#include "utils/relcache.h"

#include "target/junction.h"
#include "write/new_item.h"
#include "write/uuid_pool.h"

typedef struct RowFormer RowFormer;

/*
 * Why rows of the target cannot be formed, as a clause; NULL when they can.
 */
extern char *row_former_obstacle(const Target *target, Relation rel);

/*
 * True if what an expression comes to may change while rows are written: it is
 * volatile, or calls a function of the users' that is not immutable.
 */
extern bool row_former_may_read_tables(Node *expression);

/*
 * Prepares to form rows of a target without obstacles, with uuids from the
 * pool, if any.  Allocated in the current memory context.
 */
extern RowFormer *row_former_make(const Target *target, Relation rel,
								  UuidPool *uuid_pool);

/*
 * Takes as many keys and uuids as n rows need, and at first the defaults'
 * values.  Raises the sequence's errors and theirs.
 */
extern void row_former_supply(RowFormer *former, int n);

/* Fills a slot of the relation with the next row; returns its key. */
extern int64 row_former_fill(RowFormer *former, const NewItem *item,
							 TupleTableSlot *slot);

#endif							/* MENUCA_ROW_FORMER_H */
