/*-------------------------------------------------------------------------
 *
 * new_rows.h
 *	  Inserting rows by a statement, with their keys and hashes for the ledger.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_NEW_ROWS_H
#define MENUCA_NEW_ROWS_H

#include "base/query.h"
#include "target/keyed_table.h"

/*
 * Runs a statement that inserts n rows and returns their primary keys as bigints.
 * Fills rows, an array of n, with the keys and content hashes of the rows as they
 * are in the table afterwards, in any order.  noun, such as "new item", is for
 * messages.  Raises an error when a trigger or rule discards, moves or deletes a
 * row.
 */
extern void new_rows_insert(const KeyedTable *table, const char *sql,
							QueryArgs *args, const char *noun,
							KeyedRow *rows, int n);

/*
 * The SQL expression of a new primary key without a default: the greatest key
 * plus the number, from 1, of a row v.  The caller holds keyed_table_lock().
 */
extern char *new_rows_next_key(const KeyedTable *table);

/* Sorts rows by key, as the ledger requires. */
extern void new_rows_sort(KeyedRow *rows, int n);

#endif							/* MENUCA_NEW_ROWS_H */
