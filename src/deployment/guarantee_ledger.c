/*-------------------------------------------------------------------------
 *
 * guarantee_ledger.c
 *	  The ledger of what was created: see guarantee_ledger.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"

#include "base/owner.h"
#include "base/query.h"
#include "base/slot.h"
#include "deployment/guarantee_ledger.h"
#include "seating/seating_extension.h"

static void *make_ledger_entry(TupleTableSlot *slot);
static void table_names(Oid relid, char **schema, char **table);


List *
guarantee_ledger_entries(void)
{
	OwnerContext caller;
	List	   *entries;

	query_begin_snapshot();
	caller = owner_become(extension_table("menuca_seating", "menuca_seating_guarantee"));
	entries = query_list(psprintf("SELECT guarantee_id, kind, name, table_schema, table_name, definition, before::text"
								  " FROM %smenuca_seating_guarantee ORDER BY guarantee_id DESC", seating_extension_schema()),
						 NULL, make_ledger_entry);
	owner_return(&caller);
	query_end_snapshot();
	return entries;
}

static void *
make_ledger_entry(TupleTableSlot *slot)
{
	LedgerEntry *entry = palloc0(sizeof(LedgerEntry));
	Oid			schema;

	entry->id = slot_int8(slot, 0);
	entry->kind = guarantee_state_kind(slot_text(slot, 1));
	entry->name = slot_text(slot, 2);
	entry->schema = slot_text(slot, 3);
	entry->table = slot_text(slot, 4);
	entry->definition = slot_text(slot, 5);
	entry->before = slot_text_or_null(slot, 6);
	schema = *entry->schema ? get_namespace_oid(entry->schema, true) : InvalidOid;
	entry->relid = OidIsValid(schema) ? get_relname_relid(entry->table, schema) : InvalidOid;
	return entry;
}

LedgerEntry *
guarantee_ledger_find(GuaranteeKind kind, Oid relid, const char *name)
{
	ListCell   *lc;

	foreach(lc, guarantee_ledger_entries())
	{
		LedgerEntry *entry = lfirst(lc);

		if (entry->kind == kind && entry->relid == relid && strcmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

void
guarantee_ledger_enter(GuaranteeKind kind, Oid relid, const char *name, const char *definition, const char *before)
{
	QueryArgs	args = {0};
	char	   *schema;
	char	   *table;

	table_names(relid, &schema, &table);
	query_arg_text(&args, guarantee_state_kind_name(kind));
	query_arg_text(&args, name);
	query_arg_text(&args, schema);
	query_arg_text(&args, table);
	query_arg_text(&args, definition);
	query_arg_json(&args, before);
	seating_write("menuca_seating_guarantee",
				  psprintf("INSERT INTO %smenuca_seating_guarantee (kind, name, table_schema, table_name, definition, before)"
						   " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kind, table_schema, table_name, name)"
						   " DO UPDATE SET definition = EXCLUDED.definition, before = EXCLUDED.before,"
						   " deployed_by = EXCLUDED.deployed_by, deployed_at = EXCLUDED.deployed_at", seating_extension_schema()),
				  &args, NULL, NULL);
}

static void
table_names(Oid relid, char **schema, char **table)
{
	*schema = OidIsValid(relid) ? get_namespace_name(get_rel_namespace(relid)) : "";
	*table = OidIsValid(relid) ? get_rel_name(relid) : "";
}

void
guarantee_ledger_remove(int64 id)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, id);
	seating_write("menuca_seating_guarantee",
				  psprintf("DELETE FROM %smenuca_seating_guarantee g WHERE g.guarantee_id = $1", seating_extension_schema()),
				  &args, NULL, NULL);
}
