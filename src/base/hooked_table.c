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

static Oid	common_owner(List *relids);
static Oid	find_hooked(List *relids);


bool
hooked_table(Oid relid)
{
	Oid			role;

	return OidIsValid(hooked_table_among(list_make1_oid(relid), &role));
}

Oid
hooked_table_among(List *relids, Oid *role)
{
	bool		has_code = false;
	bool		pushed = !ActiveSnapshotSet();
	OwnerContext caller = {0};
	Oid			hooked;
	ListCell   *lc;

	*role = GetUserId();
	if (relids == NIL || !direct_access_may_be_hooked())
		return InvalidOid;
	foreach(lc, relids)
		has_code |= users_code_below(lfirst_oid(lc));
	if (has_code)
		*role = common_owner(relids);
	if (!OidIsValid(*role))
		return InvalidOid;

	if (pushed)
		PushActiveSnapshot(GetTransactionSnapshot());
	if (has_code)
		caller = owner_become_role(*role);
	hooked = find_hooked(relids);
	if (has_code)
		owner_return(&caller);
	if (pushed)
		PopActiveSnapshot();
	return hooked;
}

/* The role that owns all of them, with partitions and what inherits, or InvalidOid. */
static Oid
common_owner(List *relids)
{
	Oid			owner = relation_owner(linitial_oid(relids));
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, relids)
	{
		foreach(lc2, find_all_inheritors(lfirst_oid(lc), AccessShareLock, NULL))
		{
			if (relation_owner(lfirst_oid(lc2)) != owner)
				return InvalidOid;
		}
	}
	return owner;
}

static Oid
find_hooked(List *relids)
{
	ListCell   *lc;

	foreach(lc, relids)
	{
		Relation	rel = relation_open(lfirst_oid(lc), NoLock);
		bool		ordinary = direct_access_is_ordinary(rel);

		relation_close(rel, NoLock);
		if (!ordinary)
			return lfirst_oid(lc);
	}
	return InvalidOid;
}
