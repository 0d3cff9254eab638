/*-------------------------------------------------------------------------
 *
 * keyed_insert.h
 *	  Inserting rows of which the ledger wants key and hash.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_KEYED_INSERT_H
#define MENUCA_KEYED_INSERT_H

#include "keyed_table.h"
#include "query.h"
#include "run.h"

/*
 * Runs an INSERT of n rows that returns their keys as int8, and fills rows, of
 * that length, with their keys and content hashes, as triggers and defaults
 * left them; in any order.  noun is what a row is called, such as "item".
 * Raises an error when a trigger keeps one from being inserted.
 */
extern void keyed_insert(const KeyedTable *table, const char *noun,
						 const char *statement, QueryArgs *args, int n,
						 KeyedRow *rows);

/*
 * An expression for the key of a new row of a table whose key has no default:
 * numbered on from the greatest one, which keyed_table_lock() makes safe.
 * number is the row's, from 1.
 */
extern char *keyed_insert_key(const KeyedTable *table, const char *number);

#endif							/* MENUCA_KEYED_INSERT_H */
