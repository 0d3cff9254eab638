/*-------------------------------------------------------------------------
 *
 * row_former.h
 *	  The values of a new item's columns.
 *
 * Most columns have the same value in all rows of a transaction; the others get
 * theirs from the item or a sequence, or are random uuids.
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
 * The reason why rows of the target cannot be formed, as a clause; NULL when they
 * can.  rel is the junction's table.
 */
extern char *row_former_obstacle(const Target *target, Relation rel);

/*
 * True if the value of an expression may change while rows are written: it is
 * volatile, or calls a function of users that is not immutable and may read
 * tables.
 */
extern bool row_former_may_read_tables(Node *expression);

/*
 * Prepares to form rows of a target without an obstacle, with uuids from the
 * pool unless it is NULL.  Allocated in the current memory context.
 */
extern RowFormer *row_former_make(const Target *target, Relation rel,
								  UuidPool *uuid_pool);

/*
 * Takes keys and uuids for the next n rows and, the first time, evaluates the
 * defaults.  Raises the errors of the sequence and of the defaults.
 */
extern void row_former_supply(RowFormer *former, int n);

/*
 * Fills a slot of the relation with the next row, for that item; returns its key.
 * At most as many calls as rows were supplied.
 */
extern int64 row_former_fill(RowFormer *former, const NewItem *item,
							 TupleTableSlot *slot);

#endif							/* MENUCA_ROW_FORMER_H */
