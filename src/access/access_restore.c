/*-------------------------------------------------------------------------
 *
 * access_restore.c
 *	  Giving back what deployments changed: see access_restore.h.
 *
 * The ledger has what each deployment added and removed.  Revoking a privilege on a
 * table takes it from the role's columns as well, so the privileges that must be there
 * in the end are counted before, and whatever is missing after the REVOKEs is granted.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "access/access_acl.h"
#include "access/access_ledger.h"
#include "access/access_restore.h"
#include "access/access_state.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"

static List *privileges_to_have(const char *table, const List *now);
static bool can_have(const AccessItem *item, Oid relid, const List *now);
static bool is_privilege(const char *privilege);
static char *grant_statement(const AccessItem *item, bool is_grant, Oid relid);
static char *quoted_role(const char *name, const AccessItem *item, Oid relid);
static bool object_exists(const AccessItem *item, Oid relid, const List *now);
static bool policy_name_is_taken(const AccessItem *item, const List *now);
static char *policy_statement(const AccessItem *item, Oid relid);
static void add_access_difference(List **differences, const AccessItem *item, const List *others,
								  const char *difference);
static const AccessItem *counterpart(const AccessItem *item, const List *others);
static bool is_marker(const AccessItem *item);


List *
access_restore_privileges(const char *table, Oid relid)
{
	List	   *now = access_state_now(relid);
	List	   *wanted = privileges_to_have(table, now);
	List	   *unmet = NIL;
	ListCell   *lc;

	foreach(lc, access_state_reversal(table, false))
	{
		const AccessItem *item = lfirst(lc);

		if (item->privilege && access_item_is_in(item, now) && can_have(item, relid, now))
			access_ledger_execute(grant_statement(item, false, relid));
	}

	now = access_state_now(relid);
	foreach(lc, wanted)
	{
		const AccessItem *item = lfirst(lc);

		if (!access_item_is_in(item, now) && can_have(item, relid, now))
			access_ledger_execute(grant_statement(item, true, relid));
	}

	now = access_state_now(relid);
	foreach(lc, wanted)
	{
		const AccessItem *item = lfirst(lc);

		if (!access_item_is_in(item, now) && object_exists(item, relid, now))
			unmet = lappend(unmet, psprintf("not given back: %s", access_item_text(item)));
	}
	foreach(lc, now)
	{
		const AccessItem *item = lfirst(lc);

		if (item->privilege && !access_item_is_in(item, wanted))
			unmet = lappend(unmet, psprintf("not taken back: %s", access_item_text(item)));
	}
	return unmet;
}

/* What there is without what deployments added, and with what they removed. */
static List *
privileges_to_have(const char *table, const List *now)
{
	List	   *added = access_state_reversal(table, false);
	List	   *wanted = NIL;
	const ListCell *lc;

	foreach(lc, now)
	{
		AccessItem *item = lfirst(lc);

		if (item->privilege && !access_item_is_in(item, added))
			wanted = lappend(wanted, item);
	}
	foreach(lc, access_state_reversal(table, true))
	{
		AccessItem *item = lfirst(lc);

		if (item->privilege && !access_item_is_in(item, wanted))
			wanted = lappend(wanted, item);
	}
	return wanted;
}

/*
 * True if a statement of the caller can grant or revoke it: only the owner's grants
 * are, and the role and the object may have been dropped meanwhile.
 */
static bool
can_have(const AccessItem *item, Oid relid, const List *now)
{
	return item->grantor && strcmp(item->grantor, "OWNER") == 0 &&
		item->grantee && quoted_role(item->grantee, item, relid) &&
		is_privilege(item->privilege) && object_exists(item, relid, now);
}

/* The ledger's text names a privilege; it is no part of a statement otherwise. */
static bool
is_privilege(const char *privilege)
{
	static const char *const known[] = {
		"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER",
		"MAINTAIN", "USAGE", "CREATE", "EXECUTE"
	};

	for (size_t i = 0; i < lengthof(known); i++)
	{
		if (strcmp(privilege, known[i]) == 0)
			return true;
	}
	return false;
}

static char *
grant_statement(const AccessItem *item, bool is_grant, Oid relid)
{
	const char *kind = strcmp(item->kind, "sequence") == 0 ? "SEQUENCE" :
		strcmp(item->kind, "schema") == 0 ? "SCHEMA" :
		strcmp(item->kind, "function") == 0 ? "ROUTINE" : "TABLE";
	bool		is_column = strcmp(item->kind, "column") == 0;

	return psprintf("%s %s%s ON %s %s %s %s%s", is_grant ? "GRANT" : "REVOKE", item->privilege,
					is_column ? psprintf(" (%s)", item->object) : "", kind,
					strcmp(kind, "TABLE") == 0 ? relation_quoted_name(relid) : item->object,
					is_grant ? "TO" : "FROM", quoted_role(item->grantee, item, relid),
					is_grant && item->grantable ? " WITH GRANT OPTION" : "");
}

/* The role as GRANT takes it; NULL when there is none of that name. */
static char *
quoted_role(const char *name, const AccessItem *item, Oid relid)
{
	QueryArgs	args = {0};

	if (strcmp(name, "PUBLIC") == 0)
		return "PUBLIC";
	query_arg_text(&args, name);
	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_arg_text(&args, item->kind);
	query_arg_text(&args, item->object);
	if (strcmp(name, "OWNER") == 0)
		return query_text(psprintf("SELECT quote_ident(pg_get_userbyid(owner_oid)) FROM %smenuca_access_object"
								   " WHERE table_oid IS NOT DISTINCT FROM nullif($2, 0) AND kind = $3"
								   " AND object IS NOT DISTINCT FROM $4", migrate_schema()), &args);
	return query_text("SELECT quote_ident(rolname) FROM pg_roles WHERE quote_ident(rolname) = $1", &args);
}

/* True if there is such an object, which is the table's or one of the schemas'. */
static bool
object_exists(const AccessItem *item, Oid relid, const List *now)
{
	QueryArgs	args = {0};
	const ListCell *lc;

	if (strcmp(item->kind, "column") == 0)
	{
		query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
		query_arg_text(&args, item->object);
		return query_bool("SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = $1 AND attnum > 0"
						  " AND NOT attisdropped AND quote_ident(attname) = $2)", &args);
	}
	if (strcmp(item->kind, "table") == 0)
		return true;
	foreach(lc, now)
	{
		const AccessItem *other = lfirst(lc);

		if (strcmp(item->kind, other->kind) == 0 && item->object && other->object &&
			strcmp(item->object, other->object) == 0)
			return true;
	}

	/* It has no privilege left. */
	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_arg_text(&args, item->kind);
	query_arg_text(&args, item->object);
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, migrate_schema());
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_access_object WHERE kind = $2 AND object = $3 AND %s)",
							   migrate_schema(), OidIsValid(relid) ? "table_oid = $1" :
							   "table_oid IS NULL AND (schema_name = $4 OR quote_ident(schema_name) || '.' = $5)"), &args);
}

List *
access_restore_policies(const char *table, Oid relid, bool dry_run)
{
	List	   *before = access_state_before(table);
	List	   *now = access_state_now(relid);
	List	   *restored = NIL;
	ListCell   *lc;

	foreach(lc, access_state_reversal(table, true))
	{
		const AccessItem *item = lfirst(lc);

		if (strcmp(item->kind, "policy") != 0 || !access_item_is_in(item, before) ||
			item->object == NULL || policy_name_is_taken(item, now))
			continue;
		if (!dry_run)
			access_ledger_execute(policy_statement(item, relid));
		restored = lappend(restored, item->object);
	}
	return restored;
}

static bool
policy_name_is_taken(const AccessItem *item, const List *now)
{
	const ListCell *lc;

	foreach(lc, now)
	{
		const AccessItem *other = lfirst(lc);

		if (strcmp(other->kind, "policy") == 0 && strcmp(other->object, item->object) == 0)
			return true;
	}
	return false;
}

/* The ledger's definition is read, so that it is this one statement and no other. */
static char *
policy_statement(const AccessItem *item, Oid relid)
{
	char	   *statement = psprintf("CREATE POLICY %s ON %s %s", item->object, relation_quoted_name(relid),
									 item->value ? item->value : "");
	List	   *parsed = raw_parser(statement, RAW_PARSE_DEFAULT);
	Node	   *only = list_length(parsed) == 1 ? linitial_node(RawStmt, parsed)->stmt : NULL;

	if (only == NULL || !IsA(only, CreatePolicyStmt) ||
		strcmp(quote_identifier(castNode(CreatePolicyStmt, only)->policy_name), item->object) != 0 ||
		RangeVarGetRelid(castNode(CreatePolicyStmt, only)->table, NoLock, true) != relid)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the ledger's definition of policy %s is none", item->object),
				 errdetail("It was not executed: %s", item->value ? item->value : "NULL"),
				 errhint("%s", migrate_call("Somebody wrote to the ledger: SELECT * FROM menuca_access_state WHERE kind = 'policy' AND moment = 'removed';"))));
	return statement;
}

List *
access_restore_differences(const char *table, Oid relid)
{
	List	   *before = access_state_before(table);
	List	   *now = access_state_now(relid);
	List	   *differences = NIL;
	ListCell   *lc;

	if (before == NIL)
		return NIL;
	access_acl_restore_order(relid, before, now);
	foreach(lc, before)
		add_access_difference(&differences, lfirst(lc), now, "there before the deployment, not now");
	foreach(lc, now)
		add_access_difference(&differences, lfirst(lc), before, "not there before the deployment");
	return differences;
}

/* An owner or a switch is named once, with both values. */
static void
add_access_difference(List **differences, const AccessItem *item, const List *others, const char *difference)
{
	const AccessItem *other = access_item_is_in(item, others) || is_marker(item) ? item : counterpart(item, others);

	if (other == item)
		return;
	if (item->privilege == NULL && item->object == NULL)
	{
		if (*difference == 't')
			*differences = lappend(*differences, psprintf("%s: %s before the deployment, %s now", item->kind,
														  item->value ? item->value : "unknown",
														  other && other->value ? other->value : "unknown"));
		return;
	}
	*differences = lappend(*differences, psprintf("%s: %s", item->privilege ? access_item_text(item) : psprintf("policy %s as it is defined", item->object),
												  difference));
}

/* What the list has of an owner or a switch, or NULL. */
static const AccessItem *
counterpart(const AccessItem *item, const List *others)
{
	const ListCell *lc;

	foreach(lc, others)
	{
		const AccessItem *other = lfirst(lc);

		if (strcmp(item->kind, other->kind) == 0 && item->privilege == NULL && item->object == NULL)
			return other;
	}
	return NULL;
}

/* That nothing was granted or revoked yet says nothing of who may do what. */
static bool
is_marker(const AccessItem *item)
{
	static const char *const kinds[] = {"table", "column", "sequence", "schema", "function"};

	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		if (item->privilege == NULL && strcmp(item->kind, kinds[i]) == 0)
			return true;
	}
	return false;
}
