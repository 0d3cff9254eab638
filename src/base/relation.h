/*-------------------------------------------------------------------------
 *
 * relation.h
 *	  What the catalog says of relations.
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
extern RangeVar *relation_parse_name(const char *what, const char *name);

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

#endif							/* MENUCA_RELATION_H */
