/*-------------------------------------------------------------------------
 *
 * access_roles.h
 *	  The database roles that requests have.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_ROLES_H
#define MENUCA_ACCESS_ROLES_H

#include "nodes/pg_list.h"

typedef enum AccessRole
{
	ROLE_PUBLIC,				/* without a login */
	ROLE_TENANT,				/* with a login: staff and customers */
	ROLE_ADMIN					/* the platform's own services */
} AccessRole;

#define ACCESS_ROLES (ROLE_ADMIN + 1)

/* The configured name of a role; the same, quoted; its OID or InvalidOid. */
extern const char *access_role_name(AccessRole role);
extern char *access_role_quoted(AccessRole role);
extern Oid	access_role_oid(AccessRole role);

/*
 * What is wrong with the configured roles, one string per problem; NIL if
 * nothing is.  *remedies is set to as many strings: the statement that
 * corrects each problem.
 */
extern List *access_role_problems(List **remedies);

/*
 * Those of them because of which nothing acts as the roles, not even to find out
 * what they can do: a role does not exist, or code of others must not run as it.
 */
extern List *access_role_obstacles(List **remedies);

#endif							/* MENUCA_ACCESS_ROLES_H */
