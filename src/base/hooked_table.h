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

/* The first such relation of a list of OIDs, or InvalidOid. */
extern Oid	hooked_table_among(List *relids);

/*
 * The first relation of a list of OIDs whose expressions, which a plan may evaluate, or
 * those of its partitions and heirs, call functions that must not run as the caller; or
 * InvalidOid.  The caller trusts his own tables and those of superusers.
 */
extern Oid	hooked_table_distrusted(List *relids);

#endif							/* MENUCA_HOOKED_TABLE_H */
