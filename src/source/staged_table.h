/*-------------------------------------------------------------------------
 *
 * staged_table.h
 *	  A staged table of the old system: finding it, and what it must have.
 *
 * The argument what ("source", "menu") names the table in messages.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_STAGED_TABLE_H
#define MENUCA_STAGED_TABLE_H

#include "access/attnum.h"

/*
 * The table that a setting with that value (name) names; InvalidOid when it does
 * not exist or the caller may not use its schema.
 */
extern Oid	staged_table_find(const char *setting, const char *name);

/*
 * Locks the relation for reading.  Raises an error when it does not exist, is
 * not a table (but a view, an index or a sequence, for example), or the caller
 * may not read it.
 */
extern void staged_table_require(Oid relid, const char *what);

/*
 * The number of a column, by its name.  Raises an error, with that detail and
 * hint, when it does not exist, and another one when its type is neither an
 * integer type nor numeric.
 */
extern AttrNumber staged_integer_column(Oid relid, const char *what,
										const char *column,
										const char *detail, const char *hint);

/*
 * The call that loads a table of the old system's dump into a staging table, and
 * where its first argument comes from; a clause without a full stop.  Both names
 * are as in SQL.
 */
extern char *staged_load_call(const char *old_table, const char *table);

/* The same as one statement; the dump's text takes the place of the dots. */
extern char *staged_load_statement(const char *old_table, const char *table);

/* A column by its name in any letter case; InvalidAttrNumber if none. */
extern AttrNumber staged_column_any_case(Oid relid, const char *column);

#endif							/* MENUCA_STAGED_TABLE_H */
