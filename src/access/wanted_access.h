/*-------------------------------------------------------------------------
 *
 * wanted_access.h
 *	  Who may do what on which table: table menuca_wanted_access.
 *
 * Restaurants' staff (the tenant) may do tenant_may with the rows whose
 * tenant_key equals their claim, customers may do user_may with the rows whose
 * user_key equals theirs, everybody reads the rows for which
 * public_may_read_where is true, and the platform's services may do admin_may
 * with all rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WANTED_ACCESS_H
#define MENUCA_WANTED_ACCESS_H

#include "nodes/primnodes.h"
#include "utils/acl.h"

#include "access/access_key.h"
#include "access/access_roles.h"

/* All commands that policies can allow. */
#define ACCESS_ALL (ACL_SELECT | ACL_INSERT | ACL_UPDATE | ACL_DELETE)

typedef struct WantedAccess
{
	char	   *table;
	AccessKey  *tenant_key;		/* NULL: no row is a tenant's */
	AclMode		tenant_may;
	char	   *public_where;	/* NULL: no row is public */
	AccessKey  *user_key;		/* NULL: no row is a customer's */
	AclMode		user_may;
	AclMode		admin_may;
	List	   *hidden;			/* columns that only the admin reads, quoted */

	/* From the catalog */
	Oid			relid;			/* InvalidOid: there is no such table */
	Node	   *public_expr;	/* public_where, analyzed */
	char	   *problem;		/* why it cannot be deployed, or NULL */
} WantedAccess;

/*
 * The wanted access of the target schema's tables: WantedAccesses, sorted by
 * table.  names: only these tables, C strings; NIL for all.  Raises an error
 * when the caller may not read menuca_wanted_access, or it does not list one
 * of the names.  What is wrong with a single row is its problem.
 */
extern List *wanted_access_tables(List *names);

/*
 * What a role may do with the table's rows, whichever they are; for the
 * tenant's role: as staff, as a customer or as a visitor.
 */
extern AclMode wanted_access_of_role(const WantedAccess *wanted, AccessRole role);

/*
 * An SQL condition: the row belongs to the tenant, or customer, that the
 * request's claim names.  The table has such a key.
 */
extern char *wanted_access_tenant_condition(const WantedAccess *wanted);
extern char *wanted_access_user_condition(const WantedAccess *wanted);

/* The same for a tenant that is given instead of claimed. */
extern char *wanted_access_condition_of_tenant(const WantedAccess *wanted, const char *tenant);

#endif							/* MENUCA_WANTED_ACCESS_H */
