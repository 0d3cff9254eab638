/*-------------------------------------------------------------------------
 *
 * owner.c
 *	  Acting as the owner of a relation: see owner.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/guc_scope.h"
#include "base/owner.h"
#include "base/relation.h"

OwnerContext
owner_become(Oid relid)
{
	OwnerContext caller;
	Oid			owner = relation_owner(relid);

	GetUserIdAndSecContext(&caller.user, &caller.security_context);
	caller.guc_level = guc_scope_begin_pg_catalog();
	SetUserIdAndSecContext(owner, caller.security_context |
						   SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION |
						   SECURITY_NOFORCE_RLS);
	return caller;
}

void
owner_return(const OwnerContext *caller)
{
	guc_scope_end(caller->guc_level);
	SetUserIdAndSecContext(caller->user, caller->security_context);
}
