/*-------------------------------------------------------------------------
 *
 * access_rollback.c
 *	  Undoing what deployments of the access changed, and nothing else.
 *
 * menuca_rollback_access(dry_run, tables, lock_timeout)
 *
 * Each table is done in a subtransaction of its own.  A policy that somebody
 * changed since stays, and so do policies of others.  Row security goes off
 * only where a deployment switched it on and no policy is left: with policies
 * left, somebody relies on it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "access/access_ledger.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/results.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(menuca_rollback_access);

/* A table, or the schema, and what becomes of it. */
typedef struct Undoing
{
	char	   *table;			/* NULL: the schema */
	Oid			relid;
	List	   *changes;		/* AccessChange, the latest first */
	bool		dry_run;
	const char *lock_timeout;
	const char *status;
	int			dropped;
	int			changed;
	int			gone;
	int			grants;
	bool		rls_off;
	bool		rls_stays;
	List	   *reasons;
} Undoing;

static List *group_by_table(List *changes);
static void undo_unit(void *arg);
static void undo_policies(Undoing *unit, int *left);
static void undo_grants(Undoing *unit);
static void undo_rls(Undoing *unit, int left);
static void undo(const Undoing *unit, const AccessChange *change);
static void emit(ReturnSetInfo *rsinfo, const Undoing *unit);


/* menuca_rollback_access(...): a row per table, and one for the schema. */
Datum
menuca_rollback_access(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	List	   *names = argument_text_list(fcinfo, 1, "tables");
	char	   *lock_timeout = argument_text(fcinfo, 2, "lock_timeout");
	ListCell   *lc;

	if (!dry_run)
	{
		query_require_writable("menuca_rollback_access(dry_run := false)");
		query_require_read_committed("menuca_rollback_access");
		access_ledger_open();
	}
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, group_by_table(access_ledger_changes(names)))
	{
		Undoing    *unit = lfirst(lc);
		ErrorData  *error;

		CHECK_FOR_INTERRUPTS();
		unit->dry_run = dry_run;
		unit->lock_timeout = lock_timeout;
		error = attempt(undo_unit, unit);
		if (error)
		{
			unit->status = "failed";
			unit->dropped = unit->changed = unit->gone = unit->grants = 0;
			unit->rls_off = false;
			unit->reasons = list_make1(attempt_message(error));
		}
		emit(rsinfo, unit);
	}
	return (Datum) 0;
}

/* Changes come in the order of their tables. */
static List *
group_by_table(List *changes)
{
	List	   *units = NIL;
	Undoing    *unit = NULL;
	ListCell   *lc;

	foreach(lc, changes)
	{
		AccessChange *change = lfirst(lc);

		if (!unit || (unit->table == NULL) != (change->table == NULL) ||
			(unit->table && strcmp(unit->table, change->table) != 0))
		{
			unit = palloc0(sizeof(Undoing));
			unit->table = change->table;
			units = lappend(units, unit);
		}
		unit->changes = lappend(unit->changes, change);
	}
	return units;
}

static void
undo_unit(void *arg)
{
	Undoing    *unit = arg;
	Oid			schema = get_namespace_oid(menuca_target_schema, true);
	int			left = 0;

	if (unit->table)
	{
		unit->relid = OidIsValid(schema) ? get_relname_relid(unit->table, schema) : InvalidOid;
		if (!OidIsValid(unit->relid))
		{
			ListCell   *lc;

			unit->status = "gone";
			unit->gone = list_length(unit->changes);
			unit->reasons = list_make1("the table is not there any more");
			foreach(lc, unit->changes)
			{
				if (!unit->dry_run)
					access_ledger_undone(((AccessChange *) lfirst(lc))->id);
			}
			return;
		}
		if (!unit->dry_run)
		{
			int			nestlevel = access_set_lock_timeout(unit->lock_timeout);

			access_lock_table(unit->relid);
			AtEOXact_GUC(false, nestlevel);
		}
	}

	query_begin_snapshot();
	if (unit->table)
	{
		undo_policies(unit, &left);
		undo_rls(unit, left);
	}
	undo_grants(unit);
	query_end_snapshot();

	unit->status = unit->dry_run ? "planned" : "undone";
	if (unit->changed > 0 || unit->rls_stays)
		unit->status = unit->dry_run ? "planned in part" : "undone in part";
}

/* Drops what is as it was deployed; left: how many policies there are then. */
static void
undo_policies(Undoing *unit, int *left)
{
	List	   *there = access_policies_of(unit->relid);
	ListCell   *lc;

	*left = list_length(there);
	foreach(lc, unit->changes)
	{
		const AccessChange *change = lfirst(lc);
		Policy	   *policy;

		if (strcmp(change->kind, "policy") != 0)
			continue;
		policy = access_policy_find(there, change->object);
		if (policy == NULL)
		{
			unit->gone++;
			if (!unit->dry_run)
				access_ledger_undone(change->id);
		}
		else if (strcmp(policy->definition, change->definition) != 0)
		{
			unit->changed++;
			unit->reasons = lappend(unit->reasons,
									psprintf("policy %s was changed since and stays: %s",
											 policy->name, policy->definition));
		}
		else
		{
			unit->dropped++;
			(*left)--;
			undo(unit, change);
		}
	}
}

static void
undo_rls(Undoing *unit, int left)
{
	ListCell   *lc;

	foreach(lc, unit->changes)
	{
		const AccessChange *change = lfirst(lc);

		if (strcmp(change->kind, "rls") != 0)
			continue;
		if (left > 0)
		{
			unit->rls_stays = true;
			unit->reasons = lappend(unit->reasons,
									psprintf("row security stays on: without it, the policies that are left (%s) would have no effect",
											 psprintf("%d", left)));
			continue;
		}
		unit->rls_off = true;
		undo(unit, change);
	}
	if (left == 0 && unit->dropped > 0 && !unit->rls_off)
		unit->reasons = lappend(unit->reasons,
								"row security was on before and stays so, without a policy: only the owner sees rows");
}

/* Grants that a deployment made, and those that it took away. */
static void
undo_grants(Undoing *unit)
{
	ListCell   *lc;

	foreach(lc, unit->changes)
	{
		const AccessChange *change = lfirst(lc);

		if (strcmp(change->kind, "grant") != 0 && strcmp(change->kind, "revoke") != 0)
			continue;
		unit->grants++;
		undo(unit, change);
	}
}

static void
undo(const Undoing *unit, const AccessChange *change)
{
	if (unit->dry_run)
		return;
	access_run(change->undo);
	access_ledger_undone(change->id);
}

static void
emit(ReturnSetInfo *rsinfo, const Undoing *unit)
{
	Datum		values[9];
	bool		nulls[9] = {0};

	values[0] = result_text(unit->table, &nulls[0]);
	values[1] = BoolGetDatum(unit->dry_run);
	values[2] = CStringGetTextDatum(unit->status);
	values[3] = Int32GetDatum(unit->dropped);
	values[4] = Int32GetDatum(unit->changed);
	values[5] = Int32GetDatum(unit->gone);
	values[6] = Int32GetDatum(unit->grants);
	values[7] = BoolGetDatum(unit->rls_off);
	values[8] = result_text_array(unit->reasons);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
