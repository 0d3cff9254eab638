/*-------------------------------------------------------------------------
 *
 * access_guard.c
 *	  Keeping the extension while policies need it.
 *
 * Deployed policies call functions of the extension.  So the server refuses to
 * drop it, and proposes CASCADE, which would drop the policies: row security would
 * then hide every row from everybody but the owners.  The ledgers, which know how
 * to undo the deployment, would be dropped with it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "fmgr.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"

PG_FUNCTION_INFO_V1(menuca_guard_policies);

/* Policies that are named; the others are counted. */
#define POLICIES_NAMED 5

static bool drops_extension(Node *statement, const char *name, Oid schema);
static bool is_named(const List *names, const char *name);
static bool is_role_named(const List *roles, Oid role);
static List *find_policies(Oid extension);
pg_noreturn static void refuse(const char *extension, const List *policies);


/*
 * The event trigger's function, before DROP EXTENSION, DROP SCHEMA and DROP OWNED.
 * Raises an error if the statement would drop the extension while policies call its
 * functions.
 */
Datum
menuca_guard_policies(PG_FUNCTION_ARGS)
{
	Oid			extension = getExtensionOfObject(ProcedureRelationId, fcinfo->flinfo->fn_oid);
	char	   *name = OidIsValid(extension) ? get_extension_name(extension) : NULL;
	List	   *policies;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function menuca_guard_policies can only be called as an event trigger"),
				 errhint("Use it for the event trigger of its name only.")));
	if (name == NULL ||
		!drops_extension(((EventTriggerData *) fcinfo->context)->parsetree, name,
						 get_func_namespace(fcinfo->flinfo->fn_oid)))
		PG_RETURN_NULL();
	policies = find_policies(extension);
	if (policies != NIL)
		refuse(name, policies);
	PG_RETURN_NULL();
}

/* True if a statement names the extension, its schema or its owner. */
static bool
drops_extension(Node *statement, const char *name, Oid schema)
{
	DropStmt   *drop = (DropStmt *) statement;

	if (IsA(statement, DropOwnedStmt))
		return is_role_named(((DropOwnedStmt *) statement)->roles, extension_owner(name));
	if (!IsA(statement, DropStmt))
		return false;
	if (drop->removeType == OBJECT_EXTENSION)
		return is_named(drop->objects, name);
	return drop->removeType == OBJECT_SCHEMA &&
		is_named(drop->objects, get_namespace_name(schema));
}

static bool
is_named(const List *names, const char *name)
{
	const ListCell *lc;

	foreach(lc, names)
	{
		if (IsA(lfirst(lc), String) && name && strcmp(strVal(lfirst(lc)), name) == 0)
			return true;
	}
	return false;
}

static bool
is_role_named(const List *roles, Oid role)
{
	const ListCell *lc;

	foreach(lc, roles)
	{
		if (get_rolespec_oid(lfirst(lc), true) == role)
			return OidIsValid(role);
	}
	return false;
}

/* The policies whose expressions call functions of the extension, as text. */
static List *
find_policies(Oid extension)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(extension), false);
	return query_texts("SELECT format('%I on %s', p.polname, p.polrelid::regclass)"
					   " FROM pg_policy p WHERE EXISTS (SELECT FROM pg_depend d"
					   " JOIN pg_depend m ON m.classid = d.refclassid AND m.objid = d.refobjid AND m.deptype = 'e'"
					   " WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid"
					   " AND m.refclassid = 'pg_extension'::regclass AND m.refobjid = $1) ORDER BY 1", &args);
}

static void
refuse(const char *extension, const List *policies)
{
	int			n = list_length(policies);
	StringInfoData names;
	const ListCell *lc;

	initStringInfo(&names);
	foreach(lc, policies)
	{
		if (foreach_current_index(lc) < POLICIES_NAMED)
			format_append(&names, ", ", "%s", (char *) lfirst(lc));
	}
	if (n > POLICIES_NAMED)
		appendStringInfo(&names, " and %d more", n - POLICIES_NAMED);
	ereport(ERROR,
			(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
			 errmsg("extension %s is not dropped: %d row security %s its functions", quote_identifier(extension),
					n, n == 1 ? "policy calls" : "policies call"),
			 errdetail("With CASCADE they would be dropped, and their tables would show no row to anybody but their owners; the ledgers would be lost, too: %s. Nothing was changed.",
					   names.data),
			 errhint("%s", migrate_call("Undo the deployment, which drops them: SELECT * FROM menuca_rollback_access(dry_run => false); then drop the extension without CASCADE. To drop it all the same: ALTER EVENT TRIGGER menuca_guard_policies DISABLE;"))));
}
