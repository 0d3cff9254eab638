/*-------------------------------------------------------------------------
 *
 * relation.h
 *	  What the catalog says of relations and their columns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RELATION_H
#define MENUCA_RELATION_H

#include "access/attnum.h"
#include "nodes/primnodes.h"
#include "utils/acl.h"

/*
 * A table's name that a caller wrote, such as schema.table; what is the
 * argument or setting it stands in.  Raises an error when it is no name.
 */
extern RangeVar *parse_table_name(const char *what, const char *name);

/*
 * Raises an error unless the caller may use the relation's schema, has the
 * rights on the relation (or on some of its columns) and sees all of its rows.
 */
extern void relation_require(Oid relid, AclMode rights);

/* The role that owns a relation. */
extern Oid	relation_owner(Oid relid);

/* "schema"."name" of a relation. */
extern char *relation_quoted_name(Oid relid);

/* schema.name of a relation, for messages. */
extern char *relation_display_name(Oid relid);

/* True if the relation has a column of that name. */
extern bool relation_has_column(Oid relid, const char *column);

/*
 * The primary key's column if that is a single integer one, otherwise
 * InvalidAttrNumber.
 */
extern AttrNumber relation_key_column(Oid relid);

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

#endif							/* MENUCA_RELATION_H */
