/*-------------------------------------------------------------------------
 *
 * wanted_row.h
 *	  The wanted access of one table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WANTED_ROW_H
#define MENUCA_WANTED_ROW_H

#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
#include "utils/acl.h"

#include "access/access_key.h"

/* All commands that policies can allow. */
#define ACCESS_ALL (ACL_SELECT | ACL_INSERT | ACL_UPDATE | ACL_DELETE)

/* What menuca_wanted_access says of a table; see the view menuca_table_coverage. */
typedef enum AccessCoverage
{
	COVER_WANTED,
	COVER_PART,					/* it is reached through the table it is a
								 * part of */
	COVER_UNDECIDED				/* nothing: nobody but the services may use it */
} AccessCoverage;

typedef struct WantedAccess
{
	char	   *table;			/* qualified and quoted if it is in another
								 * schema */
	AccessCoverage coverage;
	bool		core;			/* what is impossible for it is a failure */
	bool		optional;		/* it may be absent */
	AccessKey  *tenant_key;		/* NULL: no row is a tenant's */
	AclMode		tenant_may;
	char	   *public_where;	/* NULL: no row is public */
	AccessKey  *user_key;		/* NULL: no row is a customer's */
	AclMode		user_may;
	AclMode		admin_may;
	bool		public_with_tenant; /* a row is public only while its tenant
									 * is */
	const List *all;			/* WantedAccesses of all tables, this one
								 * among them */

	/*
	 * Columns, quoted, as they concern staff and customers; generated ones
	 * are only among the hidden.  See wanted_columns.h.
	 */
	List	   *hidden;			/* only the admin reads and writes them */
	List	   *read_only;		/* they are read, but not updated */
	List	   *writable;		/* they are updated: all others */
	List	   *insertable;		/* a new row may give them a value */
	bool		limits_insert;	/* some columns are not insertable */
	char	   *insert_needs;	/* a column that is not, although no row can
								 * do without it; or NULL */

	/* From the catalog */
	Oid			relid;			/* InvalidOid: there is no such table */
	bool		foreign;		/* a foreign table */
	Node	   *public_expr;	/* public_row_parse() of public_where */
	bool		owns_itself;	/* each row is a tenant: tenant_key is the
								 * primary key */
	char	   *problem;		/* why it cannot be deployed, or NULL */
} WantedAccess;

/*
 * The commands of a list such as "select,insert"; NULL: none.  update and delete
 * include select: an UPDATE or DELETE finds its rows by reading them.  Raises an
 * error on any other word.
 */
extern AclMode wanted_row_commands(const char *list);

#endif							/* MENUCA_WANTED_ROW_H */
