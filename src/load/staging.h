/*-------------------------------------------------------------------------
 *
 * staging.h
 *	  The staging table that a dump is loaded into.
 *
 * The loader marks each table that it creates by a comment, which pg_dump keeps
 * and only the table's owner can set.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_STAGING_H
#define MENUCA_STAGING_H

#include "access/attnum.h"
#include "utils/relcache.h"

#include "mysql/mysqldump_types.h"

/* How a load treats existing rows of its staging table. */
typedef enum LoadMode
{
	LOAD_INTO_EMPTY,			/* refuses if there are any */
	LOAD_APPEND,				/* keeps them */
	LOAD_REPLACE				/* truncates the table first */
} LoadMode;

/*
 * Opens the table named into_table.  Creates it from the dump's CREATE TABLE of
 * table_name if it does not exist (then *created is true), and truncates it with
 * LOAD_REPLACE.  It is locked against other writers until the transaction ends.
 * Raises an error when it cannot be created or is not a table, when it has rows
 * and mode is LOAD_INTO_EMPTY, when the mode is another one and the loader did
 * not make the table or it is in the target schema, and when the caller lacks
 * rights on it.
 */
extern Relation staging_open(const MysqldumpReader *reader,
							 const char *table_name, const char *into_table,
							 LoadMode mode, bool *created);

/*
 * The names of the triggers that an INSERT into the table, or into one of its
 * partitions, fires, separated by commas; NULL if there are none.
 */
extern char *staging_triggers(Relation rel);

/* The number of rows in the table, with those of this transaction. */
extern int64 staging_row_count(Relation rel);

/*
 * The statement that gives a column another type, so that the load can be
 * repeated: CREATE TABLE with all columns when this load created the table, else
 * ALTER TABLE.
 */
extern char *staging_type_hint(Relation rel, bool created, AttrNumber attnum,
							   const char *type);

#endif							/* MENUCA_STAGING_H */
