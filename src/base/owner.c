/*-------------------------------------------------------------------------
 *
 * owner.c
 *	  Acting as the owner of a relation: see owner.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/guc_scope.h"
#include "base/owner.h"
#include "base/relation.h"

/* Neither another role nor anything that runs later is possible in it. */
#define RESTRICTED (SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION)


static OwnerContext become(Oid role, int more);


OwnerContext
owner_become(Oid relid)
{
	return become(relation_owner(relid), SECURITY_NOFORCE_RLS);
}

Oid
owner_of_function(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_proc) GETSTRUCT(tuple))->proowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

bool
owner_is_powerful(Oid role)
{
	Relation	roles;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = role < FirstNormalObjectId ||
		is_member_of_role(role, ROLE_PG_EXECUTE_SERVER_PROGRAM) ||
		is_member_of_role(role, ROLE_PG_READ_SERVER_FILES) ||
		is_member_of_role(role, ROLE_PG_WRITE_SERVER_FILES);

	if (found || superuser_arg(role))
		return true;
	roles = table_open(AuthIdRelationId, AccessShareLock);
	scan = systable_beginscan(roles, InvalidOid, false, NULL, 0, NULL);
	while (!found && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_authid form = (Form_pg_authid) GETSTRUCT(tuple);

		found = form->rolsuper && is_member_of_role(role, form->oid);
	}
	systable_endscan(scan);
	table_close(roles, AccessShareLock);
	return found;
}

OwnerContext
owner_become_nobody(void)
{
	return become(MENUCA_NOBODY, 0);
}

void
owner_become_nobody_again(const OwnerContext *caller)
{
	SetUserIdAndSecContext(MENUCA_NOBODY, caller->security_context | RESTRICTED);
}

/* more: bits of the security context besides. */
static OwnerContext
become(Oid role, int more)
{
	OwnerContext caller;

	GetUserIdAndSecContext(&caller.user, &caller.security_context);
	caller.guc_level = guc_scope_begin_pg_catalog();
	SetUserIdAndSecContext(role, caller.security_context | RESTRICTED | more);
	return caller;
}

void
owner_return(const OwnerContext *caller)
{
	guc_scope_end(caller->guc_level);
	SetUserIdAndSecContext(caller->user, caller->security_context);
}
