/*-------------------------------------------------------------------------
 *
 * access_session.c
 *	  Impersonating a role with claims: see access_session.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "base/access_session.h"
#include "base/claim_setting.h"
#include "base/compat.h"
#include "base/guc_scope.h"
#include "base/sqlstate.h"

static void require_roles_up_to(AccessRole last, const char *what);


void
access_session_require(const char *what)
{
	require_roles_up_to(ROLE_ADMIN, what);
}

void
access_session_require_visitors(const char *what)
{
	require_roles_up_to(ROLE_TENANT, what);
}

static void
require_roles_up_to(AccessRole last, const char *what)
{
	List	   *remedies;
	List	   *problems = access_role_obstacles(&remedies);

	if (problems)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ACCESS),
				 errmsg("refused: %s", (char *) linitial(problems)),
				 errdetail("%s acts as each of the configured roles. Nothing was changed.", what),
				 errhint("%s", (char *) linitial(remedies))));

	for (AccessRole i = ROLE_PUBLIC; i <= last; i++)
	{
		if (access_session_may_become(i))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to set role \"%s\"", access_role_name(i)),
				 errdetail("%s acts as this role. Nothing was changed.", what),
				 errhint("%s", access_session_grant(i))));
	}
}

bool
access_session_may_become(AccessRole role)
{
	return menuca_may_become(GetSessionUserId(), access_role_oid(role));
}

char *
access_session_grant(AccessRole role)
{
	return psprintf("GRANT %s TO %s;", access_role_quoted(role),
					quote_identifier(GetUserNameFromId(GetSessionUserId(), false)));
}

AccessSession
access_session_begin(AccessRole role, const char *claims)
{
	AccessSession session = {.scope = guc_scope_begin()};
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&session.user, &session.security_context);
	guc_scope_set(claim_setting_name(), claims);
	guc_scope_set("row_security", "on");
	guc_scope_set("role", access_role_name(role));
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(user, context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	return session;
}

void
access_session_end(const AccessSession *session)
{
	SetUserIdAndSecContext(session->user, session->security_context);
	guc_scope_end(session->scope);
}
