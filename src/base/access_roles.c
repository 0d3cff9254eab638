/*-------------------------------------------------------------------------
 *
 * access_roles.c
 *	  The database roles that requests have: see access_roles.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "base/access_roles.h"
#include "base/owner.h"
#include "base/settings.h"

static const char *const role_settings[ACCESS_ROLES] = {
	"menuca.public_role", "menuca.tenant_role", "menuca.admin_role"
};

static bool find_role_obstacle(AccessRole role, List **problems, List **remedies);
static void find_role_problems(AccessRole role, List **problems, List **remedies);
static void add_problem(List **problems, char *problem, List **remedies, char *remedy);


const char *
access_role_name(AccessRole role)
{
	switch (role)
	{
		case ROLE_PUBLIC:
			return menuca_public_role;
		case ROLE_TENANT:
			return menuca_tenant_role;
		case ROLE_ADMIN:
			break;
	}
	return menuca_admin_role;
}

char *
access_role_quoted(AccessRole role)
{
	return pstrdup(quote_identifier(access_role_name(role)));
}

Oid
access_role_oid(AccessRole role)
{
	return get_role_oid(access_role_name(role), true);
}

List *
access_role_problems(List **remedies)
{
	List	   *problems = NIL;

	*remedies = NIL;
	for (int i = 0; i < ACCESS_ROLES; i++)
		find_role_problems(i, &problems, remedies);
	return problems;
}

List *
access_role_obstacles(List **remedies)
{
	List	   *obstacles = NIL;

	*remedies = NIL;
	for (int i = 0; i < ACCESS_ROLES; i++)
		(void) find_role_obstacle(i, &obstacles, remedies);
	return obstacles;
}

/* A role must exist, and none may be one that others' code must not run as. */
static bool
find_role_obstacle(AccessRole role, List **problems, List **remedies)
{
	const char *name = access_role_name(role);
	const char *setting = role_settings[role];
	Oid			oid = access_role_oid(role);

	if (!OidIsValid(oid))
	{
		add_problem(problems, psprintf("role \"%s\" of %s does not exist", name, setting),
					remedies, psprintf("CREATE ROLE %s NOLOGIN;", quote_identifier(name)));
		return true;
	}
	if (owner_is_powerful(oid))
	{
		add_problem(problems, psprintf("role \"%s\" of %s is a superuser or one of the server's own roles, or a member of such a role: trials would run code of the tables' owners with its rights",
									   name, setting),
					remedies, psprintf("SET %s = '...';", setting));
		return true;
	}
	return false;
}

/* A role must differ from the others, and those of visitors must be bound by policies. */
static void
find_role_problems(AccessRole role, List **problems, List **remedies)
{
	const char *name = access_role_name(role);
	const char *setting = role_settings[role];
	Oid			oid = access_role_oid(role);
	Oid			admin = access_role_oid(ROLE_ADMIN);

	for (int other = 0; OidIsValid(oid) && other < (int) role; other++)
	{
		if (access_role_oid(other) == oid)
			add_problem(problems, psprintf("%s and %s are the same role \"%s\"",
										   role_settings[other], setting, name),
						remedies, psprintf("SET %s = '...';", setting));
	}
	if (find_role_obstacle(role, problems, remedies))
		return;
	if (role == ROLE_ADMIN)
		return;

	if (OidIsValid(admin) && oid != admin && has_privs_of_role(oid, admin))
		add_problem(problems, psprintf("role \"%s\" of %s is a member of \"%s\", so the services' policies would apply to it",
									   name, setting, menuca_admin_role),
					remedies, psprintf("REVOKE %s FROM %s;", quote_identifier(menuca_admin_role),
									   quote_identifier(name)));
	if (has_bypassrls_privilege(oid))
		add_problem(problems, psprintf("role \"%s\" of %s bypasses row security, so no policy would bind it",
									   name, setting),
					remedies, psprintf("ALTER ROLE %s NOBYPASSRLS;", quote_identifier(name)));
}

static void
add_problem(List **problems, char *problem, List **remedies, char *remedy)
{
	*problems = lappend(*problems, problem);
	*remedies = lappend(*remedies, remedy);
}
