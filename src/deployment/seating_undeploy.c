/*-------------------------------------------------------------------------
 *
 * seating_undeploy.c
 *	  Undoing what menuca_seating_deploy() did, in one transaction.
 *
 * menuca_seating_undeploy(dry_run, lock_timeout)
 *
 * Only what is as it was created is dropped; what somebody has changed since remains,
 * and is named.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/table_lock.h"
#include "deployment/guarantee.h"
#include "deployment/guarantee_ledger.h"
#include "deployment/guarantee_state.h"

PG_FUNCTION_INFO_V1(menuca_seating_undeploy);

/* An entry of the ledger, and what undoing it takes. */
typedef struct Undoing
{
	const LedgerEntry *entry;
	const char *status;			/* planned, changed, missing; later dropped,
								 * restored */
	char	   *reason;			/* or NULL */
	List	   *statements;		/* with their semicolons */
	bool		restores;		/* what was replaced is created again */
} Undoing;

static List *plan_undoing(void);
static Undoing *plan_entry(const LedgerEntry *entry);
static bool was_restored(const LedgerEntry *entry, const GuaranteeState *found);
static void plan_restoring(Undoing *undoing);
static void lock_tables(const List *undoings, int timeout);
static void undo_entry(Undoing *undoing);
static void execute_statements(void *arg);
static void return_undoing(ReturnSetInfo *rsinfo, const Undoing *undoing, const char *for_real);


/* menuca_seating_undeploy(dry_run, lock_timeout): a row per entry of the ledger. */
Datum
menuca_seating_undeploy(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	int			timeout = argument_milliseconds(fcinfo, 1, "lock_timeout");
	char	   *for_real = given_call_for_real(fcinfo);
	List	   *undoings;
	ListCell   *lc;
	int			level;

	(void) result_row_type(fcinfo, "tttttt");
	if (!dry_run)
	{
		query_require_writable("menuca_seating_undeploy(dry_run := false)");
		query_require_read_committed("menuca_seating_undeploy");
	}
	level = guc_scope_begin_pg_catalog();
	undoings = plan_undoing();
	if (!dry_run && undoings != NIL)
	{
		lock_tables(undoings, timeout);
		undoings = plan_undoing();
		foreach(lc, undoings)
			undo_entry(lfirst(lc));
	}
	guc_scope_end(level);

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, undoings)
		return_undoing(rsinfo, lfirst(lc), for_real);
	return (Datum) 0;
}

static List *
plan_undoing(void)
{
	List	   *undoings = NIL;
	ListCell   *lc;

	foreach(lc, guarantee_ledger_entries())
		undoings = lappend(undoings, plan_entry(lfirst(lc)));
	return undoings;
}

static Undoing *
plan_entry(const LedgerEntry *entry)
{
	Undoing    *undoing = palloc0(sizeof(Undoing));
	bool		is_extension = entry->kind == GUARANTEE_EXTENSION;
	const GuaranteeState *found;

	undoing->entry = entry;
	undoing->status = "planned";
	if (!is_extension && !OidIsValid(entry->relid))
	{
		undoing->status = "missing";
		undoing->reason = pstrdup("the table does not exist any more under that name");
		return undoing;
	}
	found = guarantee_state_find(entry->kind, entry->relid, entry->name);
	if (found && was_restored(entry, found))
	{
		undoing->status = "missing";
		undoing->reason = pstrdup("somebody has restored what had the name before");
		return undoing;
	}
	if (found && strcmp(found->definition, entry->definition) != 0)
	{
		undoing->status = "changed";
		undoing->reason = psprintf("somebody has changed it, so it remains: it is %s, and was created as %s",
								   found->definition, entry->definition);
		return undoing;
	}
	if (found)
		undoing->statements = list_make1(guarantee_state_drop(entry->kind, entry->relid, entry->name));
	else
		undoing->reason = pstrdup("somebody has dropped it");
	if (found && strcmp(found->enabled, "O") != 0)
		undoing->reason = pstrdup("somebody has disabled it");
	plan_restoring(undoing);
	if (undoing->statements == NIL)
		undoing->status = "missing";
	return undoing;
}

static bool
was_restored(const LedgerEntry *entry, const GuaranteeState *found)
{
	const List *before = guarantee_state_of_json(entry->before);

	return list_length(before) == 1 &&
		strcmp(((const GuaranteeState *) linitial(before))->definition, found->definition) == 0;
}

static void
plan_restoring(Undoing *undoing)
{
	ListCell   *lc;

	foreach(lc, guarantee_state_of_json(undoing->entry->before))
	{
		undoing->restores = true;
		undoing->statements = list_concat(undoing->statements,
										  guarantee_state_restore(lfirst(lc), undoing->entry->relid, undoing->entry->name));
	}
}

static void
lock_tables(const List *undoings, int timeout)
{
	List	   *relids = NIL;
	const ListCell *lc;

	foreach(lc, undoings)
	{
		Oid			relid = ((const Undoing *) lfirst(lc))->entry->relid;

		if (!OidIsValid(relid))
			continue;
		if (!relation_is_owned(relid))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("role \"%s\" does not own table %s", GetUserNameFromId(GetUserId(), false), relation_display_name(relid)),
					 errdetail("Nothing was changed."),
					 errhint("SET ROLE %s;", quote_identifier(GetUserNameFromId(relation_owner(relid), false)))));
		relids = list_append_unique_oid(relids, relid);
	}
	if (relids)
		table_lock_take_all(relids, AccessExclusiveLock, timeout, "Nothing was changed.", "");
}

/* An extension that something else needs by now remains. */
static void
undo_entry(Undoing *undoing)
{
	ErrorData  *error = NULL;

	if (strcmp(undoing->status, "changed") == 0)
		return;
	if (undoing->entry->kind == GUARANTEE_EXTENSION)
		error = attempt(execute_statements, undoing);
	else
		execute_statements(undoing);
	if (error && error->sqlerrcode != ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST)
		ThrowErrorData(error);
	if (error)
	{
		undoing->status = "changed";
		undoing->reason = psprintf("something else needs it by now, so it remains: %s", error->detail ? error->detail : error->message);
	}
	else if (undoing->statements)
		undoing->status = undoing->restores ? "restored" : "dropped";
	guarantee_ledger_remove(undoing->entry->id);
}

static void
execute_statements(void *arg)
{
	const Undoing *undoing = arg;
	ListCell   *lc;

	foreach(lc, undoing->statements)
		query_write(lfirst(lc), NULL, NULL, NULL);
}

static void
return_undoing(ReturnSetInfo *rsinfo, const Undoing *undoing, const char *for_real)
{
	const LedgerEntry *entry = undoing->entry;
	StringInfoData statements;
	Datum		values[6];
	bool		nulls[6] = {0};
	ListCell   *lc;
	char	   *next = NULL;

	initStringInfo(&statements);
	foreach(lc, undoing->statements)
		format_append(&statements, " ", "%s", (char *) lfirst(lc));
	if (strcmp(undoing->status, "planned") == 0)
		next = pstrdup(for_real);
	if (strcmp(undoing->status, "changed") == 0 && entry->kind != GUARANTEE_EXTENSION)
		next = guarantee_state_drop(entry->kind, entry->relid, entry->name);
	values[0] = CStringGetTextDatum(entry->name);
	values[1] = CStringGetTextDatum(guarantee_object(entry->kind, entry->name, entry->schema, entry->table));
	values[2] = CStringGetTextDatum(undoing->status);
	values[3] = result_text(statements.len > 0 ? statements.data : NULL, &nulls[3]);
	values[4] = result_text(undoing->reason, &nulls[4]);
	values[5] = result_text(next, &nulls[5]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
