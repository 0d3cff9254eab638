/*-------------------------------------------------------------------------
 *
 * acting_role.c
 *	  Doing something as one of the roles that requests have: see acting_role.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/guc_scope.h"
#include "base/settings.h"
#include "runbook/acting_role.h"

/* The claims of nobody, and where PostgREST keeps claims unless a setting says otherwise. */
#define NO_CLAIMS "{}"
#define CLAIMS_SETTING "request.jwt.claims"


ActingRole
acting_role_begin(const char *role)
{
	ActingRole	acting = {.scope = guc_scope_begin_pg_catalog()};
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&acting.user, &acting.security_context);
	guc_scope_set(strstr(menuca_jwt_claims, "()") ? CLAIMS_SETTING : menuca_jwt_claims, NO_CLAIMS);
	guc_scope_set("row_security", "on");
	guc_scope_set("role", role);
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(user, context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	return acting;
}

void
acting_role_end(const ActingRole *acting)
{
	SetUserIdAndSecContext(acting->user, acting->security_context);
	guc_scope_end(acting->scope);
}
