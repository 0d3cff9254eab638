/*-------------------------------------------------------------------------
 *
 * item_writer.h
 *	  Writing planned items.
 *
 * There are two engines.  The executor's is an INSERT: everything that an
 * INSERT honours is honoured.  The native one forms the rows itself, stores
 * them many at a time, enters the indexes in the order of their keys, and
 * proves the references by locking each parent once.  It gives the same
 * guarantees, but only to tables it understands; item_writer_choose_engine() tells.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ITEM_WRITER_H
#define MENUCA_ITEM_WRITER_H

#include "target/junction.h"
#include "write/new_item.h"
#include "write/uuid_pool.h"

typedef enum Engine
{
	ENGINE_NATIVE,
	ENGINE_EXECUTOR
} Engine;

/* "native" or "executor": for menuca_fix_result and the ledger. */
extern const char *item_writer_engine_name(Engine engine);

/*
 * The engine that is to write to the target: the native one unless the setting
 * menuca.engine is against it or there is an obstacle.  That is returned as a
 * clause ("it has the trigger ..."), or NULL.
 */
extern Engine item_writer_choose_engine(const Target *target, char **obstacle);

/*
 * Removes from n > 0 items, sorted by group and dish, those whose pair has got
 * a row since they were planned; returns how many are left.  The caller holds
 * keyed_table_lock(), and the active snapshot was taken after it.
 */
extern int	item_writer_drop_present(const Target *target, NewItem *items, int n);

/* Items on their way into a table, in one transaction. */
typedef struct ItemWriter ItemWriter;

/*
 * Begins to write, with the best engine that fits.  The caller holds
 * keyed_table_lock().  rebuild_indexes: they need not be kept up to date, but are
 * rebuilt by item_writer_end(), which takes ACCESS EXCLUSIVE; only the native engine
 * does so.  uuid_pool: where random uuids come from, or NULL.  May use so many
 * kilobytes of memory.  Allocated in the current memory context.
 */
extern ItemWriter *item_writer_begin(const Target *target, bool rebuild_indexes,
							   UuidPool *uuid_pool, int kilobytes);

/* The engine that writes. */
extern Engine item_writer_engine(const ItemWriter *writer);

/*
 * Says which groups and dishes the items will refer to: ids sorted and
 * distinct.  Must be called before the items are inserted.  Raises the
 * foreign key's error when one is not there.
 */
extern void item_writer_reference(ItemWriter *writer, const int64 *groups, int ngroups,
							const int64 *dishes, int ndishes);

/*
 * Inserts n items and fills rows, of that length, with the new rows' keys and
 * content hashes, sorted by key.  Items of a transaction come sorted by group
 * and dish.  Raises an error when a constraint is violated or a trigger
 * keeps a row from being inserted.
 */
extern void item_writer_insert(ItemWriter *writer, const NewItem *items, int n,
						 KeyedRow *rows);

/* Completes the indexes.  Until then the table must not be looked at. */
extern void item_writer_end(ItemWriter *writer);

#endif							/* MENUCA_ITEM_WRITER_H */
