/*-------------------------------------------------------------------------
 *
 * access_session.c
 *	  Being somebody else: see access_session.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "access/access_session.h"
#include "base/compat.h"
#include "base/sqlstate.h"

static void set_local(const char *name, const char *value);


void
access_session_require(const char *what)
{
	List	   *remedies;
	List	   *problems = access_role_problems(&remedies);

	if (problems)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ACCESS),
				 errmsg("refused: %s", (char *) linitial(problems)),
				 errdetail("%s does what these roles would do. Nothing was changed.", what),
				 errhint("%s", (char *) linitial(remedies))));

	/* SET ROLE goes by who logged in. */
	for (int i = 0; i < ACCESS_ROLES; i++)
	{
		if (menuca_may_become(GetSessionUserId(), access_role_oid(i)))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to set role \"%s\"", access_role_name(i)),
				 errdetail("%s does what this role would do, as that role. Nothing was changed.", what),
				 errhint("GRANT %s TO %s;", quote_identifier(access_role_name(i)),
						 quote_identifier(GetUserNameFromId(GetSessionUserId(), false)))));
	}
}

int
access_session_begin(AccessRole role, const char *claims)
{
	int			nestlevel = NewGUCNestLevel();

	set_local(access_claims_setting(), claims);
	set_local("row_security", "on");
	set_local("role", access_role_name(role));
	return nestlevel;
}

static void
set_local(const char *name, const char *value)
{
	(void) set_config_option(name, value, superuser() ? PGC_SUSET : PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}
