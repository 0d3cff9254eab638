/*-------------------------------------------------------------------------
 *
 * column.h
 *	  What the catalog says of relations' columns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_COLUMN_H
#define MENUCA_COLUMN_H

#include "access/attnum.h"

/*
 * A column by name or, when it was renamed, the only one that references the
 * given table (or InvalidOid).  Raises an error when there is none.
 */
extern AttrNumber column_require(Oid relid, const char *column, Oid referenced);

/* A column by name, or InvalidAttrNumber. */
extern AttrNumber column_find(Oid relid, const char *column);

/* A column's name, quoted. */
extern char *column_quoted(Oid relid, AttrNumber attnum);

/* Its type, qualified, as in a cast. */
extern char *column_type_name(Oid relid, AttrNumber attnum);

/* What a column of an integer type can hold; other types: any bigint. */
extern void column_integer_range(Oid type, int64 *min, int64 *max);

/* True if an INSERT that leaves the column away gives it a value. */
extern bool column_has_default(Oid relid, AttrNumber attnum);

/* True if it may not be NULL. */
extern bool column_is_not_null(Oid relid, AttrNumber attnum);

extern bool column_is_generated(Oid relid, AttrNumber attnum);

#endif							/* MENUCA_COLUMN_H */
