/*-------------------------------------------------------------------------
 *
 * column.h
 *	  Columns of relations, as the catalog has them.
 *
 * Names and types are returned in the current memory context.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_COLUMN_H
#define MENUCA_COLUMN_H

#include "access/attnum.h"

#include "base/compat.h"

/*
 * The column of that name or, when it was renamed, the only one with a foreign
 * key to the table referenced (InvalidOid: do not look for one).  Raises an
 * error when there is none.
 */
extern AttrNumber column_require(Oid relid, const char *column, Oid referenced);

/* The column of that name; InvalidAttrNumber when there is none. */
extern AttrNumber column_find(Oid relid, const char *column);

/*
 * The only column of a relation with a foreign key of its own to the table
 * referenced; InvalidAttrNumber when there is none, or more than one.
 */
extern AttrNumber column_find_referencing(Oid relid, Oid referenced);

/* "id, dish, order": the names of all columns, for messages. */
extern char *column_names(Oid relid);

/* A column's name, quoted for SQL. */
extern char *column_quoted(Oid relid, AttrNumber attnum);

/*
 * A column's type; the second function looks through domains, and stores the type's
 * modifier unless typmod is NULL.  These functions and those below raise an
 * error when another session has dropped the column meanwhile.
 */
extern Oid	column_type(Oid relid, AttrNumber attnum);
extern Oid	column_base_type(Oid relid, AttrNumber attnum, int32 *typmod);

/* A column's collation; InvalidOid when its type has none. */
extern Oid	column_collation(Oid relid, AttrNumber attnum);

/* A column's type, schema-qualified, as in a cast. */
extern char *column_type_name(Oid relid, AttrNumber attnum);

/*
 * An SQL expression for a column's value as text; alias is the table's.  A type
 * that somebody made is read through its output function, since a cast may be
 * code of his; it is NULL where the column is.
 */
extern char *column_as_text(Oid relid, AttrNumber attnum, const char *alias);

/*
 * The least and the greatest value of an integer type, or of a domain over
 * one; of any other type, those of bigint.
 */
extern void column_integer_range(Oid type, int64 *min, int64 *max);

/*
 * True if an INSERT that omits the column gives it a value: it has a default or
 * is an identity column.
 */
extern bool column_has_default(Oid relid, AttrNumber attnum);

/* True if the column is declared NOT NULL. */
extern bool column_is_not_null(Oid relid, AttrNumber attnum);

/*
 * True if the column's value is computed from other columns; the second function
 * asks whether that is done when it is read.
 */
extern bool column_is_generated(Oid relid, AttrNumber attnum);
extern bool column_is_virtual(Oid relid, AttrNumber attnum);

/* Raises the error that another session has dropped a column of the relation. */
pg_noreturn extern void column_raise_dropped(Oid relid);

#endif							/* MENUCA_COLUMN_H */
