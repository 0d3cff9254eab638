/*-------------------------------------------------------------------------
 *
 * acting_role.h
 *	  Doing something as one of the roles that requests have.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACTING_ROLE_H
#define MENUCA_ACTING_ROLE_H

/* Who it was before acting_role_begin(), and the scope of settings since. */
typedef struct ActingRole
{
	int			scope;
	Oid			user;
	int			security_context;
} ActingRole;

/*
 * Becomes a role, with the claims of nobody and bound by row security, until
 * acting_role_end() or an error.  It is a security-restricted operation with a
 * search_path of pg_catalog: code of others in policies, rules and triggers can
 * neither become the caller again nor leave anything behind.  Raises an error when the
 * session user may not become the role, or there is none of that name.
 */
extern ActingRole acting_role_begin(const char *role);
extern void acting_role_end(const ActingRole *acting);

#endif							/* MENUCA_ACTING_ROLE_H */
