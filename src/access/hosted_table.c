/*-------------------------------------------------------------------------
 *
 * hosted_table.c
 *	  The wanted access of a table, for a database without the extension: see
 *	  hosted_table.h.
 *
 * The privileges there are not those of the copy, which may have been made without any.
 * So a file says what each role may do, and its functions give and take the difference.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access_cell.h"
#include "access/access_policy.h"
#include "access/access_public.h"
#include "access/hosted_expression.h"
#include "access/hosted_table.h"
#include "access/wanted_access.h"
#include "access/wanted_columns.h"
#include "base/column.h"
#include "base/export_set.h"
#include "base/extension.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"

static const struct
{
	AclMode		mode;
	const char *keyword;
}			hosted_privileges[] = {
	{ACL_SELECT, "SELECT"},
	{ACL_INSERT, "INSERT"},
	{ACL_UPDATE, "UPDATE"},
	{ACL_DELETE, "DELETE"}
};

static List *hosted_policies(const WantedAccess *wanted, const List *views);
static bool is_closed(const WantedAccess *wanted);
static char *policies_json(const List *policies);
static List *policies_of_others(Oid relid);
static char *may_json(const WantedAccess *wanted);
static List *limited_privileges(const WantedAccess *wanted);
static bool had_row_security(const WantedAccess *wanted);
static char *cells_json(const HostedTable *table, const List *cells);
static bool can_be_tried(const AccessCell *cell);
static char *owner_expression(const WantedAccess *wanted, const AccessKey *key);


HostedTable *
hosted_table_make(const WantedAccess *wanted, const List *views, int number)
{
	HostedTable *table = palloc0(sizeof(HostedTable));
	List	   *roles = list_make3((char *) access_role_name(ROLE_PUBLIC), (char *) access_role_name(ROLE_TENANT),
								   (char *) access_role_name(ROLE_ADMIN));
	QueryArgs	args = {0};
	StringInfoData json;

	table->wanted = wanted;
	table->name = pstrdup(relation_quoted_name(wanted->relid));
	table->number = number;
	table->policies = wanted->foreign ? NIL : hosted_policies(wanted, views);

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	initStringInfo(&json);
	json_begin(&json);
	json_text(&json, "table", table->name);
	json_texts(&json, "roles", roles);
	json_texts(&json, "visitors", list_copy_head(roles, 2));
	json_text(&json, "public", access_role_name(ROLE_PUBLIC));
	json_text(&json, "tenant", access_role_name(ROLE_TENANT));
	json_bool(&json, "closed", is_closed(wanted));
	json_raw(&json, "may", may_json(wanted));
	json_texts(&json, "limited", limited_privileges(wanted));
	json_raw(&json, "policies", policies_json(table->policies));
	json_raw(&json, "kept", policies_json(policies_of_others(wanted->relid)));
	json_bool(&json, "row_security", had_row_security(wanted));
	json_raw(&json, "columns", query_text(psprintf("SELECT %smenuca_hosted_columns($1)::text", migrate_schema()), &args));
	table->version = export_set_sha256(json.data);
	json_text(&json, "version", table->version);
	json_end(&json);
	table->json = json.data;
	return table;
}

static List *
hosted_policies(const WantedAccess *wanted, const List *views)
{
	List	   *policies = access_policies_wanted(wanted);
	ListCell   *lc;

	foreach(lc, policies)
	{
		AccessPolicy *policy = lfirst(lc);

		policy->definition = hosted_expression(policy->definition, views);
	}
	return policies;
}

/* Visitors reach its rows through another table, if at all. */
static bool
is_closed(const WantedAccess *wanted)
{
	return wanted->coverage == COVER_PART || wanted->foreign;
}

static char *
policies_json(const List *policies)
{
	StringInfoData json;
	const ListCell *lc;

	initStringInfo(&json);
	json_begin(&json);
	foreach(lc, policies)
		json_text(&json, ((AccessPolicy *) lfirst(lc))->name, ((AccessPolicy *) lfirst(lc))->definition);
	json_end(&json);
	return json.data;
}

static List *
policies_of_others(Oid relid)
{
	List	   *others = NIL;
	ListCell   *lc;

	foreach(lc, access_policies_of(relid))
	{
		if (!access_policy_is_own(((AccessPolicy *) lfirst(lc))->name))
			others = lappend(others, lfirst(lc));
	}
	return others;
}

/* A member for each role, with its privileges, each with its columns or null for the table. */
static char *
may_json(const WantedAccess *wanted)
{
	StringInfoData roles;

	initStringInfo(&roles);
	json_begin(&roles);
	for (int role = 0; role < ACCESS_ROLES; role++)
	{
		AclMode		may = wanted_access_of_role(wanted, role);
		StringInfoData privileges;

		if (role != ROLE_ADMIN && is_closed(wanted))
			continue;
		initStringInfo(&privileges);
		json_begin(&privileges);
		for (size_t i = 0; i < lengthof(hosted_privileges); i++)
		{
			AclMode		mode = hosted_privileges[i].mode;

			if (!(may & mode))
				continue;
			if (role != ROLE_ADMIN && wanted_columns_limit(wanted, mode))
				json_texts(&privileges, hosted_privileges[i].keyword, wanted_columns_allowed(wanted, mode));
			else
				json_text(&privileges, hosted_privileges[i].keyword, NULL);
		}
		json_end(&privileges);
		json_raw(&roles, access_role_name(role), privileges.data);
	}
	json_end(&roles);
	return roles.data;
}

static List *
limited_privileges(const WantedAccess *wanted)
{
	List	   *limited = NIL;

	for (size_t i = 0; i < lengthof(hosted_privileges); i++)
	{
		if (wanted_columns_limit(wanted, hosted_privileges[i].mode))
			limited = lappend(limited, (char *) hosted_privileges[i].keyword);
	}
	return limited;
}

/* Before the deployment of this copy, if it switched it on. */
static bool
had_row_security(const WantedAccess *wanted)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg_text(&args, wanted->table);
	return query_bool(psprintf("SELECT c.relrowsecurity AND NOT EXISTS (SELECT FROM %smenuca_access_change h WHERE h.kind = 'row_security'"
							   " AND h.undone_at IS NULL AND h.table_name = $2 AND h.table_schema = n.nspname)"
							   " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1", migrate_schema()), &args);
}

char *
hosted_table_cells(const HostedTable *table, const List *cells)
{
	const WantedAccess *wanted = table->wanted;
	char	   *tried = cells_json(table, cells);
	List	   *writable = wanted_columns_allowed(wanted, ACL_UPDATE);
	StringInfoData json;

	if (tried == NULL)
		return NULL;
	initStringInfo(&json);
	json_begin(&json);
	json_text(&json, "table", table->name);
	json_text(&json, "version", table->version);
	json_text(&json, "name", wanted->table);
	json_text(&json, "qualifier", quote_identifier(wanted->table));
	json_text(&json, "tenant", owner_expression(wanted, wanted->tenant_key));
	json_text(&json, "user", owner_expression(wanted, wanted->user_key));
	json_text(&json, "public", wanted->public_expr ? access_public_condition(wanted, true) : NULL);
	json_text(&json, "column", writable ? linitial(writable) : NULL);
	json_texts(&json, "insert", wanted->insertable);
	json_raw(&json, "cells", tried);
	json_end(&json);
	return json.data;
}

/* NULL when there is none. */
static char *
cells_json(const HostedTable *table, const List *cells)
{
	StringInfoData json;
	const ListCell *lc;

	initStringInfo(&json);
	foreach(lc, cells)
	{
		const AccessCell *cell = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (strcmp(cell->table, table->wanted->table) != 0 || !can_be_tried(cell))
			continue;
		appendStringInfoChar(&json, json.len == 0 ? '[' : ',');
		json_begin(&json);
		json_text(&json, "kind", cell->kind);
		json_text(&json, "role", access_role_name(cell->role));
		json_text(&json, "command", cell->command);
		json_text(&json, "row", cell->row);
		json_text(&json, "expected", cell->expected);
		json_end(&json);
	}
	if (json.len == 0)
		return NULL;
	appendStringInfoChar(&json, ']');
	return json.data;
}

/* The plain commands, on rows that every database has: own and foreign, public and not. */
static bool
can_be_tried(const AccessCell *cell)
{
	static const char *const commands[] = {"select", "update", "delete", "insert"};
	static const char *const rows[] = {
		"any", "public", "inactive", "own", "own, public", "own, inactive", "foreign", "foreign, public", "foreign, inactive"
	};
	bool		is_command = false;

	for (size_t i = 0; i < lengthof(commands); i++)
		is_command = is_command || strcmp(cell->command, commands[i]) == 0;
	for (size_t i = 0; is_command && i < lengthof(rows); i++)
	{
		if (strcmp(cell->row, rows[i]) == 0)
			return cell->status == CHECK_PASS;
	}
	return false;
}

/* The owner of a row, as SQL; NULL when there is no key, or rows of it have no one parent. */
static char *
owner_expression(const WantedAccess *wanted, const AccessKey *key)
{
	char	   *owner;
	ListCell   *lc;

	if (key == NULL)
		return NULL;
	owner = psprintf("%s.%s", quote_identifier(wanted->table), quote_identifier(key->column));
	foreach(lc, key->hops)
	{
		const AccessHop *hop = lfirst(lc);

		if (hop->pairs != NIL)
			return NULL;
		owner = psprintf("(SELECT p.%s FROM %s AS p WHERE p.%s OPERATOR(pg_catalog.=) %s)", quote_identifier(hop->column),
						 relation_quoted_name(hop->relid), column_quoted(hop->relid, hop->key), owner);
	}
	return owner;
}
