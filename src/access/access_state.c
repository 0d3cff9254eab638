/*-------------------------------------------------------------------------
 *
 * access_state.c
 *	  What a table was like before a deployment changed it: see access_state.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "access/access_state.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/query.h"
#include "base/settings.h"
#include "base/slot.h"

/* The columns that a row of the ledger has in common with menuca_access_item. */
#define ITEM "kind, object, item_no, grantee, grantor, privilege, is_grantable, value"
#define ITEM_WITHOUT_PLACE "kind, object, grantee, grantor, privilege, is_grantable, value"

static char *items_of(Oid relid);
static void add_relid(QueryArgs *args, Oid relid);
static void keep_id(TupleTableSlot *slot, void *arg);
static void *make_item(TupleTableSlot *slot);
static bool item_equals(const AccessItem *a, const AccessItem *b);
static bool same(const char *a, const char *b);


int64
access_state_begin(const char *table, Oid relid)
{
	QueryArgs	args = {0};
	QueryArgs	state = {0};
	int64		deployment = 0;

	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, table);
	migrate_write("menuca_access_deployment",
				  psprintf("INSERT INTO %smenuca_access_deployment (table_schema, table_name)"
						   " VALUES ($1, $2) RETURNING deployment_id", migrate_schema()),
				  &args, keep_id, &deployment);

	add_relid(&state, relid);
	query_arg_int8(&state, deployment);
	migrate_write("menuca_access_state",
				  psprintf("INSERT INTO %smenuca_access_state (deployment_id, moment, " ITEM ")"
						   " SELECT $3, 'before', " ITEM " FROM %s", migrate_schema(), items_of(relid)),
				  &state, NULL, NULL);
	return deployment;
}

void
access_state_end(int64 deployment, Oid relid)
{
	char	   *before = psprintf("SELECT " ITEM_WITHOUT_PLACE " FROM %smenuca_access_state"
								  " WHERE deployment_id OPERATOR(pg_catalog.=) $3"
								  " AND moment OPERATOR(pg_catalog.=) 'before'", migrate_schema());
	char	   *now = psprintf("SELECT " ITEM_WITHOUT_PLACE " FROM %s", items_of(relid));
	QueryArgs	args = {0};

	add_relid(&args, relid);
	query_arg_int8(&args, deployment);
	migrate_write("menuca_access_state",
				  psprintf("INSERT INTO %smenuca_access_state (deployment_id, moment, item_no, " ITEM_WITHOUT_PLACE ")"
						   " SELECT $3, 'added', 0, a.* FROM (%s EXCEPT %s) a"
						   " UNION ALL SELECT $3, 'removed', 0, r.* FROM (%s EXCEPT %s) r",
						   migrate_schema(), now, before, before, now),
				  &args, NULL, NULL);
}

/*
 * What follows FROM for the items of a table, whose OID is $1, or for those of the
 * schemas that deployments change, and of their functions: the target schema is $2.
 */
static char *
items_of(Oid relid)
{
	char	   *schema = migrate_schema();

	if (OidIsValid(relid))
		return psprintf("%smenuca_access_item WHERE table_oid OPERATOR(pg_catalog.=) $1", schema);
	return psprintf("%smenuca_access_item WHERE table_oid IS NULL"
					" AND (schema_name OPERATOR(pg_catalog.=) $2"
					" OR pg_catalog.quote_ident(schema_name) OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.=) %s AND"
					" (kind OPERATOR(pg_catalog.=) 'schema' OR object OPERATOR(pg_catalog.~) '\\mmenuca_claim_'))",
					schema, quote_literal_cstr(schema));
}

static void
add_relid(QueryArgs *args, Oid relid)
{
	query_arg(args, OIDOID, ObjectIdGetDatum(relid), false);
	query_arg_text(args, menuca_target_schema);
}

static void
keep_id(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = slot_int8(slot, 0);
}

bool
access_state_exists(const char *table)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, table);
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_access_deployment WHERE table_schema = $1"
							   " AND table_name IS NOT DISTINCT FROM $2 AND undone_at IS NULL)", migrate_schema()), &args);
}

List *
access_state_now(Oid relid)
{
	QueryArgs	args = {0};
	List	   *items;

	add_relid(&args, relid);
	query_begin_snapshot();
	items = query_list(psprintf("SELECT " ITEM " FROM %s ORDER BY kind, object NULLS FIRST, item_no, value",
								items_of(relid)), &args, make_item);
	query_end_snapshot();
	return items;
}

List *
access_state_before(const char *table)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, table);
	return query_list(psprintf("SELECT " ITEM " FROM %1$smenuca_access_state WHERE moment = 'before' AND deployment_id ="
							   " (SELECT min(deployment_id) FROM %1$smenuca_access_deployment WHERE table_schema = $1"
							   " AND table_name IS NOT DISTINCT FROM $2 AND undone_at IS NULL)"
							   " ORDER BY kind, object NULLS FIRST, item_no, value", migrate_schema()), &args, make_item);
}

List *
access_state_reversal(const char *table, bool was_there)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, table);
	query_arg(&args, BOOLOID, BoolGetDatum(was_there), false);
	return query_list(psprintf("SELECT kind, object, 0, grantee, grantor, privilege, is_grantable, value"
							   " FROM %smenuca_access_reversal WHERE table_schema = $1"
							   " AND table_name IS NOT DISTINCT FROM $2 AND was_there = $3"
							   " ORDER BY kind, object NULLS FIRST, grantee, privilege", migrate_schema()), &args, make_item);
}

static void *
make_item(TupleTableSlot *slot)
{
	AccessItem *item = palloc0(sizeof(AccessItem));

	item->kind = slot_text(slot, 0);
	item->object = slot_text_or_null(slot, 1);
	item->grantee = slot_text_or_null(slot, 3);
	item->grantor = slot_text_or_null(slot, 4);
	item->privilege = slot_text_or_null(slot, 5);
	item->grantable = !slot->tts_isnull[6] && slot_bool(slot, 6);
	item->value = slot_text_or_null(slot, 7);
	return item;
}

void
access_state_mark_undone(const char *table)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, table);
	migrate_write("menuca_access_deployment",
				  psprintf("UPDATE %smenuca_access_deployment"
						   " SET undone_at = pg_catalog.clock_timestamp(), undone_by = session_user,"
						   " undo_took = pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.statement_timestamp()"
						   " WHERE table_schema OPERATOR(pg_catalog.=) $1 AND undone_at IS NULL"
						   " AND (table_name OPERATOR(pg_catalog.=) $2 OR table_name IS NULL AND $2 IS NULL)", migrate_schema()),
				  &args, NULL, NULL);
}

static bool
item_equals(const AccessItem *a, const AccessItem *b)
{
	return same(a->kind, b->kind) && same(a->object, b->object) && same(a->grantee, b->grantee) &&
		same(a->grantor, b->grantor) && same(a->privilege, b->privilege) &&
		a->grantable == b->grantable && same(a->value, b->value);
}

/* Both may be NULL. */
static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
access_item_is_in(const AccessItem *item, const List *items)
{
	const ListCell *lc;

	foreach(lc, items)
	{
		if (item_equals(item, lfirst(lc)))
			return true;
	}
	return false;
}

char *
access_item_text(const AccessItem *item)
{
	const char *object = item->object ? item->object : "";

	if (item->privilege == NULL)
		return psprintf("%s%s%s: %s", item->kind, *object ? " " : "", object, item->value ? item->value : "?");
	return psprintf("%s on %s%s%s for %s%s%s%s", item->privilege, item->kind, *object ? " " : "", object,
					item->grantee ? item->grantee : "?", item->grantable ? " with grant option" : "",
					item->grantor && strcmp(item->grantor, "OWNER") != 0 ? ", granted by " : "",
					item->grantor && strcmp(item->grantor, "OWNER") != 0 ? item->grantor : "");
}
