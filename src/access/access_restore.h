/*-------------------------------------------------------------------------
 *
 * access_restore.h
 *	  Giving back what deployments changed, and comparing with the time before.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_RESTORE_H
#define MENUCA_ACCESS_RESTORE_H

#include "nodes/pg_list.h"

/*
 * Takes back the privileges that deployments of a table (NULL, InvalidOid: of the
 * schemas) have granted, and gives back those that they have revoked, also on columns
 * and with grant option; what others have changed since stays.  Returns what could not
 * be done, as C strings.
 */
extern List *access_restore_privileges(const char *table, Oid relid);

/*
 * Creates the policies again that were there before the deployments, which have
 * dropped or replaced them, unless the table has one of that name.  Returns their names.
 */
extern List *access_restore_policies(const char *table, Oid relid, bool dry_run);

/*
 * Gives the privileges their order from before the deployments, and returns, as C
 * strings, in what the table (or the schemas) differ from that time.
 */
extern List *access_restore_differences(const char *table, Oid relid);

#endif							/* MENUCA_ACCESS_RESTORE_H */
