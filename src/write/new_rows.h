/*-------------------------------------------------------------------------
 *
 * new_rows.h
 *	  Inserting rows by a statement, for the ledger.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_NEW_ROWS_H
#define MENUCA_NEW_ROWS_H

#include "base/query.h"
#include "ledger/run_ledger.h"
#include "target/keyed_table.h"

/*
 * Runs a statement that inserts n rows and returns their primary keys as
 * bigints, and fills rows, of that length, with the keys and content hashes
 * of what is in the table afterwards, in any order.  noun, "new item", is for
 * messages.  Raises an error when a trigger or rule keeps a row out.
 */
extern void new_rows_insert(const KeyedTable *table, const char *sql,
							QueryArgs *args, const char *noun,
							KeyedRow *rows, int n);

/*
 * How a primary key without a default is numbered on, for a SELECT over rows v
 * that have a number from 1; the caller holds keyed_table_lock().
 */
extern char *new_rows_next_key(const KeyedTable *table);

/* Sorts rows by key, as the ledger wants them. */
extern void new_rows_sort(KeyedRow *rows, int n);

#endif							/* MENUCA_NEW_ROWS_H */
