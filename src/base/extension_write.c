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
#include "commands/extension.h"
#include "miscadmin.h"
#include "nodes/nodes.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/reltrigger.h"

#include "base/extension.h"
#include "base/extension_write.h"
#include "base/owner.h"
#include "base/relation.h"
#include "base/users_code.h"

static void require_own_table(const char *extension, Relation rel);
static void require_own_triggers(Relation rel, Oid owner);
static bool condition_is_harmless(const Trigger *trigger);


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
 * table, which would run as the extension's owner: a function, a condition, or
 * arguments that make a function of somebody else do what they say.
 */
static void
require_own_triggers(Relation rel, Oid owner)
{
	for (int i = 0; rel->trigdesc && i < rel->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &rel->trigdesc->triggers[i];
		Oid			author = trigger->tgisinternal ? owner : owner_of_function(trigger->tgfoid);

		if (!trigger->tgisinternal && (trigger->tgnargs > 0 || !condition_is_harmless(trigger)))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("trigger \"%s\" on table %s has %s", trigger->tgname,
							relation_display_name(RelationGetRelid(rel)),
							trigger->tgnargs > 0 ? "arguments" : "a condition that might do anything"),
					 errdetail("Whoever has the privilege TRIGGER on the table may have written that, and it would run with the rights of role \"%s\". Nothing was changed.",
							   GetUserNameFromId(owner, false)),
					 errhint("DROP TRIGGER %s ON %s;", quote_identifier(trigger->tgname),
							 relation_quoted_name(RelationGetRelid(rel)))));
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

/* True unless it calls a function of users, or one that may change something. */
static bool
condition_is_harmless(const Trigger *trigger)
{
	Node	   *condition = trigger->tgqual ? stringToNode(trigger->tgqual) : NULL;

	return !contain_mutable_functions(condition) && !users_code_in_expression(condition);
}
