/*-------------------------------------------------------------------------
 *
 * hosted_table.h
 *	  The wanted access of a table, for a database without the extension.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_HOSTED_TABLE_H
#define MENUCA_HOSTED_TABLE_H

#include "access/wanted_row.h"

typedef struct HostedTable
{
	const WantedAccess *wanted;
	char	   *name;			/* qualified and quoted */
	int			number;			/* in the set, from 1 */
	List	   *policies;		/* AccessPolicies, for that database */
	char	   *version;		/* SHA-256 of what the table's file says */
	char	   *json;			/* see access_hosted_deploy.sql: roles,
								 * visitors, policies, kept, may, limited,
								 * closed and more */
} HostedTable;

/*
 * The table as files need it.  views: the OwnerViews of all tables; number: of the
 * table in the set.  Raises the server's errors about conditions.
 */
extern HostedTable *hosted_table_make(const WantedAccess *wanted, const List *views, int number);

/*
 * What the matrix needs to try the table, as a JSON object; cells: AccessCells of the
 * copy's matrix.  NULL when none of them can be tried on rows that are there.
 */
extern char *hosted_table_cells(const HostedTable *table, const List *cells);

#endif							/* MENUCA_HOSTED_TABLE_H */
