/*-------------------------------------------------------------------------
 *
 * hooked_table.c
 *	  Tables that a hook reads: see hooked_table.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "storage/lockdefs.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/direct_access.h"
#include "base/hooked_table.h"
#include "base/owner.h"
#include "base/relation.h"
#include "base/users_code.h"

static bool is_hooked(Oid relid);
static bool belongs_to(Oid relid, Oid owner);


bool
hooked_table(Oid relid)
{
	return OidIsValid(hooked_table_among(list_make1_oid(relid)));
}

Oid
hooked_table_among(List *relids)
{
	Oid			hooked = InvalidOid;
	bool		pushed = !ActiveSnapshotSet();
	ListCell   *lc;

	if (!direct_access_may_be_hooked())
		return InvalidOid;
	if (pushed)
		PushActiveSnapshot(GetTransactionSnapshot());
	foreach(lc, relids)
	{
		if (is_hooked(lfirst_oid(lc)))
		{
			hooked = lfirst_oid(lc);
			break;
		}
	}
	if (pushed)
		PopActiveSnapshot();
	return hooked;
}

/* Planned as the caller, or where that could run code of users, as the owner. */
static bool
is_hooked(Oid relid)
{
	bool		has_code = users_code_below(relid);
	OwnerContext caller = {0};
	Relation	rel;
	bool		ordinary;

	/*
	 * Of several owners none may run the others' code, so it is not looked
	 * at.
	 */
	if (has_code && !belongs_to(relid, relation_owner(relid)))
		return false;
	rel = relation_open(relid, NoLock);
	if (has_code)
		caller = owner_become(relid);
	ordinary = direct_access_is_ordinary(rel);
	if (has_code)
		owner_return(&caller);
	relation_close(rel, NoLock);
	return !ordinary;
}

/* True if the role owns the table, its partitions and what inherits from it. */
static bool
belongs_to(Oid relid, Oid owner)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, AccessShareLock, NULL))
	{
		if (relation_owner(lfirst_oid(lc)) != owner)
			return false;
	}
	return true;
}

Oid
hooked_table_distrusted(List *relids)
{
	ListCell   *lc;

	foreach(lc, relids)
	{
		Oid			relid = lfirst_oid(lc);
		Oid			owner = relation_owner(relid);

		if (users_code_below(relid) &&
			!(belongs_to(relid, owner) && (owner == GetUserId() || superuser_arg(owner))))
			return relid;
	}
	return InvalidOid;
}
