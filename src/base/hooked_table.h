/*-------------------------------------------------------------------------
 *
 * hooked_table.h
 *	  Tables that a hook of the server reads in its own way.
 *
 * Distributed servers keep the rows of a table elsewhere: the catalog has an ordinary
 * table, the planner's hook a plan that fetches them, with the rights of the role
 * that plans.  Locks and primary keys of such a table are this server's only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_HOOKED_TABLE_H
#define MENUCA_HOOKED_TABLE_H

#include "nodes/pg_list.h"

/* True if the server does not plan an ordinary scan of it.  The caller holds a lock. */
extern bool hooked_table(Oid relid);

/*
 * The first such relation of a list of OIDs, or InvalidOid.  *role becomes the role
 * that may plan and execute a query of ours that reads them: the caller, or, where
 * a plan could evaluate code of users, the owner of all of them.  If there are several
 * owners, none of the relations is found: nobody should plan a query of these.
 */
extern Oid	hooked_table_among(List *relids, Oid *role);

#endif							/* MENUCA_HOOKED_TABLE_H */
