/*-------------------------------------------------------------------------
 *
 * apply.h
 *	  Writing planned items.
 *
 * Items are written through the executor, so that foreign keys, checks,
 * defaults, identity and generated columns, triggers and partitions are
 * honoured as in any INSERT.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_APPLY_H
#define MENUCA_APPLY_H

#include "run.h"
#include "target.h"

/* The name of the path that writes, for menuca_fix_result and the ledger. */
#define APPLY_ENGINE "executor"

/* An item to be written. */
typedef struct NewItem
{
	int64		group_id;
	int64		dish_id;
	int64		display_order;
	int64		source_id;
	bool		has_source_id;
} NewItem;

/*
 * Removes from items those whose pair has got a row since they were planned;
 * returns how many are left.  The caller holds target_lock(), and the active
 * snapshot was taken after it.
 */
extern int	apply_drop_present(const Target *target, NewItem *items, int n);

/*
 * Inserts n items and fills rows, of that length, with the new rows' keys and
 * content hashes, sorted by key.  The caller holds target_lock().  Raises an
 * error when a trigger keeps a row from being inserted.
 */
extern void apply_insert(const Target *target, const NewItem *items, int n,
						 KeyedRow *rows);

#endif							/* MENUCA_APPLY_H */
