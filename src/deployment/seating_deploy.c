/*-------------------------------------------------------------------------
 *
 * seating_deploy.c
 *	  Creating the guarantees on the tables of users, in one transaction.
 *
 * menuca_seating_deploy(dry_run, lock_timeout)
 *
 * All or none: a guarantee that is impossible, for rows that break it or for another
 * reason, refuses all of them.  Both tables are locked together, without a queue in
 * which others would wait, and the rows are looked at under that lock.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/arguments.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/results.h"
#include "base/sqlstate.h"
#include "base/table_lock.h"
#include "deployment/guarantee.h"
#include "deployment/guarantee_ledger.h"
#include "deployment/seating_backup.h"
#include "deployment/seating_environment.h"
#include "seating/seating_extension.h"

PG_FUNCTION_INFO_V1(menuca_seating_deploy);

static void require_backup(void);
static bool anything_to_do(const List *guarantees);
static void require_possible(const List *guarantees);
static void create_guarantee(Guarantee *guarantee);
static void enter(const Guarantee *guarantee);
static void require_created(const Guarantee *guarantee);
static void return_guarantee(ReturnSetInfo *rsinfo, const Guarantee *guarantee, const char *for_real);
static char *next_deploy_call(const Guarantee *guarantee, const char *for_real);


/* menuca_seating_deploy(dry_run, lock_timeout): a row per guarantee. */
Datum
menuca_seating_deploy(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	int			timeout = argument_milliseconds(fcinfo, 1, "lock_timeout");
	char	   *for_real = given_call_for_real(fcinfo);
	GuardedTables tables;
	List	   *guarantees;
	ListCell   *lc;
	int			level;

	(void) result_row_type(fcinfo, "tttttt");
	if (!dry_run)
	{
		query_require_writable("menuca_seating_deploy(dry_run := false)");
		query_require_read_committed("menuca_seating_deploy");
	}
	tables = guarantee_tables();

	/*
	 * Nothing that users have made is found instead of what a statement
	 * means.
	 */
	level = guc_scope_begin_pg_catalog();
	guarantees = guarantee_plan(&tables);
	if (!dry_run && anything_to_do(guarantees))
	{
		require_backup();
		require_possible(guarantees);
		table_lock_take_all(list_make2_oid(tables.bookings, tables.assignments), AccessExclusiveLock, timeout,
							"Nothing was changed.", "");
		guarantees = guarantee_plan(&tables);
		require_possible(guarantees);
		foreach(lc, guarantees)
			create_guarantee(lfirst(lc));
	}
	guc_scope_end(level);

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, guarantees)
		return_guarantee(rsinfo, lfirst(lc), for_real);
	return (Datum) 0;
}

/* Whoever is not told which database this is asks for none, and says so once a session. */
static void
require_backup(void)
{
	static bool said = false;
	char	   *obstacle = seating_backup_obstacle();

	if (obstacle)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_PREREQUISITE),
				 errmsg("refused: this database is production and has no good backup"),
				 errdetail("%s. Nothing was changed.", obstacle),
				 errhint("%s", seating_backup_call())));
	if (said || seating_environment_name())
		return;
	said = true;
	ereport(NOTICE,
			(errmsg("this database is registered neither as staging nor as production, so no backup is asked for"),
			 errhint("If it is production: %s", seating_environment_call())));
}

static bool
anything_to_do(const List *guarantees)
{
	const ListCell *lc;

	foreach(lc, guarantees)
	{
		if (strcmp(((const Guarantee *) lfirst(lc))->status, "unchanged") != 0)
			return true;
	}
	return false;
}

static void
require_possible(const List *guarantees)
{
	StringInfoData detail;
	StringInfoData hint;
	const ListCell *lc;
	const char *last_reason = "";
	int			n = 0;

	initStringInfo(&detail);
	initStringInfo(&hint);
	foreach(lc, guarantees)
	{
		const Guarantee *guarantee = lfirst(lc);

		if (strcmp(guarantee->status, "impossible") != 0)
			continue;
		n++;

		/* Several of them may have one reason. */
		if (strcmp(guarantee->reason, last_reason) == 0)
			continue;
		last_reason = guarantee->reason;
		format_append(&detail, " ", "%s: %s.", guarantee->name, guarantee->reason);
		if (guarantee->remedy)
			format_append(&hint, " ", "%s", guarantee->remedy);
	}
	if (n > 0)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_GUARANTEE),
				 errmsg("refused: %d of %d guarantees cannot be deployed", n, list_length(guarantees)),
				 errdetail("%s Nothing was changed.", detail.data),
				 hint.len > 0 ? errhint("%s", hint.data) : 0));
}

static void
create_guarantee(Guarantee *guarantee)
{
	ListCell   *lc;

	if (strcmp(guarantee->status, "planned") != 0)
		return;
	foreach(lc, guarantee->statements)
		query_write(lfirst(lc), NULL, NULL, NULL);
	require_created(guarantee);
	enter(guarantee);
	guarantee->status = guarantee->replaced ? "replaced" : "created";
}

/* A former guarantee of ours that was replaced is nothing to be restored later. */
static void
enter(const Guarantee *guarantee)
{
	const LedgerEntry *entry = guarantee_ledger_find(guarantee->kind, guarantee->relid, guarantee->name);
	const char *before = guarantee_state_to_json(guarantee->replaced);

	if (entry && (guarantee->replaced == NIL ||
				  strcmp(((const GuaranteeState *) linitial(guarantee->replaced))->definition, entry->definition) == 0))
		before = entry->before;
	guarantee_ledger_enter(guarantee->kind, guarantee->relid, guarantee->name, guarantee->wanted, before);
}

static void
require_created(const Guarantee *guarantee)
{
	const GuaranteeState *found = guarantee_state_find(guarantee->kind, guarantee->relid, guarantee->name);

	if (found == NULL || strcmp(found->definition, guarantee->wanted) != 0 || strcmp(found->enabled, "O") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_GUARANTEE),
				 errmsg("%s %s is not as it was created", guarantee_state_kind_name(guarantee->kind), guarantee->name),
				 errdetail("The server shows %s instead of %s. An event trigger may have changed it. Nothing was changed.",
						   found ? found->definition : "nothing", guarantee->wanted),
				 errhint("SELECT evtname, evtfoid::regproc FROM pg_event_trigger;")));
}

static void
return_guarantee(ReturnSetInfo *rsinfo, const Guarantee *guarantee, const char *for_real)
{
	StringInfoData statements;
	Datum		values[6];
	bool		nulls[6] = {0};
	ListCell   *lc;

	initStringInfo(&statements);
	foreach(lc, guarantee->statements)
		format_append(&statements, " ", "%s", (char *) lfirst(lc));
	values[0] = CStringGetTextDatum(guarantee->name);
	values[1] = CStringGetTextDatum(guarantee_object(guarantee->kind, guarantee->name,
													 OidIsValid(guarantee->relid) ? get_namespace_name(get_rel_namespace(guarantee->relid)) : NULL,
													 OidIsValid(guarantee->relid) ? get_rel_name(guarantee->relid) : NULL));
	values[2] = CStringGetTextDatum(guarantee->status);
	values[3] = result_text(statements.len > 0 ? statements.data : NULL, &nulls[3]);
	values[4] = result_text(guarantee->reason, &nulls[4]);
	values[5] = result_text(next_deploy_call(guarantee, for_real), &nulls[5]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static char *
next_deploy_call(const Guarantee *guarantee, const char *for_real)
{
	if (strcmp(guarantee->status, "planned") == 0)
		return pstrdup(for_real);
	if (strcmp(guarantee->status, "impossible") == 0 || strcmp(guarantee->status, "unchanged") == 0)
		return guarantee->remedy;
	return seating_call("SELECT * FROM menuca_seating_undeploy();");
}
