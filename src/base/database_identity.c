/*-------------------------------------------------------------------------
 *
 * database_identity.c
 *	  Which database this is: see database_identity.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"

#include "base/database_identity.h"
#include "base/sqlstate.h"

char *
database_identity_name(void)
{
	return get_database_name(MyDatabaseId);
}

int64
database_identity_cluster(void)
{
	return (int64) GetSystemIdentifier();
}

void
database_identity_require(const char *database, int64 system_identifier)
{
	if (strcmp(database, database_identity_name()) == 0 && system_identifier == database_identity_cluster())
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ENVIRONMENT),
			 errmsg("this is not the database that was expected"),
			 errdetail("Expected database \"%s\" in cluster %lld, but this session is connected to \"%s\" in cluster %lld. Nothing was changed.",
					   database, (long long) system_identifier,
					   database_identity_name(), (long long) database_identity_cluster()),
			 errhint("Check the connection. On the right server, this shows what to expect: SELECT current_database(), system_identifier FROM pg_control_system();")));
}
