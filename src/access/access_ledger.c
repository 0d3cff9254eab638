/*-------------------------------------------------------------------------
 *
 * access_ledger.c
 *	  The ledger of access deployments: see access_ledger.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access_ledger.h"
#include "base/advisory_lock.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/guc_scope.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"

static void supersede(const PlannedAction *done, const char *kind);
static void *make_name(TupleTableSlot *slot);
static void *make_change(TupleTableSlot *slot);


void
access_ledger_open(bool for_session)
{
	(void) migrate_require_table("menuca_access_change", ACL_SELECT);
	(void) migrate_require_table("menuca_access_deployment", ACL_SELECT);
	(void) migrate_require_table("menuca_access_state", ACL_SELECT);

	if (!advisory_lock_try(ADVISORY_LOCK_ACCESS, 0, for_session))
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("another session is changing the access to these tables"),
				 errdetail("Only one deployment or rollback can run at a time. Nothing was changed."),
				 errhint("%s", migrate_call("Wait until it has finished, then check the plan again: SELECT * FROM menuca_access_plan();"))));
}

void
access_ledger_close(void)
{
	advisory_lock_release(ADVISORY_LOCK_ACCESS, 0);
}

void
access_ledger_record(const PlannedAction *done)
{
	static const char *const kinds[] = {
		[ACTION_CREATE_VIEW] = "view",
		[ACTION_REPLACE_VIEW] = "view",
		[ACTION_CREATE_POLICY] = "policy",
		[ACTION_REPLACE_POLICY] = "policy",
		[ACTION_DROP_POLICY] = "policy",
		[ACTION_GRANT] = "grant",
		[ACTION_REVOKE] = "revoke",
		[ACTION_ENABLE_RLS] = "row_security"
	};
	QueryArgs	args = {0};

	if (done->definition || done->action == ACTION_DROP_POLICY)
		supersede(done, kinds[done->action]);
	if (done->action == ACTION_DROP_POLICY)
		return;

	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, done->table);
	query_arg_text(&args, kinds[done->action]);
	query_arg_text(&args, done->object);
	query_arg_text(&args, done->statement);
	query_arg_text(&args, done->undo);
	query_arg_text(&args, done->definition);
	migrate_write("menuca_access_change",
				  psprintf("INSERT INTO %smenuca_access_change"
						   " (table_schema, table_name, kind, object, statement, undo, definition)"
						   " VALUES ($1, $2, $3, $4, $5, $6, $7)", migrate_schema()),
				  &args, NULL, NULL);
}

/* The earlier policy or view of that name is gone, so its entry ends. */
static void
supersede(const PlannedAction *done, const char *kind)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, done->table);
	query_arg_text(&args, done->object);
	query_arg_text(&args, kind);
	migrate_write("menuca_access_change",
				  psprintf("UPDATE %smenuca_access_change"
						   " SET undone_at = pg_catalog.clock_timestamp(), undone_by = session_user"
						   " WHERE (table_schema, kind, object) OPERATOR(pg_catalog.=) ($1, $4, $3)"
						   " AND (table_name OPERATOR(pg_catalog.=) $2 OR (table_name IS NULL AND $2 IS NULL))"
						   " AND undone_at IS NULL", migrate_schema()),
				  &args, NULL, NULL);
}

/* A deployment that only dropped a policy has no change to undo by itself. */
List *
access_ledger_tables(List *names)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	query_arg(&args, TEXTARRAYOID, names ? result_text_array(names) : (Datum) 0, names == NIL);
	return query_list(psprintf("SELECT t.table_name FROM"
							   " (SELECT table_schema, table_name, undone_at FROM %1$smenuca_access_change"
							   " UNION SELECT table_schema, table_name, undone_at FROM %1$smenuca_access_deployment) t"
							   " WHERE t.table_schema = $1 AND t.undone_at IS NULL AND ($2 IS NULL OR t.table_name = ANY ($2))"
							   " GROUP BY t.table_name ORDER BY t.table_name COLLATE \"C\" NULLS LAST", migrate_schema()),
					  &args, make_name);
}

static void *
make_name(TupleTableSlot *slot)
{
	AccessTable *table = palloc0(sizeof(AccessTable));

	table->name = slot_text_or_null(slot, 0);
	return table;
}

List *
access_ledger_changes(const char *table)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, table);
	return query_list(psprintf("SELECT change_id, table_name, kind, object, undo, definition"
							   " FROM %smenuca_access_change WHERE table_schema = $1 AND undone_at IS NULL"
							   " AND table_name IS NOT DISTINCT FROM $2 ORDER BY change_id DESC",
							   migrate_schema()),
					  &args, make_change);
}

void
access_ledger_require_tables(List *names)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		QueryArgs	args = {0};

		query_arg_text(&args, menuca_target_schema);
		query_arg_text(&args, lfirst(lc));
		if (!query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_access_change"
								 " WHERE table_schema = $1 AND table_name = $2)", migrate_schema()), &args))
			ereport(ERROR,
					(errcode(ERRCODE_NO_DATA_FOUND),
					 errmsg("nothing was ever deployed to table \"%s\"", (char *) lfirst(lc)),
					 errdetail("The ledger has no change of it in schema %s. Nothing was changed.", menuca_target_schema),
					 errhint("%s", migrate_call("See the tables, named without their schema: SELECT DISTINCT table_name FROM menuca_access_change;"))));
	}
}

static void *
make_change(TupleTableSlot *slot)
{
	AccessChange *change = palloc0(sizeof(AccessChange));

	change->id = slot_int8(slot, 0);
	change->table = slot_text_or_null(slot, 1);
	change->kind = slot_text(slot, 2);

	/* Row security has no name, and only a policy has a definition. */
	change->object = slot_text_or_null(slot, 3);
	change->undo = slot_text_or_null(slot, 4);
	change->definition = slot_text_or_null(slot, 5);
	return change;
}

bool
access_ledger_has_view(const char *name, const char *definition)
{
	QueryArgs	args = {0};
	bool		found;

	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, name);
	query_arg_text(&args, definition);

	/* This statement may have made it. */
	query_begin_snapshot();
	found = query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_access_change"
								" WHERE table_schema = $1 AND kind = 'view' AND object = $2 AND undone_at IS NULL"
								" AND ($3 IS NULL OR definition = $3))", migrate_schema()), &args);
	query_end_snapshot();
	return found;
}

void
access_ledger_mark_undone(int64 id)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, id);
	migrate_write("menuca_access_change",
				  psprintf("UPDATE %smenuca_access_change"
						   " SET undone_at = pg_catalog.clock_timestamp(), undone_by = session_user"
						   " WHERE change_id OPERATOR(pg_catalog.=) $1", migrate_schema()),
				  &args, NULL, NULL);
}

void
access_ledger_execute(const char *statement)
{
	int			scope = guc_scope_begin_pg_catalog();

	query_write(statement, NULL, NULL, NULL);
	guc_scope_end(scope);
}

void
access_ledger_require_owner(Oid relid)
{
	if (!relation_is_owned(relid))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s to change who may access it",
						relation_display_name(relid)),
				 errdetail("Its owner is role \"%s\". Nothing was changed.",
						   GetUserNameFromId(relation_owner(relid), false)),
				 owner_is_powerful(relation_owner(relid)) ?
				 errhint("Call it as that role.") :
				 errhint("Call it as that role, or as a member of it.")));
}
