/*-------------------------------------------------------------------------
 *
 * access_privileges.c
 *	  What a role may do that policies do not bind: see access_privileges.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "access/access_privileges.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/slot.h"

static void *make_privilege(TupleTableSlot *slot);


List *
access_privileges_unbound(Oid relid, AccessRole role)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_arg(&args, OIDOID, ObjectIdGetDatum(access_role_oid(role)), false);
	return query_list(psprintf("SELECT command, is_granted, remedy FROM %smenuca_unbound_privilege"
							   " WHERE table_oid = $1 AND role_oid = $2 ORDER BY command",
							   migrate_schema()),
					  &args, make_privilege);
}

static void *
make_privilege(TupleTableSlot *slot)
{
	UnboundPrivilege *privilege = palloc0(sizeof(UnboundPrivilege));

	privilege->command = slot_text(slot, 0);
	privilege->is_granted = slot_bool(slot, 1);
	privilege->remedy = slot_text(slot, 2);
	return privilege;
}

bool
access_privileges_lacks_sequence(Oid relid, AccessRole role)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_arg_text(&args, access_role_name(role));
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_table_sequence"
							   " WHERE table_oid = $1 AND is_owned AND NOT is_identity"
							   " AND NOT has_sequence_privilege($2::name, sequence_oid, 'USAGE'))",
							   migrate_schema()),
					  &args);
}
