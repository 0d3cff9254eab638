/*-------------------------------------------------------------------------
 *
 * access_acl.h
 *	  The order of privileges in the catalog.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_ACL_H
#define MENUCA_ACCESS_ACL_H

#include "nodes/pg_list.h"

/*
 * Gives the privileges of a table with its columns and sequences (InvalidOid: of the
 * schemas and functions) the order that they had before, where they are the same:
 * nobody may do more or less than without it, but a dump is the same to the byte.
 * before and now are AccessItems, see access_state.h.  The table is locked against
 * everybody; what the caller does not own is left as it is.
 */
extern void access_acl_restore_order(Oid relid, const List *before, const List *now);

#endif							/* MENUCA_ACCESS_ACL_H */
