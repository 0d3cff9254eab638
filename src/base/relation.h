/*-------------------------------------------------------------------------
 *
 * relation.h
 *	  Relations, as the catalog has them: names, rights and keys.
 *
 * Names are returned in the current memory context.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RELATION_H
#define MENUCA_RELATION_H

#include "access/attnum.h"
#include "nodes/primnodes.h"
#include "storage/lockdefs.h"
#include "utils/acl.h"
#include "utils/relcache.h"

#include "base/compat.h"

/*
 * Parses a table name as a caller wrote it, such as schema.table.  what names
 * the argument or setting, for the error that is raised when it is not valid.
 */
extern RangeVar *relation_parse_name(const char *what, const char *name);

/*
 * Raises an error unless the caller may use the relation's schema, has the
 * rights on the relation (or on some of its columns) and row security hides none
 * of its rows from the caller.  Nor may it be a temporary table of another session.
 */
extern void relation_require(Oid relid, AclMode rights);

/*
 * True if the caller has one of the rights on the relation, owns it, or has the
 * right on the schema.  Each raises an error when another session has dropped it.
 */
extern bool relation_may(Oid relid, AclMode rights);
extern bool relation_is_owned(Oid relid);
extern bool relation_may_in_schema(Oid schema, AclMode right);

/*
 * Locks a relation, whose OID was looked up before, and all that SELECT reads with
 * it: its partitions, or the tables that inherit from it.  Raises an error when
 * another session has dropped it meanwhile.
 */
extern void relation_lock(Oid relid, LOCKMODE mode);

/*
 * Looks up a relation by its name and locks it in the same way, after the caller's rights
 * on it were checked (rights 0: none are).  The name is looked up again after the lock:
 * while it was waited for, the relation may have been renamed, and another one have got
 * its name.  InvalidOid when there is none.
 */
extern Oid	relation_lock_by_name(Oid schema, const char *name, LOCKMODE mode, AclMode rights);

/* Locks and opens it alone, for relation_close(); raises the same error. */
extern Relation relation_lock_and_open(Oid relid, LOCKMODE mode);

/*
 * Opens a relation that this transaction has locked, for relation_close().  Raises
 * an error when a trigger that this call has fired dropped it.
 */
extern Relation relation_open_locked(Oid relid);

/*
 * Raises the error that a relation was dropped by another session or, when its
 * display name is not known any more (NULL), by a trigger or another session.
 */
pg_noreturn extern void relation_raise_dropped(const char *name);

/*
 * True if tables inherit from the relation; partitions do not.  The caller holds a
 * lock on it, as for the next function.
 */
extern bool relation_has_heirs(Oid relid);

/* True if the relation, or one of its partitions or heirs, is a foreign table. */
extern bool relation_has_foreign_rows(Oid relid);

/*
 * Raises an error when the relation, or one of its partitions or heirs, is a
 * foreign table whose owner, or whose server's owner, is no superuser.  A
 * superuser's query would connect to wherever these say, and without a password:
 * to this very server, as a superuser.
 */
extern void relation_require_safe_servers(Oid relid);

/*
 * The role that owns a relation.  This function and the next two raise an error
 * when another session has dropped the relation meanwhile.
 */
extern Oid	relation_owner(Oid relid);

/* The qualified name of a relation, quoted for SQL. */
extern char *relation_quoted_name(Oid relid);

/* The qualified name of a relation without quotes, for messages. */
extern char *relation_display_name(Oid relid);

/* True if the relation has a column of that name. */
extern bool relation_has_column(Oid relid, const char *column);

/*
 * The column of the primary key, if the key is one column of an integer type;
 * otherwise InvalidAttrNumber.
 */
extern AttrNumber relation_key_column(Oid relid);

#endif							/* MENUCA_RELATION_H */
