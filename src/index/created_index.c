/*-------------------------------------------------------------------------
 *
 * created_index.c
 *	  The ledger of indexes that were created here: see created_index.h.
 *
 * menuca_begin_indexes()	announces the indexes that \gexec is about to build
 * menuca_note_indexes()	records which of them exist
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/builtins.h"

#include "base/attempt.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"
#include "index/created_index.h"
#include "index/index_locks.h"

PG_FUNCTION_INFO_V1(menuca_begin_indexes);
PG_FUNCTION_INFO_V1(menuca_note_indexes);

static void refresh_entry(ReturnSetInfo *rsinfo, const CreatedIndex *entry, bool closing);
static void return_entry(ReturnSetInfo *rsinfo, const WantedIndex *wanted, const char *status,
						 const char *detail, const PlannedIndex *planned);
static void require_rights(void *arg);
static void *make_entry(TupleTableSlot *slot);
static char *database_identity(void);
static void mark_created(const CreatedIndex *entry, Oid index);
static void update_entry(const char *assignment, QueryArgs *args);


/* menuca_begin_indexes(): a row per index that is announced. */
Datum
menuca_begin_indexes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *lc;

	created_index_begin_update("menuca_begin_indexes()");
	InitMaterializedSRF(fcinfo, 0);

	/* Indexes that were announced before may exist by now. */
	foreach(lc, created_index_entries(menuca_target_schema))
		refresh_entry(rsinfo, lfirst(lc), false);
	query_begin_snapshot();

	/* A wanted index may have been edited since it was announced. */
	created_index_close_gone(menuca_target_schema);
	foreach(lc, index_plan_make(menuca_target_schema))
	{
		const PlannedIndex *planned = lfirst(lc);

		if (planned->action != INDEX_CREATE)
			continue;
		created_index_record(menuca_target_schema, planned->wanted, InvalidOid, "concurrently");
		return_entry(rsinfo, planned->wanted, "announced", NULL, planned);
	}
	query_end_snapshot();
	created_index_end_update();
	return (Datum) 0;
}

/* menuca_note_indexes(): a row per entry that changed or needs attention. */
Datum
menuca_note_indexes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *lc;

	created_index_begin_update("menuca_note_indexes()");
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, created_index_entries(menuca_target_schema))
		refresh_entry(rsinfo, lfirst(lc), true);
	created_index_end_update();
	return (Datum) 0;
}

/*
 * Updates an entry; closing: an announced index that does not exist will not
 * be created any more.
 */
static void
refresh_entry(ReturnSetInfo *rsinfo, const CreatedIndex *entry, bool closing)
{
	const PlannedIndex *current = entry->current;

	if (!entry->announced)
	{
		if (OidIsValid(current->index))
			return;
		created_index_mark_dropped(entry);
		return_entry(rsinfo, &entry->wanted, "dropped", "it does not exist any more", NULL);
	}
	else if (!OidIsValid(current->index))
	{
		if (!closing)
			return;
		created_index_forget(entry);
		return_entry(rsinfo, &entry->wanted, "missing", "it was announced, but not created: its statement failed or was not executed", NULL);
	}
	else if (current->action == INDEX_EXISTS && !current->exceeds)
	{
		mark_created(entry, current->index);
		return_entry(rsinfo, &entry->wanted, "created", NULL, NULL);
	}
	else if (current->action == INDEX_REBUILD && !current->exceeds)
		return_entry(rsinfo, &entry->wanted, "invalid", migrate_call("its build failed, and it stays announced; to get the statement that repeats the build: SELECT statement FROM menuca_index_plan() WHERE action = 'rebuild';"), current);
	else
	{
		created_index_forget(entry);
		return_entry(rsinfo, &entry->wanted, "name_taken", "its name is used by something else, which was not created here", NULL);
	}
}

/* A row for each statement that is to be executed, or one row if there is none; planned may be NULL. */
static void
return_entry(ReturnSetInfo *rsinfo, const WantedIndex *wanted, const char *status,
			 const char *detail, const PlannedIndex *planned)
{
	List	   *statements = planned ? index_plan_statements(planned, !planned->not_concurrently) : NIL;
	int			n = 0;

	do
	{
		Datum		values[5];
		bool		nulls[5] = {0};

		values[0] = CStringGetTextDatum(wanted->text.name);
		values[1] = CStringGetTextDatum(wanted->table);
		values[2] = CStringGetTextDatum(status);
		values[3] = result_text(detail, &nulls[3]);
		values[4] = result_text(n < list_length(statements) ? list_nth(statements, n) : NULL, &nulls[4]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	} while (++n < list_length(statements));
}

char *
created_index_missing_right(void)
{
	ErrorData  *error = attempt(require_rights, NULL);

	return error == NULL ? NULL :
		psprintf("%s%s%s", error->message, error->hint ? ": " : "", error->hint ? error->hint : "");
}

static void
require_rights(pg_attribute_unused() void *arg)
{
	(void) migrate_require_table("menuca_created_index", ACL_SELECT);
}

void
created_index_begin_update(const char *what)
{
	query_require_writable(what);
	query_require_read_committed(what);
	require_rights(NULL);
	index_locks_take(list_make1_oid(migrate_table("menuca_created_index")), ShareRowExclusiveLock);
	query_begin_snapshot();
}

void
created_index_end_update(void)
{
	query_end_snapshot();
}

void
created_index_close_gone(const char *schema)
{
	ListCell   *lc;

	foreach(lc, created_index_entries(schema))
	{
		const CreatedIndex *entry = lfirst(lc);

		if (OidIsValid(entry->current->index))
			continue;
		if (entry->announced)
			created_index_forget(entry);
		else
			created_index_mark_dropped(entry);
	}
}

List *
created_index_entries(const char *schema)
{
	QueryArgs	args = {0};
	List	   *entries;
	ListCell   *lc;

	query_arg_text(&args, schema);
	query_arg_text(&args, database_identity());
	entries = query_list(psprintf("SELECT entry_no, status = 'announced', coalesce(index_oid, 0), made_in = $2,"
								  " table_name, index_name, method, columns, opclass, predicate"
								  " FROM %smenuca_created_index"
								  " WHERE schema_name = $1 AND status IN ('announced', 'created')"
								  " ORDER BY index_name COLLATE \"C\", entry_no", migrate_schema()),
						 &args, make_entry);
	foreach(lc, entries)
	{
		CreatedIndex *entry = lfirst(lc);

		entry->current = index_plan_one(schema, &entry->wanted);
	}
	return entries;
}

static void *
make_entry(TupleTableSlot *slot)
{
	CreatedIndex *entry = palloc0(sizeof(CreatedIndex));

	entry->entry_no = slot_int8(slot, 0);
	entry->announced = slot_bool(slot, 1);
	entry->index = slot_oid(slot, 2);
	entry->same_database = slot_bool(slot, 3);
	entry->wanted.table = slot_text(slot, 4);
	entry->wanted.text.name = slot_text(slot, 5);
	entry->wanted.text.method = slot_text(slot, 6);
	entry->wanted.text.columns = slot_text_list(slot, 7);
	entry->wanted.text.opclass = slot_text_or_null(slot, 8);
	entry->wanted.text.predicate = slot_text_or_null(slot, 9);
	return entry;
}

/* Identifies the database, since OIDs are valid in one database only. */
static char *
database_identity(void)
{
	return psprintf(UINT64_FORMAT "/%u", GetSystemIdentifier(), MyDatabaseId);
}

void
created_index_record(const char *schema, const WantedIndex *wanted, Oid index,
					 const char *through)
{
	QueryArgs	args = {0};

	query_arg_text(&args, schema);
	query_arg_text(&args, wanted->table);
	query_arg_text(&args, wanted->text.name);
	query_arg_text(&args, wanted->text.method);
	query_arg(&args, TEXTARRAYOID, result_text_array(wanted->text.columns), false);
	query_arg_text(&args, wanted->text.opclass);
	query_arg_text(&args, wanted->text.predicate);
	query_arg_text(&args, through);
	query_arg_text(&args, OidIsValid(index) ? "created" : "announced");
	query_arg(&args, OIDOID, ObjectIdGetDatum(index), !OidIsValid(index));
	query_arg_text(&args, database_identity());
	migrate_write("menuca_created_index",
				  psprintf("INSERT INTO %smenuca_created_index (schema_name, table_name, index_name,"
						   " method, columns, opclass, predicate, through, status, index_oid, made_in, created_at)"
						   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
						   " CASE WHEN $10 IS NOT NULL THEN pg_catalog.clock_timestamp() END)",
						   migrate_schema()),
				  &args, NULL, NULL);
}

static void
mark_created(const CreatedIndex *entry, Oid index)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, entry->entry_no);
	query_arg(&args, OIDOID, ObjectIdGetDatum(index), false);
	query_arg_text(&args, database_identity());
	update_entry("status = 'created', index_oid = $2, made_in = $3,"
				 " created_at = pg_catalog.clock_timestamp()", &args);
}

void
created_index_mark_dropped(const CreatedIndex *entry)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, entry->entry_no);
	update_entry("status = 'dropped', dropped_by = SESSION_USER,"
				 " dropped_at = pg_catalog.clock_timestamp(),"
				 " drop_took = pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.statement_timestamp()", &args);
}

/* The first argument is the entry's number. */
static void
update_entry(const char *assignment, QueryArgs *args)
{
	migrate_write("menuca_created_index",
				  psprintf("UPDATE %smenuca_created_index SET %s"
						   " WHERE entry_no OPERATOR(pg_catalog.=) $1", migrate_schema(), assignment),
				  args, NULL, NULL);
}

void
created_index_forget(const CreatedIndex *entry)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, entry->entry_no);
	migrate_write("menuca_created_index",
				  psprintf("DELETE FROM %smenuca_created_index"
						   " WHERE entry_no OPERATOR(pg_catalog.=) $1", migrate_schema()),
				  &args, NULL, NULL);
}
