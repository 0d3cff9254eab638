/*-------------------------------------------------------------------------
 *
 * access_rollback.c
 *	  Undoing what deployments of the access changed, and nothing else.
 *
 * menuca_rollback_access(dry_run, tables, lock_timeout)
 *
 * Each table is rolled back in a subtransaction of its own.  A policy that
 * somebody has changed since is kept, and so are policies of others.  Row
 * security is switched off only where a deployment switched it on and no
 * policy remains, since somebody relies on a policy that remains.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access_ledger.h"
#include "access/access_policy.h"
#include "access/access_undo.h"
#include "access/uncovered_tables.h"
#include "access/wanted_access.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/given_call.h"
#include "base/query.h"
#include "base/results.h"
#include "base/statement.h"

PG_FUNCTION_INFO_V1(menuca_rollback_access);

/* The rollback of a table, or of what concerns the schemas. */
typedef struct AccessRollback
{
	char	   *table;			/* NULL: the schemas */
	Oid			relid;
	List	   *changes;		/* AccessChanges, the latest first */
	bool		dry_run;
	const char *lock_timeout;
	const char *status;
	int			dropped;		/* policies */
	int			changed;		/* policies that are kept, since they changed */
	int			gone;			/* policies, or changes to a dropped table */
	int			grants;			/* grants and revokes undone */
	bool		rls_off;		/* row security is switched off */
	bool		rls_kept;		/* policies remain, so it is not */
	List	   *reasons;
} AccessRollback;

static List *group_by_table(List *changes);
static void roll_back_actions(void *arg);
static void note_dropped_table(AccessRollback *rollback);
static int	undo_policies(AccessRollback *rollback);
static void undo_row_security(AccessRollback *rollback, int remaining);
static void undo_grants(AccessRollback *rollback);
static void undo_change(const AccessRollback *rollback, const AccessChange *change);
static void mark_undone(const AccessRollback *rollback, const AccessChange *change);
static void add_reason(AccessRollback *rollback, char *reason);
static void return_rollback(ReturnSetInfo *rsinfo, const AccessRollback *rollback, const char *next_step);


/* menuca_rollback_access(...): a row per table, and one for the schemas. */
Datum
menuca_rollback_access(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	List	   *names = argument_text_list(fcinfo, 1, "tables");
	char	   *lock_timeout = psprintf("%dms", argument_milliseconds(fcinfo, 2, "lock_timeout"));
	char	   *real_call = given_call_for_real(fcinfo);
	ListCell   *lc;

	if (!dry_run)
	{
		query_require_writable("menuca_rollback_access(dry_run := false)");
		query_require_read_committed("menuca_rollback_access");
		statement_require_first("menuca_rollback_access", "the tables",
								real_call);
		access_ledger_open();
	}
	access_ledger_require_tables(names);
	if (names)
		names = list_concat_copy(names, uncovered_table_parts(names));
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, group_by_table(access_ledger_changes(names)))
	{
		AccessRollback *rollback = lfirst(lc);
		ErrorData  *error;

		CHECK_FOR_INTERRUPTS();
		rollback->dry_run = dry_run;
		rollback->lock_timeout = lock_timeout;
		error = attempt(roll_back_actions, rollback);
		if (error)
		{
			rollback->status = "failed";
			rollback->dropped = rollback->changed = rollback->gone = rollback->grants = 0;
			rollback->rls_off = false;
			rollback->reasons = list_make1(attempt_message(error));
		}
		return_rollback(rsinfo, rollback,
						dry_run || error ? real_call : migrate_call("SELECT * FROM menuca_rollback_guide();"));
	}
	if (!dry_run)
		statement_allow_again("menuca_rollback_access");
	return (Datum) 0;
}

/* The changes are sorted by table. */
static List *
group_by_table(List *changes)
{
	List	   *rollbacks = NIL;
	AccessRollback *rollback = NULL;
	ListCell   *lc;

	foreach(lc, changes)
	{
		AccessChange *change = lfirst(lc);

		if (!rollback || (rollback->table == NULL) != (change->table == NULL) ||
			(rollback->table && strcmp(rollback->table, change->table) != 0))
		{
			rollback = palloc0(sizeof(AccessRollback));
			rollback->table = change->table;
			rollbacks = lappend(rollbacks, rollback);
		}
		rollback->changes = lappend(rollback->changes, change);
	}
	return rollbacks;
}

static void
roll_back_actions(void *arg)
{
	AccessRollback *rollback = arg;

	if (rollback->table)
	{
		rollback->relid = wanted_access_relation(rollback->table);
		if (!OidIsValid(rollback->relid))
		{
			note_dropped_table(rollback);
			return;
		}
		if (!rollback->dry_run)
			access_ledger_lock_table(rollback->relid, rollback->lock_timeout);
	}

	query_begin_snapshot();
	if (rollback->table)
		undo_row_security(rollback, undo_policies(rollback));
	undo_grants(rollback);
	query_end_snapshot();

	rollback->status = rollback->dry_run ? "planned" : "undone";
	if (rollback->changed > 0 || rollback->rls_kept)
		rollback->status = rollback->dry_run ? "planned in part" : "undone in part";
}

static void
note_dropped_table(AccessRollback *rollback)
{
	ListCell   *lc;

	rollback->status = "gone";
	rollback->gone = list_length(rollback->changes);
	add_reason(rollback, "the table does not exist any more");
	foreach(lc, rollback->changes)
		mark_undone(rollback, lfirst(lc));
}

/* Drops policies that are as they were deployed; returns how many policies remain. */
static int
undo_policies(AccessRollback *rollback)
{
	List	   *existing = access_policies_of(rollback->relid);
	int			remaining = list_length(existing);
	ListCell   *lc;

	foreach(lc, rollback->changes)
	{
		const AccessChange *change = lfirst(lc);
		AccessPolicy *policy;

		if (strcmp(change->kind, "policy") != 0)
			continue;
		if (change->object == NULL || change->definition == NULL)
			access_undo_refuse(change);
		policy = access_policy_find(existing, change->object);
		if (policy == NULL)
		{
			rollback->gone++;
			mark_undone(rollback, change);
		}
		else if (strcmp(policy->definition, change->definition) != 0)
		{
			rollback->changed++;
			add_reason(rollback, psprintf("policy %s is kept, since it was changed after the deployment: %s",
										  policy->name, policy->definition));
		}
		else
		{
			rollback->dropped++;
			remaining--;
			undo_change(rollback, change);
		}
	}
	return remaining;
}

/* remaining: how many policies the table still has. */
static void
undo_row_security(AccessRollback *rollback, int remaining)
{
	ListCell   *lc;

	foreach(lc, rollback->changes)
	{
		const AccessChange *change = lfirst(lc);

		if (strcmp(change->kind, "row_security") != 0)
			continue;
		if (remaining > 0)
		{
			rollback->rls_kept = true;
			add_reason(rollback, psprintf("row security stays on: without it, the remaining policies (%d) would have no effect",
										  remaining));
			continue;
		}
		rollback->rls_off = true;
		undo_change(rollback, change);
	}
	if (remaining == 0 && rollback->dropped > 0 && !rollback->rls_off)
		add_reason(rollback, "row security was on before the deployment and stays on, now without a policy: only the owner sees rows");
}

/* Revokes what deployments granted, and grants what they revoked. */
static void
undo_grants(AccessRollback *rollback)
{
	ListCell   *lc;

	foreach(lc, rollback->changes)
	{
		const AccessChange *change = lfirst(lc);

		if (strcmp(change->kind, "grant") != 0 && strcmp(change->kind, "revoke") != 0)
			continue;
		rollback->grants++;
		undo_change(rollback, change);
	}
}

static void
undo_change(const AccessRollback *rollback, const AccessChange *change)
{
	char	   *statement = access_undo_statement(change, rollback->relid);

	if (!rollback->dry_run)
		access_ledger_execute(statement);
	mark_undone(rollback, change);
}

static void
mark_undone(const AccessRollback *rollback, const AccessChange *change)
{
	if (!rollback->dry_run)
		access_ledger_mark_undone(change->id);
}

static void
add_reason(AccessRollback *rollback, char *reason)
{
	rollback->reasons = lappend(rollback->reasons, reason);
}

static void
return_rollback(ReturnSetInfo *rsinfo, const AccessRollback *rollback, const char *next_step)
{
	Datum		values[10];
	bool		nulls[10] = {0};

	values[0] = result_text(rollback->table, &nulls[0]);
	values[1] = BoolGetDatum(rollback->dry_run);
	values[2] = CStringGetTextDatum(rollback->status);
	values[3] = Int32GetDatum(rollback->dropped);
	values[4] = Int32GetDatum(rollback->changed);
	values[5] = Int32GetDatum(rollback->gone);
	values[6] = Int32GetDatum(rollback->grants);
	values[7] = BoolGetDatum(rollback->rls_off);
	values[8] = result_text_array(rollback->reasons);
	values[9] = CStringGetTextDatum(next_step);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
