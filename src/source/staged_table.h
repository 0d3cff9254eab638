/*-------------------------------------------------------------------------
 *
 * staged_table.h
 *	  Reading a staged table of the old system: what it has to be.
 *
 * what is the table's part, such as "source" or "menu", for messages.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_STAGED_TABLE_H
#define MENUCA_STAGED_TABLE_H

#include "access/attnum.h"

/*
 * The table that a setting of that name and value names; InvalidOid when there
 * is none, also when it would be in a schema that the caller may not use.
 */
extern Oid	staged_table_find(const char *setting, const char *name);

/*
 * Locks the relation for reading.  Raises an error when it is no table (a
 * view, an index or a sequence is none) or the caller may not read it.
 */
extern void staged_table_require(Oid relid, const char *what);

/*
 * The number of a column, by its name.  Raises an error, with that detail and
 * hint, when there is none, and when it holds no integers.
 */
extern AttrNumber staged_integer_column(Oid relid, const char *what,
										const char *column,
										const char *detail, const char *hint);

/* A column by its name in any case of letters; InvalidAttrNumber: none. */
extern AttrNumber staged_column_any_case(Oid relid, const char *column);

#endif							/* MENUCA_STAGED_TABLE_H */
