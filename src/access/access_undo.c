/*-------------------------------------------------------------------------
 *
 * access_undo.c
 *	  The statement that undoes a change of access: see access_undo.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/lsyscache.h"

#include "access/access_undo.h"
#include "access/owner_view.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/relation.h"
#include "base/settings.h"

static char *undo_privileges(const AccessChange *change, Oid relid);
static GrantStmt *parse_grant(const AccessChange *change);
static char *grant_object(const AccessChange *change, const GrantStmt *grant, Oid relid);
static char *grant_role(const AccessChange *change, const GrantStmt *grant);
static char *grant_privileges(const AccessChange *change, const GrantStmt *grant);


char *
access_undo_statement(const AccessChange *change, Oid relid)
{
	if (OidIsValid(relid) && change->object && strcmp(change->kind, "policy") == 0)
		return psprintf("DROP POLICY %s ON %s", quote_identifier(change->object),
						relation_quoted_name(relid));
	if (OidIsValid(relid) && strcmp(change->kind, "row_security") == 0)
		return psprintf("ALTER TABLE %s DISABLE ROW LEVEL SECURITY", relation_quoted_name(relid));
	if (change->table == NULL && change->object && strcmp(change->kind, "view") == 0 &&
		owner_view_is_name(change->object))
		return psprintf("DROP VIEW %s", owner_view_quoted(change->object));
	return undo_privileges(change, relid);
}

static char *
undo_privileges(const AccessChange *change, Oid relid)
{
	const GrantStmt *grant = parse_grant(change);

	return psprintf("%s %s ON %s %s %s", grant->is_grant ? "GRANT" : "REVOKE",
					grant_privileges(change, grant), grant_object(change, grant, relid),
					grant->is_grant ? "TO" : "FROM", grant_role(change, grant));
}

/* What the ledger has: one GRANT or REVOKE, as a deployment writes it. */
static GrantStmt *
parse_grant(const AccessChange *change)
{
	List	   *statements = change->undo ? raw_parser(change->undo, RAW_PARSE_DEFAULT) : NIL;
	GrantStmt  *grant;

	if (list_length(statements) != 1 ||
		!IsA(linitial_node(RawStmt, statements)->stmt, GrantStmt))
		access_undo_refuse(change);
	grant = castNode(GrantStmt, linitial_node(RawStmt, statements)->stmt);
	if (grant->targtype != ACL_TARGET_OBJECT || grant->grant_option || grant->grantor ||
		list_length(grant->objects) != 1 || list_length(grant->grantees) != 1 ||
		grant->privileges == NIL || grant->is_grant != (strcmp(change->kind, "revoke") == 0))
		access_undo_refuse(change);
	return grant;
}

/*
 * The change's table, a sequence that the table owns, or one of the two schemas,
 * as GRANT names it.
 */
static char *
grant_object(const AccessChange *change, const GrantStmt *grant, Oid relid)
{
	if (!OidIsValid(relid))
	{
		const char *schema;

		if (grant->objtype != OBJECT_SCHEMA)
			access_undo_refuse(change);
		schema = quote_identifier(strVal(linitial(grant->objects)));
		if (strcmp(schema, quote_identifier(menuca_target_schema)) != 0 &&
			strcmp(psprintf("%s.", schema), migrate_schema()) != 0)
			access_undo_refuse(change);
		return psprintf("SCHEMA %s", schema);
	}
	if (grant->objtype == OBJECT_TABLE &&
		RangeVarGetRelid(linitial(grant->objects), NoLock, true) == relid)
		return pstrdup(relation_quoted_name(relid));
	if (grant->objtype == OBJECT_SEQUENCE)
	{
		Oid			sequence = RangeVarGetRelid(linitial(grant->objects), NoLock, true);
		Oid			table;
		int32		column;

		/* That of an identity column is internal. */
		if (OidIsValid(sequence) && get_rel_relkind(sequence) == RELKIND_SEQUENCE &&
			(sequenceIsOwned(sequence, DEPENDENCY_AUTO, &table, &column) ||
			 sequenceIsOwned(sequence, DEPENDENCY_INTERNAL, &table, &column)) && table == relid)
			return psprintf("SEQUENCE %s", relation_quoted_name(sequence));
	}
	access_undo_refuse(change);
}

/* The change's role, whose name the ledger has with or without quotes. */
static char *
grant_role(const AccessChange *change, const GrantStmt *grant)
{
	const RoleSpec *role = linitial(grant->grantees);

	if (change->object == NULL)
		access_undo_refuse(change);
	if (role->roletype == ROLESPEC_PUBLIC && strcmp(change->object, "PUBLIC") == 0)
		return "PUBLIC";
	if (role->roletype != ROLESPEC_CSTRING ||
		(strcmp(change->object, role->rolename) != 0 &&
		 strcmp(change->object, quote_identifier(role->rolename)) != 0))
		access_undo_refuse(change);
	return pstrdup(quote_identifier(role->rolename));
}

static char *
grant_privileges(const AccessChange *change, const GrantStmt *grant)
{
	static const char *const known[] = {
		"select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain", "usage"
	};
	StringInfoData list;
	ListCell   *lc;
	ListCell   *lc2;

	initStringInfo(&list);
	foreach(lc, grant->privileges)
	{
		const AccessPriv *privilege = lfirst(lc);
		StringInfoData columns;
		bool		is_known = false;

		for (size_t i = 0; i < lengthof(known); i++)
			is_known |= privilege->priv_name && strcmp(privilege->priv_name, known[i]) == 0;
		if (!is_known)
			access_undo_refuse(change);
		initStringInfo(&columns);
		foreach(lc2, privilege->cols)
			format_append(&columns, ", ", "%s", quote_identifier(strVal(lfirst(lc2))));
		format_append(&list, ", ", columns.len > 0 ? "%s (%s)" : "%s",
					  asc_toupper(privilege->priv_name, strlen(privilege->priv_name)), columns.data);
	}
	return list.data;
}

void
access_undo_refuse(const AccessChange *change)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("change %lld of the access is not the extension's work", (long long) change->id),
			 errdetail("What undoes it should be a %s on its own table or schema, for its own role. It was not executed.",
					   strcmp(change->kind, "revoke") == 0 ? "GRANT" : "REVOKE"),
			 errhint("%s", migrate_call("Somebody wrote to the ledger: SELECT * FROM menuca_access_change WHERE change_id = %lld;",
										(long long) change->id))));
}
