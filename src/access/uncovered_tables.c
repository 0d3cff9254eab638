/*-------------------------------------------------------------------------
 *
 * uncovered_tables.c
 *	  Tables that menuca_wanted_access does not list: see uncovered_tables.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "access/uncovered_tables.h"
#include "base/access_roles.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"

/* A row of menuca_table_coverage. */
typedef struct UncoveredTable
{
	WantedAccess wanted;		/* must be the first */
	char	   *decided_by;		/* the table that it is a part of; or NULL */
	char	   *admin_may;		/* of that table */
} UncoveredTable;

static void *make_uncovered(TupleTableSlot *slot);
static void resolve_uncovered(void *arg);
static AclMode present_rights(Oid relid, AccessRole role);


List *
uncovered_tables(List *names)
{
	QueryArgs	args = {0};
	List	   *tables;
	ListCell   *lc;

	query_arg_text(&args, menuca_target_schema);
	query_arg(&args, TEXTARRAYOID, names ? result_text_array(names) : (Datum) 0, names == NIL);
	tables = query_list(psprintf("SELECT table_name, table_oid, coverage = 'part', is_foreign, decided_by, admin_may"
								 " FROM %smenuca_table_coverage WHERE table_schema = $1"
								 " AND coverage IN ('part', 'undecided') AND ($2 IS NULL OR table_name = ANY ($2))",
								 migrate_schema()),
						&args, make_uncovered);
	foreach(lc, tables)
	{
		WantedAccess *wanted = lfirst(lc);
		ErrorData  *error = attempt(resolve_uncovered, wanted);

		if (error)
			wanted->problem = attempt_message(error);
	}
	return tables;
}

static void *
make_uncovered(TupleTableSlot *slot)
{
	UncoveredTable *table = palloc0(sizeof(UncoveredTable));

	table->wanted.table = slot_text(slot, 0);
	table->wanted.relid = slot_oid(slot, 1);
	table->wanted.coverage = slot_bool(slot, 2) ? COVER_PART : COVER_UNDECIDED;
	table->wanted.foreign = slot_bool(slot, 3);
	table->decided_by = slot_text_or_null(slot, 4);
	table->admin_may = slot_text_or_null(slot, 5);
	return &table->wanted;
}

/*
 * The services keep what they have been granted, and of a part what they may do with
 * the rows of its table.
 */
static void
resolve_uncovered(void *arg)
{
	UncoveredTable *table = arg;
	WantedAccess *wanted = &table->wanted;

	relation_lock(wanted->relid, AccessShareLock);
	wanted->admin_may = present_rights(wanted->relid, ROLE_ADMIN);
	if (table->decided_by)
		wanted->admin_may &= wanted_row_commands(table->admin_may);
}

/* The commands that a role has been granted on the whole table. */
static AclMode
present_rights(Oid relid, AccessRole role)
{
	AclMode		mode = 0;

	if (!OidIsValid(access_role_oid(role)))
		return 0;
	for (AclMode command = ACL_INSERT; command <= ACL_DELETE; command <<= 1)
	{
		if ((command & ACCESS_ALL) && pg_class_aclcheck(relid, access_role_oid(role), command) == ACLCHECK_OK)
			mode |= command;
	}
	return mode;
}

List *
uncovered_table_parts(List *names)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	query_arg(&args, TEXTARRAYOID, result_text_array(names), false);
	return query_texts(psprintf("SELECT table_name FROM %smenuca_table_coverage WHERE table_schema = $1"
								" AND coverage = 'part' AND part_of && $2 AND table_name <> ALL ($2)",
								migrate_schema()), &args);
}

char *
uncovered_table_remedy(const WantedAccess *table)
{
	if (table->foreign)
		return migrate_call("A foreign table has no row security, so leave it to its grants, for a reason: INSERT INTO menuca_wanted_access (table_name, wanted, note) VALUES (%s, false, '...');",
							quote_literal_cstr(table->table));
	return migrate_call("Decide who may access it: INSERT INTO menuca_wanted_access (table_name, tenant_key, tenant_may, admin_may) VALUES (%1$s, 'restaurant_id', 'all', 'all'); only the services: INSERT INTO menuca_wanted_access (table_name, admin_may) VALUES (%1$s, 'all'); or leave it alone for a reason: INSERT INTO menuca_wanted_access (table_name, wanted, note) VALUES (%1$s, false, '...');",
						quote_literal_cstr(table->table));
}
