/*-------------------------------------------------------------------------
 *
 * wanted_access.c
 *	  The wanted access, as rows of a table and as the catalog sees it: see
 *	  wanted_access.h.
 *
 * menuca_wanted_access_edited()	trigger of that table
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "access/claim_source.h"
#include "access/membership.h"
#include "access/owner_view.h"
#include "access/public_row.h"
#include "access/uncovered_tables.h"
#include "access/wanted_access.h"
#include "access/wanted_columns.h"
#include "base/attempt.h"
#include "base/blank.h"
#include "base/column.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "base/trigger_call.h"

PG_FUNCTION_INFO_V1(menuca_wanted_access_edited);

/* A row of menuca_wanted_access, whose keys and commands are text until resolved. */
typedef struct WantedTexts
{
	WantedAccess wanted;		/* must be the first */
	char	   *tenant_key;
	char	   *tenant_may;
	char	   *user_key;
	char	   *user_may;
	char	   *admin_may;
	WantedColumnNames columns;
} WantedTexts;

static List *listed_tables(List *names);
static void *make_wanted_access(TupleTableSlot *slot);
static int	compare_wanted(const ListCell *a, const ListCell *b);
static List *tables_of_names(const List *names, const List *tables);
static void require_listed(const List *names, const List *tables);
static void resolve_wanted(void *arg);
static void require_table(const WantedAccess *wanted);
static void require_unique_parents(const WantedAccess *wanted, const AccessKey *key);
static void parse_public_condition(void *arg);
static HeapTuple inherit_flag(const TriggerData *trigger, HeapTuple row, const char *column,
							  QueryArgs *args);
static void require_reason(const TriggerData *trigger);


List *
wanted_access_tables(List *names)
{
	List	   *tables;

	(void) migrate_require_table("menuca_wanted_access", ACL_SELECT);
	tables = list_concat(listed_tables(names), uncovered_tables(names));
	list_sort(tables, compare_wanted);
	require_listed(names, tables);
	return tables;
}

List *
wanted_access_tables_with_parts(List *names)
{
	return wanted_access_tables(names ? list_concat_copy(names, uncovered_table_parts(names)) : NIL);
}

/* Those of menuca_wanted_access. */
static List *
listed_tables(List *names)
{
	List	   *tables;
	ListCell   *lc;

	tables = query_list(psprintf("SELECT table_name, tenant_key, tenant_may, public_may_read_where,"
								 " user_key, user_may, admin_may, coalesce(core, false), coalesce(optional, false),"
								 " ARRAY(SELECT c FROM unnest(hidden_columns) c WHERE c IS NOT NULL),"
								 " ARRAY(SELECT c FROM unnest(read_only_columns) c WHERE c IS NOT NULL),"
								 " ARRAY(SELECT c FROM unnest(writable_columns) c WHERE c IS NOT NULL),"
								 " writable_columns IS NULL, public_with_tenant"
								 " FROM %smenuca_wanted_access WHERE wanted"
								 " ORDER BY table_name COLLATE \"C\"", migrate_schema()),
						NULL, make_wanted_access);
	foreach(lc, tables)
	{
		WantedAccess *wanted = lfirst(lc);
		ErrorData  *error = attempt(resolve_wanted, wanted);

		if (error)
			wanted->problem = attempt_message(error);
		wanted->all = tables;
	}
	return tables_of_names(names, tables);
}

/*
 * Those with these names; NIL: all but absent optional ones.  What is public of a
 * table depends on others, so all of them have been resolved.
 */
static List *
tables_of_names(const List *names, const List *tables)
{
	List	   *found = NIL;
	const ListCell *lc;
	const ListCell *lc2;

	foreach(lc, tables)
	{
		WantedAccess *wanted = lfirst(lc);
		bool		is_named = names == NIL && (!wanted->optional || OidIsValid(wanted->relid));

		foreach(lc2, names)
			is_named = is_named || strcmp(wanted->table, lfirst(lc2)) == 0;
		if (is_named)
			found = lappend(found, wanted);
	}
	return found;
}

Oid
wanted_access_relation(const char *table)
{
	Oid			schema = get_namespace_oid(menuca_target_schema, true);
	Oid			relid = OidIsValid(schema) ? get_relname_relid(table, schema) : InvalidOid;
	QueryArgs	args = {0};

	if (OidIsValid(relid) || strchr(table, '.') == NULL)
		return relid;
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, table);
	return (Oid) query_int8(psprintf("SELECT table_oid::int8 FROM %smenuca_table_coverage"
									 " WHERE table_schema = $1 AND table_name = $2", migrate_schema()), &args);
}

static void *
make_wanted_access(TupleTableSlot *slot)
{
	WantedTexts *row = palloc0(sizeof(WantedTexts));

	row->wanted.table = slot_text(slot, 0);
	row->tenant_key = slot_text_or_null(slot, 1);
	row->tenant_may = slot_text_or_null(slot, 2);
	row->wanted.public_where = slot_text_or_null(slot, 3);
	row->user_key = slot_text_or_null(slot, 4);
	row->user_may = slot_text_or_null(slot, 5);
	row->admin_may = slot_text_or_null(slot, 6);
	row->wanted.core = slot_bool(slot, 7);
	row->wanted.optional = slot_bool(slot, 8);
	row->columns.hidden = slot_text_list(slot, 9);
	row->columns.read_only = slot_text_list(slot, 10);
	row->columns.writable = slot_text_list(slot, 11);
	row->columns.all_writable = slot_bool(slot, 12);
	row->wanted.public_with_tenant = slot_bool(slot, 13);
	return &row->wanted;
}

/* As COLLATE "C" sorts them. */
static int
compare_wanted(const ListCell *a, const ListCell *b)
{
	return strcmp(((WantedAccess *) lfirst(a))->table, ((WantedAccess *) lfirst(b))->table);
}

static void
require_listed(const List *names, const List *tables)
{
	const ListCell *lc;

	foreach(lc, names)
	{
		const ListCell *lc2;
		bool		found = false;

		foreach(lc2, tables)
			found = found || strcmp(((WantedAccess *) lfirst(lc2))->table, lfirst(lc)) == 0;
		if (!found)
			ereport(ERROR,
					(errcode(ERRCODE_NO_DATA_FOUND),
					 errmsg("table \"%s\" is not listed in menuca_wanted_access", (char *) lfirst(lc)),
					 errdetail("Nothing was changed."),
					 errhint("%s", migrate_call("See the listed tables, named without their schema: SELECT table_name FROM menuca_wanted_access WHERE wanted;"))));
	}
}

/* Resolves the row in the catalog.  Raises an error when it cannot be deployed. */
static void
resolve_wanted(void *arg)
{
	WantedTexts *row = arg;
	WantedAccess *wanted = &row->wanted;
	Oid			schema = get_namespace_oid(menuca_target_schema, true);
	ErrorData  *error;

	wanted->tenant_may = wanted_row_commands(row->tenant_may);
	wanted->user_may = wanted_row_commands(row->user_may);
	wanted->admin_may = wanted_row_commands(row->admin_may);
	if (OidIsValid(schema))
		wanted->relid = relation_lock_by_name(schema, wanted->table, AccessShareLock, 0);
	if (!OidIsValid(wanted->relid))
		return;

	require_table(wanted);
	if (row->tenant_key)
	{
		wanted->tenant_key = access_key_parse(wanted->relid, row->tenant_key);
		wanted->owns_itself = access_key_is_primary(wanted->tenant_key, wanted->relid);
	}
	if (row->user_key)
		wanted->user_key = access_key_parse(wanted->relid, row->user_key);
	require_unique_parents(wanted, wanted->tenant_key);
	require_unique_parents(wanted, wanted->user_key);
	wanted_columns_resolve(wanted, &row->columns);

	error = wanted->public_where ? attempt(parse_public_condition, wanted) : NULL;
	if (error && error->sqlerrcode == ERRCODE_UNDEFINED_COLUMN)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("%s in the condition \"%s\" of table %s", error->message, wanted->public_where,
						relation_display_name(wanted->relid)),
				 errdetail("No foreign key shows what a column of a condition was renamed to. The columns are: %s.",
						   column_names(wanted->relid)),
				 errhint("%s", migrate_call("Write the condition with the columns' names now: UPDATE menuca_wanted_access SET public_may_read_where = '...' WHERE table_name = %s;",
											quote_literal_cstr(wanted->table)))));
	if (error)
		ReThrowError(error);
}

/* Rows of other kinds of relations are not subject to policies. */
static void
require_table(const WantedAccess *wanted)
{
	char		relkind = get_rel_relkind(wanted->relid);

	if (relkind == RELKIND_FOREIGN_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s is a foreign table, which has no row security",
						relation_display_name(wanted->relid)),
				 errdetail("Whoever has a grant on it reads all of its rows."),
				 errhint("%s", migrate_call("Revoke the grants of visitors on it, then say so: UPDATE menuca_wanted_access SET wanted = false, note = '...' WHERE table_name = %s;",
											quote_literal_cstr(wanted->table)))));
	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s is not a table", relation_display_name(wanted->relid)),
				 errhint("%s", migrate_call("Name the table that holds its rows in menuca_wanted_access."))));
}

/*
 * Where two parents could have the same id, whoever may insert parents, or change
 * their ids, could repeat the id of somebody else's, and so get at the rows that
 * refer to it.
 */
static void
require_unique_parents(const WantedAccess *wanted, const AccessKey *key)
{
	ListCell   *lc;

	foreach(lc, key ? key->hops : NIL)
	{
		const AccessHop *hop = lfirst(lc);
		QueryArgs	args = {0};

		if (hop->unique)
			continue;
		query_arg_text(&args, hop->table);
		query_arg_text(&args, get_attname(hop->relid, hop->key, true));
		if (query_bool(psprintf("SELECT may ~ 'all|insert' OR may ~ 'update' AND NOT coalesce($2 = ANY (read_only_columns), false)"
								" AND NOT coalesce($2 <> ALL (writable_columns), false)"
								" FROM %smenuca_wanted_access CROSS JOIN LATERAL concat_ws(',', tenant_may, user_may) AS m(may)"
								" WHERE wanted AND table_name = $1", migrate_schema()), &args))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("the key of table \"%s\" leads through \"%s\", whose ids may repeat",
							wanted->table, hop->table),
					 errdetail("Staff or customers may insert rows into \"%s\" or change their ids, and with the id of somebody else's row they would get at what refers to it.", hop->table),
					 errhint("%s", migrate_call("Let the services do that: UPDATE menuca_wanted_access SET tenant_may = 'select,update', user_may = 'select', read_only_columns = read_only_columns || ARRAY['id'] WHERE table_name = %s;",
												quote_literal_cstr(hop->table)))));
	}
}

static void
parse_public_condition(void *arg)
{
	WantedAccess *wanted = arg;

	wanted->public_expr = public_row_parse(wanted->relid, wanted->public_where);
}

AclMode
wanted_access_of_role(const WantedAccess *wanted, AccessRole role)
{
	AclMode		mode = wanted->public_where ? ACL_SELECT : 0;

	switch (role)
	{
		case ROLE_PUBLIC:
			return mode;
		case ROLE_TENANT:
			mode |= wanted->tenant_may | wanted->user_may;
			return wanted->insert_needs ? mode & ~ACL_INSERT : mode;
		case ROLE_ADMIN:
			break;
	}
	return wanted->admin_may;
}

/*
 * By membership, the restaurants are an array, which a sub-select makes once per
 * statement.
 */
char *
wanted_access_tenant_condition(const WantedAccess *wanted)
{
	bool		is_uuid = wanted->tenant_key->type == UUIDOID;
	char	   *tenants;

	if (!membership_is_used())
		return access_key_condition(wanted->tenant_key, wanted->table,
									claim_source_expression(menuca_tenant_claim,
															wanted->tenant_key->type));
	membership_require_type(wanted->tenant_key->type);
	tenants = psprintf("ANY ((SELECT %s%s(%s::pg_catalog.regclass))::pg_catalog.%s)", migrate_schema(),
					   is_uuid ? "menuca_own_tenant_uuids" : "menuca_own_tenants",
					   quote_literal_cstr(owner_view_quoted(OWN_TENANTS_VIEW)), is_uuid ? "uuid[]" : "int8[]");
	return access_key_condition(wanted->tenant_key, wanted->table, tenants);
}

char *
wanted_access_user_condition(const WantedAccess *wanted)
{
	return access_key_condition(wanted->user_key, wanted->table,
								claim_source_expression(menuca_user_claim,
														wanted->user_key->type));
}

/*
 * Marks an edited row as no longer standard, so that a dump holds it.  An
 * inserted row replaces the extension's own row of that table, so that a
 * restore does not duplicate rows.
 */
Datum
menuca_wanted_access_edited(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_call(fcinfo, "menuca_wanted_access_edited",
										migrate_table("menuca_wanted_access"),
										TRIGGER_CALL_INSERT | TRIGGER_CALL_UPDATE);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	int			standard = trigger_call_column(trigger, "standard", BOOLOID);
	Datum		off = BoolGetDatum(false);
	bool		not_null = false;
	HeapTuple	row;

	require_reason(trigger);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
	{
		QueryArgs	args = {0};

		query_arg_text(&args, SPI_getvalue(trigger->tg_trigtuple, desc,
										   trigger_call_column(trigger, "table_name", TEXTOID)));
		row = inherit_flag(trigger, inherit_flag(trigger, trigger->tg_trigtuple, "core", &args),
						   "optional", &args);
		query_write(psprintf("DELETE FROM %s WHERE standard AND table_name OPERATOR(pg_catalog.=) $1",
							 relation_quoted_name(RelationGetRelid(trigger->tg_relation))),
					&args, NULL, NULL);
		return PointerGetDatum(heap_modify_tuple_by_cols(row, desc, 1, &standard, &off, &not_null));
	}
	return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_newtuple, desc, 1,
													 &standard, &off, &not_null));
}

/* A flag that a new row does not have is that of the standard row of its table, $1. */
static HeapTuple
inherit_flag(const TriggerData *trigger, HeapTuple row, const char *column, QueryArgs *args)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	int			attnum = trigger_call_column(trigger, column, BOOLOID);
	bool		not_null = false;
	Datum		value;

	if (SPI_getvalue(row, desc, attnum) != NULL)
		return row;
	value = BoolGetDatum(query_bool(psprintf("SELECT %s FROM %s WHERE standard AND table_name = $1",
											 column, relation_quoted_name(RelationGetRelid(trigger->tg_relation))),
									args));
	return heap_modify_tuple_by_cols(row, desc, 1, &attnum, &value, &not_null);
}

/*
 * A table that is left outside needs a reason of its own, which the note that the
 * row had before is not.
 */
static void
require_reason(const TriggerData *trigger)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	bool		is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	HeapTuple	row = is_update ? trigger->tg_newtuple : trigger->tg_trigtuple;
	int			wanted = trigger_call_column(trigger, "wanted", BOOLOID);
	int			note = trigger_call_column(trigger, "note", TEXTOID);
	char	   *is_wanted = SPI_getvalue(row, desc, wanted);
	char	   *reason = SPI_getvalue(row, desc, note);
	char	   *name = SPI_getvalue(row, desc, trigger_call_column(trigger, "table_name", TEXTOID));

	if (is_wanted == NULL || strcmp(is_wanted, "f") != 0 || name == NULL)
		return;
	if (is_update && reason)
	{
		char	   *was_wanted = SPI_getvalue(trigger->tg_trigtuple, desc, wanted);
		char	   *old = SPI_getvalue(trigger->tg_trigtuple, desc, note);

		if (was_wanted && strcmp(was_wanted, "t") == 0 && old && strcmp(old, reason) == 0)
			reason = NULL;
	}
	if (reason && !blank_text(reason, strlen(reason)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("table \"%s\" cannot be left outside of the wanted access without a reason", name),
			 errdetail("Nobody would check who can access it. Nothing was changed."),
			 errhint("%s", migrate_call(is_update ?
										"Write the reason in place of ...: UPDATE menuca_wanted_access SET wanted = false, note = '...' WHERE table_name = %s;" :
										"Write the reason in place of ...: INSERT INTO menuca_wanted_access (table_name, wanted, note) VALUES (%s, false, '...');",
										quote_literal_cstr(name)))));
}
