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
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "base/advisory_lock.h"
#include "base/attempt.h"
#include "base/column.h"
#include "base/compat.h"
#include "base/direct_access.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/hooked_table.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/table_lock.h"
#include "target/keyed_table.h"

static bool has_rows_elsewhere(Oid relid);
static void require_replica_identity(void *arg);
static void plan_delete(void *arg);
static AttrNumber require_key_of_rows_elsewhere(const KeyedTable *table);
pg_noreturn static void refuse_relkind(const char *schema, const char *table, char relkind);
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

	/* It can be read, but not be locked, or be given a key. */
	if (get_rel_relkind(relid) == RELKIND_FOREIGN_TABLE)
		refuse_relkind(schema, name, RELKIND_FOREIGN_TABLE);
	table->oid = relid;
	table->name = relation_quoted_name(relid);
	table->display_name = relation_display_name(relid);
	relation_require(relid, rights);
	key = relation_key_column(relid);
	if (key == InvalidAttrNumber && has_rows_elsewhere(relid))
		key = require_key_of_rows_elsewhere(table);

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
	column_integer_range(column_type(relid, key), &unused, &table->id_max);
}

/* True where neither a lock nor a primary key of this server covers all rows. */
static bool
has_rows_elsewhere(Oid relid)
{
	return relation_has_foreign_rows(relid) || hooked_table(relid);
}

/*
 * A table with rows on other servers cannot have a primary key on its id alone: its
 * column id is taken for one, and keyed_table_repeats() has to confirm it.
 */
static AttrNumber
require_key_of_rows_elsewhere(const KeyedTable *table)
{
	AttrNumber	id = column_find(table->oid, "id");
	Oid			type = id == InvalidAttrNumber ? InvalidOid : column_type(table->oid, id);

	if ((type == INT2OID || type == INT4OID || type == INT8OID) && column_is_not_null(table->oid, id))
		return id;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table %s has rows on other servers and no column \"id\" that identifies them",
					table->display_name),
			 errdetail("No primary key can cover rows of foreign tables; in its place, the ledger needs a column \"id\" of an integer type that is NOT NULL. Nothing was changed."),
			 id == InvalidAttrNumber ?
			 errhint("ALTER TABLE %s ADD COLUMN id bigint; fill it with numbers that do not repeat, then: ALTER TABLE %s ALTER COLUMN id SET NOT NULL;",
					 table->name, table->name) :
			 errhint("ALTER TABLE %s ALTER COLUMN id SET NOT NULL; if it is of another type, first: ALTER TABLE %s ALTER COLUMN id TYPE bigint;",
					 table->name, table->name)));
}

int64
keyed_table_repeats(const KeyedTable *table)
{
	Relation	rel = relation_open_locked(table->oid);
	bool		covered = rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ?
		!has_rows_elsewhere(table->oid) :
		!relation_has_heirs(table->oid) && direct_access_read_obstacle(rel) == NULL;

	table_close(rel, NoLock);
	return covered ? 0 :
		query_int8(psprintf("SELECT count(*) - count(DISTINCT t.%s) FROM %s t",
							table->id, table->name), NULL);
}

char *
keyed_table_undo_obstacle(const KeyedTable *table, char **hint)
{
	KeyedTable *arg = unconstify(KeyedTable *, table);
	ErrorData  *error = attempt_and_undo(require_replica_identity, arg);

	*hint = psprintf("ALTER TABLE %s REPLICA IDENTITY DEFAULT; or, without a primary key: ALTER TABLE %s REPLICA IDENTITY FULL;",
					 table->name, table->name);
	if (error == NULL && has_rows_elsewhere(table->oid) &&
		relation_may(table->oid, ACL_DELETE) &&
		!OidIsValid(hooked_table_distrusted(list_make1_oid(table->oid))))
	{
		error = attempt_and_undo(plan_delete, arg);
		*hint = psprintf("Store the rows of %s where rows can be deleted: ALTER TABLE %s SET ACCESS METHOD heap; or as your server's documentation says.",
						 table->display_name, table->name);
	}
	return error ? psprintf("rows of table %s could not be deleted by a rollback: %s",
							table->display_name, error->message) : NULL;
}

char *
keyed_table_storage_query(const KeyedTable *table)
{
	return psprintf("SELECT c.oid::regclass, a.amname, c.relreplident FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam"
					" WHERE c.oid = %s::regclass;", quote_literal_cstr(table->name));
}

/* Publications of deletes demand one. */
static void
require_replica_identity(void *arg)
{
	const KeyedTable *table = arg;
	ListCell   *lc;

	foreach(lc, find_all_inheritors(table->oid, AccessShareLock, NULL))
	{
		Relation	rel = table_open(lfirst_oid(lc), NoLock);

		if (rel->rd_rel->relkind == RELKIND_RELATION)
			CheckCmdReplicaIdentity(rel, CMD_DELETE);
		table_close(rel, NoLock);
	}
}

/* As a rollback deletes; the executor starts, but runs nothing. */
static void
plan_delete(void *arg)
{
	const KeyedTable *table = arg;

	query_write(psprintf("EXPLAIN DELETE FROM %s i WHERE i.%s OPERATOR(pg_catalog.=) ANY ('{0}'::pg_catalog.int8[])",
						 table->name, table->id), NULL, NULL, NULL);
}

char *
keyed_table_repeats_text(const KeyedTable *table, int64 repeats)
{
	return psprintf("%s of table %s %s no %s of %s own", format_things(repeats, "row"),
					table->display_name, repeats == 1 ? "has" : "have", table->id,
					repeats == 1 ? "its" : "their");
}

char *
keyed_table_repeats_query(const KeyedTable *table)
{
	return psprintf("SELECT %s, count(*), array_agg(tableoid::regclass) FROM %s GROUP BY 1 HAVING count(*) > 1 OR %s IS NULL;",
					table->id, table->name, table->id);
}

char *
keyed_table_repeats_hint(const KeyedTable *table)
{
	return psprintf("To see them: %s give each row a key of its own, or detach the table that repeats them.",
					keyed_table_repeats_query(table));
}

void
keyed_table_warn_foreign(const KeyedTable *table)
{
	if (has_rows_elsewhere(table->oid))
		ereport(WARNING,
				(relation_has_foreign_rows(table->oid) ?
				 errmsg("rows of table %s are on other servers", table->display_name) :
				 errmsg("table %s is read by a hook of the server, which may keep its rows on other servers",
						table->display_name),
				 errdetail("The lock of this run keeps out writers of this server only, and the servers commit one after the other: after a crash in between, rows can be there that the ledger does not have."),
				 errhint("%s", migrate_call("Let nobody else write to them until the run has ended, and afterwards: SELECT * FROM menuca_validate();"))));
}

static void
refuse_relkind(const char *schema, const char *table, char relkind)
{
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("%s.%s is not a table", schema, table),
			 errdetail_relkind_not_supported(relkind),
			 relkind == RELKIND_FOREIGN_TABLE ?
			 errhint("Make the foreign table a partition of a partitioned table %s.%s with a column \"id\".",
					 quote_identifier(schema), quote_identifier(table)) :
			 errhint("Set menuca.target_schema to the schema that holds the table itself.")));
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

	relid = relation_lock_by_name(namespace, table, AccessShareLock, 0);
	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s.%s does not exist", schema, table),
				 errdetail("The schema \"%s\" exists, the table does not.", schema),
				 strcmp(table, "dish_combo_groups") == 0 ?
				 errhint("%s", migrate_call("Create it: SELECT * FROM menuca_create_dish_combo_groups(dry_run => false);")) :
				 strchr(table, '.') ?
				 errhint("Name the table without its schema, which is that of the setting menuca.target_schema.") :
				 errhint("Check the setting menuca.target_schema, and that the whole migrated schema was created.")));

	relkind = get_rel_relkind(relid);
	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE &&
		relkind != RELKIND_FOREIGN_TABLE)
		refuse_relkind(schema, table, relkind);
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
	table_lock_take(table->oid, ShareRowExclusiveLock, "Nothing was changed by this call.");
}

void
keyed_table_lock_exclusive(const KeyedTable *table)
{
	if (has_rows_elsewhere(table->oid))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 relation_has_foreign_rows(table->oid) ?
				 errmsg("table %s cannot be locked against readers: it has rows on other servers",
						table->display_name) :
				 errmsg("table %s cannot be locked against readers: a hook of the server reads it",
						table->display_name),
				 errdetail("A lock excludes sessions of this server only. Nothing was changed."),
				 errhint("Omit the argument lock.")));
	if (!relation_is_owned(table->oid))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s to lock it against readers",
						table->display_name),
				 errdetail("lock => 'access_exclusive' lets the run rebuild the table's indexes, which is the owner's right. Nothing was changed."),
				 errhint("Omit the argument lock, or call this as role %s.",
						 quote_identifier(GetUserNameFromId(relation_owner(table->oid), false)))));
	table_lock_take(table->oid, AccessExclusiveLock, "Nothing was changed by this call.");
}

bool
keyed_table_can_reindex(const KeyedTable *table)
{
	Relation	rel = relation_open_locked(table->oid);
	bool		possible = relation_is_owned(table->oid);
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
