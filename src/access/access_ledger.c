/*-------------------------------------------------------------------------
 *
 * access_ledger.c
 *	  The ledger of deployments: see access_ledger.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "access/access_ledger.h"
#include "base/compat.h"
#include "base/extension.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"

/* The advisory lock of whoever changes the access. */
#define ACCESS_CLAIM_KEY 1296256324

static void fetch_change(TupleTableSlot *slot, void *arg);


void
access_ledger_open(void)
{
	QueryArgs	args = {0};
	LOCKTAG		tag;

	query_arg_text(&args, psprintf("%smenuca_access_change", migrate_schema()));
	relation_require((Oid) query_int8("SELECT $1::regclass::oid::int8", &args),
					 ACL_SELECT | ACL_INSERT | ACL_UPDATE);

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, ACCESS_CLAIM_KEY, 0, 2);
	if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("another session is changing the access to these tables"),
				 errdetail("One deployment or rollback at a time. Nothing was changed."),
				 errhint("Wait until it has finished, and look at the plan again: SELECT * FROM menuca_access_plan();")));
}

void
access_ledger_record(const AccessStep *step)
{
	static const char *const kinds[] = {
		[STEP_CREATE_POLICY] = "policy",
		[STEP_REPLACE_POLICY] = "policy",
		[STEP_DROP_POLICY] = "policy",
		[STEP_GRANT] = "grant",
		[STEP_REVOKE] = "revoke",
		[STEP_ENABLE_RLS] = "rls"
	};
	const char *schema = migrate_schema();
	QueryArgs	args = {0};

	/* A policy takes its predecessor's place in the ledger, too. */
	if (strcmp(kinds[step->action], "policy") == 0)
	{
		query_arg_text(&args, menuca_target_schema);
		query_arg_text(&args, step->table);
		query_arg_text(&args, step->object);
		query_write(psprintf("UPDATE %smenuca_access_change"
							 " SET undone_at = pg_catalog.clock_timestamp(), undone_by = session_user"
							 " WHERE table_schema OPERATOR(pg_catalog.=) $1"
							 " AND table_name OPERATOR(pg_catalog.=) $2"
							 " AND kind OPERATOR(pg_catalog.=) 'policy'"
							 " AND object OPERATOR(pg_catalog.=) $3"
							 " AND undone_at IS NULL", schema), &args, NULL, NULL);
		if (step->action == STEP_DROP_POLICY)
			return;
	}

	memset(&args, 0, sizeof(args));
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, step->table);
	query_arg_text(&args, kinds[step->action]);
	query_arg_text(&args, step->object);
	query_arg_text(&args, step->statement);
	query_arg_text(&args, step->undo);
	query_arg_text(&args, step->definition);
	query_write(psprintf("INSERT INTO %smenuca_access_change"
						 " (table_schema, table_name, kind, object, statement, undo, definition)"
						 " VALUES ($1, $2, $3, $4, $5, $6, $7)", schema), &args, NULL, NULL);
}

/* State of access_ledger_changes(). */
typedef struct ChangeList
{
	MemoryContext context;
	List	   *changes;
} ChangeList;

List *
access_ledger_changes(List *names)
{
	ChangeList	list = {CurrentMemoryContext, NIL};
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	query_arg(&args, TEXTARRAYOID, names ? result_text_array(names) : (Datum) 0, names == NIL);
	query_each(psprintf("SELECT change_id, table_name, kind, object, undo, definition"
						" FROM %smenuca_access_change WHERE table_schema = $1 AND undone_at IS NULL"
						" AND ($2 IS NULL OR table_name = ANY ($2))"
						" ORDER BY table_name COLLATE \"C\" NULLS LAST, change_id DESC",
						migrate_schema()),
			   &args, fetch_change, &list);
	return list.changes;
}

static void
fetch_change(TupleTableSlot *slot, void *arg)
{
	ChangeList *list = arg;
	MemoryContext old = MemoryContextSwitchTo(list->context);
	AccessChange *change = palloc0(sizeof(AccessChange));
	char	  **texts[] = {
		&change->table, &change->kind, &change->object, &change->undo, &change->definition
	};

	change->id = slot_int8(slot, 0);
	for (size_t i = 0; i < lengthof(texts); i++)
		*texts[i] = slot->tts_isnull[i + 1] ? NULL :
			TextDatumGetCString(slot->tts_values[i + 1]);
	list->changes = lappend(list->changes, change);
	MemoryContextSwitchTo(old);
}

void
access_ledger_undone(int64 id)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, id);
	query_write(psprintf("UPDATE %smenuca_access_change"
						 " SET undone_at = pg_catalog.clock_timestamp(), undone_by = session_user"
						 " WHERE change_id OPERATOR(pg_catalog.=) $1", migrate_schema()),
				&args, NULL, NULL);
}

void
access_run(const char *statement)
{
	int			nestlevel = access_pin_search_path();

	query_write(statement, NULL, NULL, NULL);
	AtEOXact_GUC(false, nestlevel);
}

int
access_set_lock_timeout(const char *timeout)
{
	int			nestlevel = NewGUCNestLevel();

	(void) set_config_option("lock_timeout", timeout, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	return nestlevel;
}

void
access_lock_table(Oid relid)
{
	if (!menuca_owns_table(relid, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s to change who may access it",
						relation_display_name(relid)),
				 errdetail("It belongs to role \"%s\". Nothing was changed.",
						   GetUserNameFromId(relation_owner(relid), false)),
				 errhint("Call it as that role, or as a member of it.")));
	LockRelationOid(relid, AccessExclusiveLock);
}
