/*-------------------------------------------------------------------------
 *
 * item_writer.h
 *	  Writing planned items.
 *
 * There are two engines.  The executor's engine is an INSERT, with everything
 * that an INSERT respects.  The native engine forms the rows itself, stores many
 * at a time, enters the indexes in the order of their keys, and proves the
 * references by locking each parent once.  It gives the same guarantees, but
 * only supports some tables: see item_writer_choose_engine().
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
 * The engine that writes to the target: the native one unless menuca.engine
 * forbids it or the table has a feature that it does not support.  *obstacle is
 * set to that feature as a clause ("it has the trigger ..."), or NULL.
 */
extern Engine item_writer_choose_engine(const Target *target, char **obstacle);

/*
 * Removes from n > 0 items, sorted by group and dish, those whose pair others
 * have inserted since the plan was made; returns the number of remaining items.
 * The caller holds keyed_table_lock(), and has taken the active query snapshot
 * after that.
 */
extern int	item_writer_drop_present(const Target *target, NewItem *items, int n);

/* Writing items to a table, in one transaction. */
typedef struct ItemWriter ItemWriter;

/*
 * Begins to write, with the engine that item_writer_choose_engine() returns.  The
 * caller holds keyed_table_lock().  With rebuild_indexes, the native engine does
 * not keep the indexes up to date; item_writer_end() rebuilds them and takes
 * ACCESS EXCLUSIVE for it.  Random uuids come from uuid_pool, unless it is NULL.
 * May use that many kilobytes of memory.  Allocated in the current memory
 * context.
 */
extern ItemWriter *item_writer_begin(const Target *target, bool rebuild_indexes,
									 UuidPool *uuid_pool, int kilobytes);

/* The engine that the writer uses. */
extern Engine item_writer_engine(const ItemWriter *writer);

/*
 * Announces the groups and dishes that the items will refer to, by their sorted
 * and distinct ids.  Must be called before the items are inserted.  The native
 * engine locks them, and raises the foreign key's error when one does not exist.
 */
extern void item_writer_reference(ItemWriter *writer, const int64 *groups, int ngroups,
								  const int64 *dishes, int ndishes);

/*
 * Inserts n items and fills rows, an array of n, with the new rows' keys and
 * content hashes, sorted by key.  All items of a transaction come sorted by
 * group and dish.  Raises an error when a constraint is violated, or when a
 * trigger discards a row.
 */
extern void item_writer_insert(ItemWriter *writer, const NewItem *items, int n,
							   KeyedRow *rows);

/*
 * Completes the indexes and frees the writer.  Until then nothing may read the
 * table.
 */
extern void item_writer_end(ItemWriter *writer);

#endif							/* MENUCA_ITEM_WRITER_H */
