/*-------------------------------------------------------------------------
 *
 * relation.c
 *	  Relations, as the catalog has them: see relation.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/rls.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "base/compat.h"
#include "base/relation.h"

static void require_safe_server(Oid table);
static char *display_name_or_null(Oid relid);


RangeVar *
relation_parse_name(const char *what, const char *name)
{
	List	   *parts;
	List	   *strings = NIL;
	ListCell   *lc;

	if (!SplitIdentifierString(pstrdup(name), '.', &parts) ||
		parts == NIL || list_length(parts) > 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("%s is not a table name: \"%s\"", what, name),
				 errdetail("A table name is a table, or a schema and a table separated by a dot. Nothing was changed."),
				 errhint("Write it as in SQL, such as staging.menuca_v1_combos; put names with capital letters or spaces in double quotes.")));
	foreach(lc, parts)
		strings = lappend(strings, makeString(pstrdup(lfirst(lc))));
	return makeRangeVarFromNameList(strings);
}

bool
relation_has_column(Oid relid, const char *column)
{
	return get_attnum(relid, column) > 0;
}

void
relation_require(Oid relid, AclMode rights)
{
	static const struct
	{
		AclMode		mode;
		const char *name;
	}			names[] = {
		{ACL_SELECT, "SELECT"}, {ACL_INSERT, "INSERT"}, {ACL_UPDATE, "UPDATE"},
		{ACL_DELETE, "DELETE"}, {ACL_TRUNCATE, "TRUNCATE"}
	};
	Oid			schema = get_rel_namespace(relid);
	char	   *schema_name = get_namespace_name(schema);

	if (schema_name == NULL)
		relation_raise_dropped(NULL);
	if (!relation_may_in_schema(schema, ACL_USAGE))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for schema %s", schema_name),
				 errdetail("Role \"%s\" lacks the USAGE privilege; nothing was changed.",
						   GetUserNameFromId(GetUserId(), false)),
				 errhint("GRANT USAGE ON SCHEMA %s TO %s;",
						 quote_identifier(schema_name),
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));

	if (isOtherTempNamespace(schema))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s is a temporary table of another session", relation_display_name(relid)),
				 errdetail("Only that session can read its rows; nothing was changed."),
				 errhint("Copy them in that session: CREATE TABLE staging.%s AS TABLE %s;",
						 quote_identifier(get_rel_name(relid)), relation_quoted_name(relid))));

	for (size_t i = 0; i < lengthof(names); i++)
	{
		AclMode		mode = names[i].mode;

		if (!(rights & mode) ||
			relation_may(relid, mode))
			continue;

		/* Rights on some columns may be enough: the executor checks them. */
		if ((mode & (ACL_SELECT | ACL_INSERT | ACL_UPDATE)) &&
			pg_attribute_aclcheck_all(relid, GetUserId(), mode, ACLMASK_ANY) == ACLCHECK_OK)
			continue;

		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for table %s",
						relation_display_name(relid)),
				 errdetail("Role \"%s\" lacks the %s privilege; nothing was changed.",
						   GetUserNameFromId(GetUserId(), false), names[i].name),
				 errhint("GRANT %s ON %s TO %s;", names[i].name,
						 relation_quoted_name(relid),
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));
	}

	if (check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("row security would hide rows of table %s from role \"%s\"",
						relation_display_name(relid),
						GetUserNameFromId(GetUserId(), false)),
				 errdetail("Counts of the visible rows alone would be wrong, so nothing was counted or changed."),
				 errhint("Call this as a role with BYPASSRLS, or as the table's owner unless row security is forced on owners, too.")));
}

bool
relation_may(Oid relid, AclMode rights)
{
	if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)))
		relation_raise_dropped(NULL);
	return pg_class_aclcheck(relid, GetUserId(), rights) == ACLCHECK_OK;
}

bool
relation_is_owned(Oid relid)
{
	if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)))
		relation_raise_dropped(NULL);
	return menuca_owns_table(relid, GetUserId());
}

bool
relation_may_in_schema(Oid schema, AclMode right)
{
	if (!SearchSysCacheExists1(NAMESPACEOID, ObjectIdGetDatum(schema)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("a schema that this call needs was dropped by another session"),
				 errdetail("What this call had changed is undone."),
				 errhint("Find out who dropped it and why; if the schema exists again, call this again.")));
	return menuca_schema_aclcheck(schema, GetUserId(), right) == ACLCHECK_OK;
}

void
relation_lock(Oid relid, LOCKMODE mode)
{
	char	   *name = display_name_or_null(relid);

	LockRelationOid(relid, mode);
	if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)))
		relation_raise_dropped(name);
	if (has_subclass(relid))
		list_free(find_all_inheritors(relid, mode, NULL));
}

Oid
relation_lock_by_name(Oid schema, const char *name, LOCKMODE mode, AclMode rights)
{
	Oid			relid;

	while (OidIsValid(relid = get_relname_relid(name, schema)))
	{
		CHECK_FOR_INTERRUPTS();
		if (rights != 0)
			relation_require(relid, rights);
		relation_lock(relid, mode);
		if (get_relname_relid(name, schema) == relid)
			break;
	}
	return relid;
}

Relation
relation_lock_and_open(Oid relid, LOCKMODE mode)
{
	char	   *name = display_name_or_null(relid);
	Relation	rel = try_relation_open(relid, mode);

	if (rel == NULL)
		relation_raise_dropped(name);
	return rel;
}

Relation
relation_open_locked(Oid relid)
{
	Relation	rel = try_relation_open(relid, NoLock);

	if (rel == NULL)
		relation_raise_dropped(NULL);
	return rel;
}

void
relation_raise_dropped(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 name ? errmsg("table %s was dropped by another session while this call waited for its lock", name) :
			 errmsg("a table that this call needs was dropped by another session, or by a trigger"),
			 errdetail("What this call had changed is undone."),
			 errhint("Find out who dropped it and why; if the table exists again, call this again.")));
}

bool
relation_has_heirs(Oid relid)
{
	return get_rel_relkind(relid) != RELKIND_PARTITIONED_TABLE && has_subclass(relid) &&
		list_length(find_all_inheritors(relid, AccessShareLock, NULL)) > 1;
}

bool
relation_has_foreign_rows(Oid relid)
{
	ListCell   *lc;

	if (get_rel_relkind(relid) == RELKIND_FOREIGN_TABLE)
		return true;
	if (!has_subclass(relid))
		return false;
	foreach(lc, find_all_inheritors(relid, AccessShareLock, NULL))
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
			return true;
	}
	return false;
}

void
relation_require_safe_servers(Oid relid)
{
	ListCell   *lc;

	if (get_rel_relkind(relid) == RELKIND_FOREIGN_TABLE)
		require_safe_server(relid);
	else if (has_subclass(relid))
	{
		foreach(lc, find_all_inheritors(relid, AccessShareLock, NULL))
		{
			if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
				require_safe_server(lfirst_oid(lc));
		}
	}
}

static void
require_safe_server(Oid table)
{
	const ForeignServer *server = GetForeignServer(GetForeignTable(table)->serverid);
	bool		is_safe = superuser_arg(relation_owner(table));
	char	   *owner = GetUserNameFromId(is_safe ? server->owner : relation_owner(table), false);

	if (is_safe && superuser_arg(server->owner))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("foreign table %s is not read as a superuser", relation_display_name(table)),
			 errdetail("Its %s belongs to role \"%s\", which so decides what a superuser's connection reads and executes. Nothing was changed.",
					   is_safe ? psprintf("server \"%s\"", server->servername) : "definition", owner),
			 errhint("SET ROLE %s; or to another role that is no superuser, and call it again.", quote_identifier(owner))));
}

Oid
relation_owner(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		relation_raise_dropped(NULL);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

char *
relation_quoted_name(Oid relid)
{
	char	   *schema = get_namespace_name(get_rel_namespace(relid));
	char	   *name = get_rel_name(relid);

	if (schema == NULL || name == NULL)
		relation_raise_dropped(NULL);
	return quote_qualified_identifier(schema, name);
}

char *
relation_display_name(Oid relid)
{
	char	   *name = display_name_or_null(relid);

	if (name == NULL)
		relation_raise_dropped(NULL);
	return name;
}

static char *
display_name_or_null(Oid relid)
{
	char	   *schema = get_namespace_name(get_rel_namespace(relid));
	char	   *name = get_rel_name(relid);

	return schema && name ? psprintf("%s.%s", schema, name) : NULL;
}

AttrNumber
relation_key_column(Oid relid)
{
	Relation	rel = relation_lock_and_open(relid, AccessShareLock);
	Oid			pk = menuca_primary_key_index(rel);
	AttrNumber	attnum = InvalidAttrNumber;

	if (OidIsValid(pk))
	{
		Relation	index = index_open(pk, AccessShareLock);

		if (IndexRelationGetNumberOfKeyAttributes(index) == 1)
			attnum = index->rd_index->indkey.values[0];
		index_close(index, NoLock);
	}
	relation_close(rel, NoLock);

	if (attnum > 0)
	{
		Oid			type = get_atttype(relid, attnum);

		if (type != INT2OID && type != INT4OID && type != INT8OID)
			attnum = InvalidAttrNumber;
	}
	return attnum;
}
