/*-------------------------------------------------------------------------
 *
 * access.h
 *	  Who may do what on which table.
 *
 * The table menuca_wanted_access says it: restaurants' staff (the tenant) do
 * tenant_may with the rows whose tenant_key is their claim, customers do
 * user_may with the rows whose user_key is theirs, everybody reads the rows
 * for which public_may_read_where is true, and the platform's services do
 * admin_may with all rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_H
#define MENUCA_ACCESS_H

#include "nodes/primnodes.h"
#include "utils/acl.h"

#include "base/query.h"

/* The database roles that requests have. */
typedef enum AccessRole
{
	ROLE_PUBLIC,				/* without a login */
	ROLE_TENANT,				/* with a login: staff and customers */
	ROLE_ADMIN					/* the platform's own services */
} AccessRole;

#define ACCESS_ROLES (ROLE_ADMIN + 1)

/* All that policies are about. */
#define ACCESS_ALL (ACL_SELECT | ACL_INSERT | ACL_UPDATE | ACL_DELETE)

/* A table that a key leads to, and the column that goes on from there. */
typedef struct AccessHop
{
	char	   *table;
	Oid			relid;
	AttrNumber	key;			/* its primary key */
	char	   *column;
} AccessHop;

/* How a row's owner is found: a column, or one and parents. */
typedef struct AccessKey
{
	char	   *column;
	AttrNumber	attnum;
	List	   *hops;			/* AccessHop */
	Oid			type;			/* of the last column */
} AccessKey;

typedef struct WantedAccess
{
	char	   *table;
	AccessKey  *tenant_key;		/* NULL: nothing is the tenant's */
	AclMode		tenant_may;
	char	   *public_where;	/* NULL: nothing is public */
	AccessKey  *user_key;
	AclMode		user_may;
	AclMode		admin_may;
	List	   *hidden;			/* columns that only the admin reads, quoted */

	/* What the catalog says of it */
	Oid			relid;			/* InvalidOid: there is no such table */
	Node	   *public_expr;	/* public_where, analyzed */
	char	   *problem;		/* why it cannot be carried out, or NULL */
} WantedAccess;

/* The configured name of a role, and its OID or InvalidOid. */
extern const char *access_role_name(AccessRole role);
extern Oid	access_role_oid(AccessRole role);

/*
 * What is wrong with the configured roles, sentence by sentence; each with
 * the statement that mends it in remedies, at the same place.
 */
extern List *access_role_problems(List **remedies);

/*
 * The wanted access of the target schema's tables, by name.  names: only
 * these, C strings; NIL for all.  Raises an error when the caller may not read
 * menuca_wanted_access, or it has no row for a name.
 */
extern List *access_wanted(List *names);

/* What a role may do altogether; the tenant's: as staff, as customer, as public. */
extern AclMode access_of_role(const WantedAccess *wanted, AccessRole role);

/*
 * The condition that a row is the claim's: with the row's own columns and
 * parents, as SQL.
 */
extern char *access_tenant_condition(const WantedAccess *wanted);
extern char *access_user_condition(const WantedAccess *wanted);

/* The same, with a value in place of the tenant's claim. */
extern char *access_tenant_condition_of(const WantedAccess *wanted, const char *value);

/*
 * An SQL condition on a table's rows as the server reads it: the expression,
 * and its text with all names qualified.  Raises the server's errors.
 */
extern Node *access_expression(Oid relid, const char *condition);
extern char *access_expression_text(Oid relid, Node *expression);

/* From now on names resolve in pg_catalog; until AtEOXact_GUC() of the result. */
extern int	access_pin_search_path(void);

/* The setting that claims are put into, to try policies out. */
extern const char *access_claims_setting(void);

/* "select, update": for people. */
extern char *access_commands(AclMode mode);

/* The target schema, quoted. */
extern char *access_schema_quoted(void);

#endif							/* MENUCA_ACCESS_H */
