/*-------------------------------------------------------------------------
 *
 * extension_write.c
 *	  Writing to the tables of an extension: see extension_write.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/reltrigger.h"
#include "utils/syscache.h"

#include "base/extension.h"
#include "base/extension_write.h"
#include "base/owner.h"
#include "base/relation.h"

static void require_own_table(const char *extension, Relation rel);
static void require_own_triggers(Relation rel, Oid owner);
static Oid	function_owner(Oid function);


uint64
extension_write(const char *extension, const char *table, const char *sql,
				QueryArgs *args, QueryRowFn fn, void *arg)
{
	Relation	rel = relation_lock_and_open(extension_table(extension, table), RowExclusiveLock);
	OwnerContext caller;
	uint64		rows;

	/* The lock keeps out whoever would add a trigger or change the owner. */
	require_own_table(extension, rel);
	caller = owner_become(RelationGetRelid(rel));
	rows = query_write(sql, args, fn, arg);
	owner_return(&caller);
	relation_close(rel, NoLock);
	return rows;
}

/* Raises an error unless the table is as CREATE EXTENSION made it. */
static void
require_own_table(const char *extension, Relation rel)
{
	Oid			owner = extension_owner(extension);

	if (rel->rd_rel->relkind != RELKIND_RELATION || rel->rd_rel->relowner != owner ||
		getExtensionOfObject(RelationRelationId, RelationGetRelid(rel)) !=
		get_extension_oid(extension, false))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s is not the extension's own table any more",
						relation_display_name(RelationGetRelid(rel))),
				 errdetail("It must be a table of extension \"%s\" and belong to its owner, role \"%s\", as CREATE EXTENSION made it. Nothing was changed.",
						   extension, GetUserNameFromId(owner, false)),
				 errhint("ALTER TABLE %s OWNER TO %s;", relation_quoted_name(RelationGetRelid(rel)),
						 quote_identifier(GetUserNameFromId(owner, false)))));
	require_own_triggers(rel, owner);
}

/*
 * Whoever has the privilege TRIGGER could have put code of his own on the
 * table, which would run as the extension's owner.
 */
static void
require_own_triggers(Relation rel, Oid owner)
{
	for (int i = 0; rel->trigdesc && i < rel->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &rel->trigdesc->triggers[i];
		Oid			author = trigger->tgisinternal ? owner : function_owner(trigger->tgfoid);

		if (author != owner && !superuser_arg(author))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("trigger \"%s\" on table %s belongs to somebody else", trigger->tgname,
							relation_display_name(RelationGetRelid(rel))),
					 errdetail("Its function belongs to role \"%s\", and would run with the rights of role \"%s\". Nothing was changed.",
							   GetUserNameFromId(author, true), GetUserNameFromId(owner, false)),
					 errhint("DROP TRIGGER %s ON %s;", quote_identifier(trigger->tgname),
							 relation_quoted_name(RelationGetRelid(rel)))));
	}
}

static Oid
function_owner(Oid function)
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
