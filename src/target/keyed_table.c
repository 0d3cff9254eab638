/*-------------------------------------------------------------------------
 *
 * keyed_table.c
 *	  Tables that a run writes to: see keyed_table.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "base/advisory_lock.h"
#include "base/column.h"
#include "base/compat.h"
#include "base/extension.h"
#include "base/relation.h"
#include "target/keyed_table.h"

static void release_at_abort(XactEvent event, void *arg);

/* The table whose lock this session holds beyond transactions, if any. */
static Oid	session_lock_table = InvalidOid;


void
keyed_table_open(KeyedTable *table, const char *schema, const char *name,
				 AclMode rights)
{
	Oid			relid = target_table_oid(schema, name);
	AttrNumber	key;
	int64		unused;

	table->oid = relid;
	table->name = relation_quoted_name(relid);
	table->display_name = relation_display_name(relid);
	relation_require(relid, rights);
	key = relation_key_column(relid);

	if (key == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s has no primary key of one integer column",
						table->display_name),
				 errdetail("The ledger remembers a run's rows by that key; without it a run could not be rolled back."),
				 errhint("Add one on its integer id: ALTER TABLE %s ADD PRIMARY KEY (id); turn a primary key on other columns into a UNIQUE constraint first.",
						 table->name)));

	table->id_attnum = key;
	table->id = column_quoted(relid, key);
	table->id_type = column_type_name(relid, key);
	table->id_has_default = column_has_default(relid, key);
	column_integer_range(get_atttype(relid, key), &unused, &table->id_max);
}

Oid
target_table_oid(const char *schema, const char *table)
{
	Oid			namespace = get_namespace_oid(schema, true);
	Oid			relid;
	char		relkind;

	if (!OidIsValid(namespace))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("schema \"%s\" does not exist", schema),
				 errdetail("It should hold the tables combo_groups, dishes and %s of the migrated database.",
						   table),
				 errhint("Connect to the right database, or name the schema: SET menuca.target_schema = '...';")));

	relid = get_relname_relid(table, namespace);
	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s.%s does not exist", schema, table),
				 errdetail("The schema \"%s\" exists, the table does not.", schema),
				 strcmp(table, "dish_combo_groups") == 0 ?
				 errhint("%s", migrate_call("Create it: SELECT menuca_create_dish_combo_groups(dry_run => false);")) :
				 errhint("Check the setting menuca.target_schema, and that the whole migrated schema was created.")));

	relation_lock(relid, AccessShareLock);
	relkind = get_rel_relkind(relid);
	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s.%s is not a table", schema, table),
				 errdetail_relkind_not_supported(relkind),
				 errhint("Set menuca.target_schema to the schema that holds the table itself.")));
	return relid;
}

void
keyed_table_reserve(const KeyedTable *table, bool for_session)
{
	if (!advisory_lock_try(ADVISORY_LOCK_RUN, table->oid, for_session))
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("another run is already writing to table %s", table->display_name),
				 errdetail("Only one run at a time can write to a table; this one has changed nothing."),
				 errhint("%s", migrate_call("To find it: SELECT * FROM menuca_runs WHERE status = 'running'; wait until it ends, or cancel it, and call again."))));

	if (for_session)
	{
		static bool registered = false;

		session_lock_table = table->oid;
		if (!registered)
			RegisterXactCallback(release_at_abort, NULL);
		registered = true;
	}
}

void
keyed_table_release(void)
{
	advisory_lock_release(ADVISORY_LOCK_RUN, session_lock_table);
	session_lock_table = InvalidOid;
}

void
keyed_table_lock(const KeyedTable *table)
{
	relation_lock(table->oid, ShareRowExclusiveLock);
}

void
keyed_table_lock_exclusive(const KeyedTable *table)
{
	if (!menuca_owns_table(table->oid, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s to lock it against readers",
						table->display_name),
				 errdetail("lock => 'access_exclusive' lets the run rebuild the table's indexes, which is the owner's right. Nothing was changed."),
				 errhint("Omit the argument lock, or call this as role %s.",
						 quote_identifier(GetUserNameFromId(relation_owner(table->oid), false)))));
	relation_lock(table->oid, AccessExclusiveLock);
}

bool
keyed_table_can_reindex(const KeyedTable *table)
{
	Relation	rel = table_open(table->oid, NoLock);
	bool		possible = menuca_owns_table(table->oid, GetUserId());
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);

		/* REINDEX allows no reference but the one that we hold here. */
		if (!index->rd_index->indisvalid || index->rd_refcnt > 1)
			possible = false;
		index_close(index, NoLock);
	}
	table_close(rel, NoLock);
	return possible;
}

/* A lock for the session survives commits, but must not survive an error. */
static void
release_at_abort(XactEvent event, pg_attribute_unused() void *arg)
{
	if (event == XACT_EVENT_ABORT && OidIsValid(session_lock_table))
		keyed_table_release();
}
