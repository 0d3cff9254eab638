/*-------------------------------------------------------------------------
 *
 * access_deploy.c
 *	  Making the wanted access the access that there is.
 *
 * menuca_deploy_access(dry_run, tables, lock_timeout)
 *
 * Each table is done in a subtransaction of its own: all of its steps are
 * made, or none.  Policies come before row security, so that a table never
 * has row security without a policy; what others created stays.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "access/access_ledger.h"
#include "access/access_plan.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/results.h"
#include "base/sqlstate.h"

PG_FUNCTION_INFO_V1(menuca_deploy_access);

/* A table, or the schema, and what becomes of it. */
typedef struct Deployment
{
	const WantedAccess *wanted; /* NULL: the schema */
	const char *lock_timeout;
	List	   *steps;
	const char *status;
	List	   *reasons;
	TimestampTz begun;
} Deployment;

static void refuse(const List *problems, const List *remedies);
static void plan_unit(void *arg);
static void deploy_unit(void *arg);
static void prove(const WantedAccess *wanted);
static bool has_step(const List *steps, StepAction action);
static int	count_steps(const List *steps, StepAction action);
static bool has_changes(const List *steps);
static void emit(ReturnSetInfo *rsinfo, const Deployment *unit, bool dry_run);
static void report(const List *units, bool dry_run);


/* menuca_deploy_access(...): a row per table, and one for the schema. */
Datum
menuca_deploy_access(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	List	   *names = argument_text_list(fcinfo, 1, "tables");
	char	   *lock_timeout = argument_text(fcinfo, 2, "lock_timeout");
	List	   *remedies;
	List	   *problems = access_role_problems(&remedies);
	List	   *units = NIL;
	ListCell   *lc;

	if (!dry_run)
	{
		query_require_writable("menuca_deploy_access(dry_run := false)");
		query_require_read_committed("menuca_deploy_access");
		if (problems)
			refuse(problems, remedies);
		access_ledger_open();
	}

	units = list_make1(palloc0(sizeof(Deployment)));
	foreach(lc, access_wanted(names))
	{
		Deployment *unit = palloc0(sizeof(Deployment));

		unit->wanted = lfirst(lc);
		units = lappend(units, unit);
	}

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, units)
	{
		Deployment *unit = lfirst(lc);
		ErrorData  *error;

		CHECK_FOR_INTERRUPTS();
		unit->begun = GetCurrentTimestamp();
		unit->lock_timeout = lock_timeout;
		error = attempt(dry_run ? plan_unit : deploy_unit, unit);
		if (error)
		{
			unit->status = "failed";
			unit->steps = NIL;
			unit->reasons = list_make1(attempt_message(error));
		}
		else if (problems)
		{
			unit->status = "refused";
			unit->reasons = unit->wanted ? list_concat_copy(problems, unit->reasons) : problems;
		}
		emit(rsinfo, unit, dry_run);
	}
	report(units, dry_run);

	return (Datum) 0;
}

/* Nobody's policies could name roles that are not there. */
static void
refuse(const List *problems, const List *remedies)
{
	StringInfoData detail;
	StringInfoData hint;
	const ListCell *lc;

	initStringInfo(&detail);
	initStringInfo(&hint);
	foreach(lc, problems)
		appendStringInfo(&detail, "%s%s", detail.len > 0 ? "; " : "", (char *) lfirst(lc));
	foreach(lc, remedies)
		appendStringInfo(&hint, "%s%s", hint.len > 0 ? " " : "", (char *) lfirst(lc));
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ACCESS),
			 errmsg("refused: the roles that the policies are for do not fit"),
			 errdetail("%s. Nothing was changed.", detail.data),
			 errhint("%s Or set menuca.public_role, menuca.tenant_role and menuca.admin_role to the roles that requests have.", hint.data)));
}

/* What would be done. */
static void
plan_unit(void *arg)
{
	Deployment *unit = arg;
	ListCell   *lc;

	unit->steps = unit->wanted ? access_plan_table(unit->wanted) : access_plan_schema();
	unit->status = has_changes(unit->steps) ? "planned" : "unchanged";
	foreach(lc, unit->steps)
	{
		const AccessStep *step = lfirst(lc);

		if (step->action == STEP_IMPOSSIBLE || step->action == STEP_ABSENT ||
			step->action == STEP_KEEP_FOREIGN)
			unit->reasons = lappend(unit->reasons,
									psprintf("%s%s%s", step->object ? step->object : "",
											 step->object ? ": " : "", step->reason));
	}
	if (has_step(unit->steps, STEP_ABSENT))
		unit->status = "absent";
	if (has_step(unit->steps, STEP_IMPOSSIBLE))
		unit->status = "impossible";
}

/* Plans once more under the lock, and does it. */
static void
deploy_unit(void *arg)
{
	Deployment *unit = arg;
	ListCell   *lc;

	plan_unit(unit);
	if (strcmp(unit->status, "planned") != 0)
		return;
	if (unit->wanted)
	{
		int			nestlevel = access_set_lock_timeout(unit->lock_timeout);

		access_lock_table(unit->wanted->relid);
		AtEOXact_GUC(false, nestlevel);
	}

	query_begin_snapshot();
	unit->reasons = NIL;
	plan_unit(unit);
	query_end_snapshot();
	if (has_step(unit->steps, STEP_IMPOSSIBLE))
		return;

	foreach(lc, unit->steps)
	{
		const AccessStep *step = lfirst(lc);

		if (!access_step_is_change(step->action))
			continue;
		access_run(step->statement);
		access_ledger_record(step);
	}
	prove(unit->wanted);
	unit->status = "deployed";
}

/* What is there now is what was wanted: nothing of the plan is left. */
static void
prove(const WantedAccess *wanted)
{
	List	   *left;
	ListCell   *lc;

	query_begin_snapshot();
	left = wanted ? access_plan_table(wanted) : access_plan_schema();
	query_end_snapshot();
	foreach(lc, left)
	{
		const AccessStep *step = lfirst(lc);

		if (access_step_is_change(step->action))
			ereport(ERROR,
					(errcode(ERRCODE_MENUCA_ACCESS),
					 errmsg("refused: %s is not as wanted after its deployment",
							wanted ? psprintf("table \"%s\"", wanted->table) : "the schema"),
					 errdetail("This would still be to do: %s. Its changes were undone.", step->statement),
					 errhint("Look for grants that only another role can make or revoke, and for event triggers that change policies.")));
	}
}

static bool
has_step(const List *steps, StepAction action)
{
	return count_steps(steps, action) > 0;
}

static int
count_steps(const List *steps, StepAction action)
{
	const ListCell *lc;
	int			count = 0;

	foreach(lc, steps)
	{
		if (((AccessStep *) lfirst(lc))->action == action)
			count++;
	}
	return count;
}

static bool
has_changes(const List *steps)
{
	const ListCell *lc;

	foreach(lc, steps)
	{
		if (access_step_is_change(((AccessStep *) lfirst(lc))->action))
			return true;
	}
	return false;
}

static void
emit(ReturnSetInfo *rsinfo, const Deployment *unit, bool dry_run)
{
	static const StepAction counted[] = {
		STEP_CREATE_POLICY, STEP_REPLACE_POLICY, STEP_DROP_POLICY,
		STEP_KEEP_FOREIGN, STEP_GRANT, STEP_REVOKE
	};
	Datum		values[11];
	bool		nulls[11] = {0};

	values[0] = result_text(unit->wanted ? unit->wanted->table : NULL, &nulls[0]);
	values[1] = BoolGetDatum(dry_run);
	values[2] = CStringGetTextDatum(unit->status);
	for (size_t i = 0; i < lengthof(counted); i++)
		values[3 + i] = Int32GetDatum(count_steps(unit->steps, counted[i]));
	values[9] = BoolGetDatum(has_step(unit->steps, STEP_ENABLE_RLS));
	values[10] = result_text_array(unit->reasons);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static void
report(const List *units, bool dry_run)
{
	const ListCell *lc;
	int			tables = 0;
	int			done = 0;
	int			bad = 0;
	int			absent = 0;
	int			foreign = 0;

	foreach(lc, units)
	{
		const Deployment *unit = lfirst(lc);

		foreign += count_steps(unit->steps, STEP_KEEP_FOREIGN);
		if (!unit->wanted)
			continue;
		tables++;
		if (strcmp(unit->status, "deployed") == 0 || strcmp(unit->status, "planned") == 0)
			done++;
		else if (strcmp(unit->status, "absent") == 0)
			absent++;
		else if (strcmp(unit->status, "unchanged") != 0)
			bad++;
	}
	ereport(NOTICE,
			(errmsg("%s: %d of %d tables %s, %d as wanted already, %d absent, %d not possible",
					dry_run ? "dry run" : "deployment", done, tables,
					dry_run ? "to be changed" : "changed",
					tables - done - absent - bad, absent, bad),
			 dry_run ? 0 : errhint("Prove it: SELECT * FROM menuca_test_access() WHERE status <> 'PASS'; to undo it: SELECT * FROM menuca_rollback_access();")));
	if (foreign > 0)
		ereport(WARNING,
				(errmsg("%d other %s kept: permissive ones let more rows through than is wanted",
						foreign, foreign == 1 ? "policy is" : "policies are"),
				 errhint("They are the rows with action keep_foreign of menuca_access_plan(); drop those that should not be.")));
}
