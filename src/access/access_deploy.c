/*-------------------------------------------------------------------------
 *
 * access_deploy.c
 *	  Turning the access that exists into the wanted access.
 *
 * menuca_deploy_access(dry_run, tables, lock_timeout)
 *
 * Each table is deployed in a subtransaction of its own: all of its changes
 * are made, or none.  Policies come before row security, so that a table never
 * has row security without a policy; policies of others are kept.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access_action.h"
#include "access/access_ledger.h"
#include "access/access_plan.h"
#include "access/wanted_access.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/query.h"
#include "base/results.h"
#include "base/sqlstate.h"
#include "base/statement.h"

PG_FUNCTION_INFO_V1(menuca_deploy_access);

/* The deployment of a table, or of what concerns the schemas. */
typedef struct AccessDeployment
{
	const WantedAccess *wanted; /* NULL: the schemas */
	const char *lock_timeout;
	List	   *actions;		/* PlannedActions */
	const char *status;
	List	   *reasons;
} AccessDeployment;

static void refuse_roles(const List *problems, const List *remedies);
static List *make_deployments(const List *tables, const char *lock_timeout);
static void plan_deployment(void *arg);
static void deploy(void *arg);
static void verify_deployed(const WantedAccess *wanted);
static List *plan_actions(const WantedAccess *wanted);
static bool has_action(const List *actions, AccessAction action);
static int	count_actions(const List *actions, AccessAction action);
static const PlannedAction *first_change(const List *actions);
static void return_deployment(ReturnSetInfo *rsinfo, const AccessDeployment *deployment,
							  bool dry_run, const char *call);
static char *next_access_call(FunctionCallInfo fcinfo, const AccessDeployment *deployment,
							  const List *remedies);
static void notice_totals(const List *deployments, bool dry_run);
static void warn_of_foreign_policies(const List *deployments);


/* menuca_deploy_access(...): a row per table, and one for the schemas. */
Datum
menuca_deploy_access(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	List	   *names = argument_text_list(fcinfo, 1, "tables");
	char	   *lock_timeout = psprintf("%dms", argument_milliseconds(fcinfo, 2, "lock_timeout"));
	List	   *remedies;
	List	   *problems = access_role_problems(&remedies);
	List	   *deployments;
	ListCell   *lc;

	if (!dry_run)
	{
		query_require_writable("menuca_deploy_access(dry_run := false)");
		query_require_read_committed("menuca_deploy_access");
		statement_require_first("menuca_deploy_access", "the tables",
								given_call_for_real(fcinfo));
		if (problems)
			refuse_roles(problems, remedies);
		access_ledger_open();
	}

	deployments = make_deployments(wanted_access_tables_with_parts(names), lock_timeout);
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, deployments)
	{
		AccessDeployment *deployment = lfirst(lc);
		ErrorData  *error;

		CHECK_FOR_INTERRUPTS();
		error = attempt(dry_run ? plan_deployment : deploy, deployment);
		if (error)
		{
			deployment->status = "failed";
			deployment->actions = NIL;
			deployment->reasons = list_make1(attempt_message(error));
		}
		else if (problems)
		{
			deployment->status = "refused";
			deployment->reasons = deployment->wanted ?
				list_concat_copy(problems, deployment->reasons) : problems;
		}
		return_deployment(rsinfo, deployment, dry_run, next_access_call(fcinfo, deployment, remedies));
	}
	notice_totals(deployments, dry_run);
	warn_of_foreign_policies(deployments);
	return (Datum) 0;
}

/* Policies cannot name roles that do not exist. */
static void
refuse_roles(const List *problems, const List *remedies)
{
	StringInfoData detail;
	StringInfoData hint;
	const ListCell *lc;

	initStringInfo(&detail);
	initStringInfo(&hint);
	foreach(lc, problems)
		format_append(&detail, "; ", "%s", (char *) lfirst(lc));
	foreach(lc, remedies)
		format_append(&hint, " ", "%s", (char *) lfirst(lc));
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ACCESS),
			 errmsg("refused: the configured roles cannot be used"),
			 errdetail("%s. Nothing was changed.", detail.data),
			 errhint("%s Or set menuca.public_role, menuca.tenant_role and menuca.admin_role to the roles that requests have.", hint.data)));
}

/* The schemas first, then the tables. */
static List *
make_deployments(const List *tables, const char *lock_timeout)
{
	List	   *deployments = list_make1(palloc0(sizeof(AccessDeployment)));
	const ListCell *lc;

	foreach(lc, tables)
	{
		AccessDeployment *deployment = palloc0(sizeof(AccessDeployment));

		deployment->wanted = lfirst(lc);
		deployment->lock_timeout = lock_timeout;
		deployments = lappend(deployments, deployment);
	}
	return deployments;
}

static void
plan_deployment(void *arg)
{
	AccessDeployment *deployment = arg;
	ListCell   *lc;

	deployment->actions = plan_actions(deployment->wanted);
	deployment->status = first_change(deployment->actions) ? "planned" : "unchanged";
	deployment->reasons = NIL;
	foreach(lc, deployment->actions)
	{
		const PlannedAction *planned = lfirst(lc);

		if (planned->action == ACTION_IMPOSSIBLE || planned->action == ACTION_ABSENT ||
			planned->action == ACTION_KEEP_FOREIGN || planned->action == ACTION_UNDECIDED)
			deployment->reasons = lappend(deployment->reasons,
										  psprintf("%s%s%s", planned->object ? planned->object : "",
												   planned->object ? ": " : "", planned->reason));
	}
	if (has_action(deployment->actions, ACTION_ABSENT))
		deployment->status = "absent";
	if (has_action(deployment->actions, ACTION_IMPOSSIBLE))
		deployment->status = "impossible";
}

/* Plans again once it has the lock, and makes the changes. */
static void
deploy(void *arg)
{
	AccessDeployment *deployment = arg;
	const WantedAccess *wanted = deployment->wanted;
	ListCell   *lc;

	plan_deployment(deployment);
	if (strcmp(deployment->status, "planned") != 0)
		return;
	if (wanted)
		access_ledger_lock_table(wanted->relid, deployment->lock_timeout);

	query_begin_snapshot();
	plan_deployment(deployment);
	query_end_snapshot();
	if (has_action(deployment->actions, ACTION_IMPOSSIBLE))
		return;

	foreach(lc, deployment->actions)
	{
		const PlannedAction *planned = lfirst(lc);

		if (!access_action_is_change(planned->action))
			continue;
		access_ledger_execute(planned->statement);
		access_ledger_record(planned);
	}
	verify_deployed(wanted);
	deployment->status = "deployed";
}

/* A plan that is made now must contain no change. */
static void
verify_deployed(const WantedAccess *wanted)
{
	const PlannedAction *missing;

	query_begin_snapshot();
	missing = first_change(plan_actions(wanted));
	query_end_snapshot();
	if (missing)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ACCESS),
				 errmsg("refused: %s is not as wanted after its deployment",
						wanted ? psprintf("table \"%s\"", wanted->table) : "the schema"),
				 errdetail("The plan still contains: %s. All changes to it were undone.", missing->statement),
				 errhint("Look for grants that only another role can make or revoke, and for event triggers that change policies.")));
}

/* wanted is NULL for the schemas. */
static List *
plan_actions(const WantedAccess *wanted)
{
	return wanted ? access_plan_table(wanted) : access_plan_schemas();
}

static bool
has_action(const List *actions, AccessAction action)
{
	return count_actions(actions, action) > 0;
}

static int
count_actions(const List *actions, AccessAction action)
{
	const ListCell *lc;
	int			count = 0;

	foreach(lc, actions)
	{
		if (((PlannedAction *) lfirst(lc))->action == action)
			count++;
	}
	return count;
}

/* The first action that is a change, or NULL. */
static const PlannedAction *
first_change(const List *actions)
{
	const ListCell *lc;

	foreach(lc, actions)
	{
		const PlannedAction *planned = lfirst(lc);

		if (access_action_is_change(planned->action))
			return planned;
	}
	return NULL;
}

/* What a table needs is in its plan; what all tables need, in the whole plan. */
static char *
next_access_call(FunctionCallInfo fcinfo, const AccessDeployment *deployment, const List *remedies)
{
	const char *status = deployment->status;

	/* Which role a setting should name, only a person knows. */
	if (strcmp(status, "refused") == 0 && remedies && strstr(linitial(remedies), "'...'") == NULL)
		return linitial(remedies);
	if (strcmp(status, "planned") == 0)
		return given_call_for_real(fcinfo);
	if (strcmp(status, "deployed") == 0 || strcmp(status, "unchanged") == 0)
		return migrate_call("SELECT * FROM menuca_test_access() WHERE status <> 'PASS';");
	if (deployment->wanted == NULL)
		return migrate_call("SELECT * FROM menuca_access_plan() WHERE action <> 'keep';");
	return migrate_call("SELECT * FROM menuca_access_plan(ARRAY[%s]) WHERE action <> 'keep';",
						quote_literal_cstr(deployment->wanted->table));
}

static void
return_deployment(ReturnSetInfo *rsinfo, const AccessDeployment *deployment, bool dry_run,
				  const char *call)
{
	static const AccessAction counted[] = {
		ACTION_CREATE_POLICY, ACTION_REPLACE_POLICY, ACTION_DROP_POLICY,
		ACTION_KEEP_FOREIGN, ACTION_GRANT, ACTION_REVOKE
	};
	Datum		values[12];
	bool		nulls[12] = {0};

	values[0] = result_text(deployment->wanted ? deployment->wanted->table : NULL, &nulls[0]);
	values[1] = BoolGetDatum(dry_run);
	values[2] = CStringGetTextDatum(deployment->status);
	for (size_t i = 0; i < lengthof(counted); i++)
		values[3 + i] = Int32GetDatum(count_actions(deployment->actions, counted[i]));
	values[9] = BoolGetDatum(has_action(deployment->actions, ACTION_ENABLE_RLS));
	values[10] = result_text_array(deployment->reasons);
	values[11] = CStringGetTextDatum(call);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static void
notice_totals(const List *deployments, bool dry_run)
{
	const ListCell *lc;
	int			tables = 0;
	int			changed = 0;
	int			unchanged = 0;
	int			absent = 0;

	foreach(lc, deployments)
	{
		const AccessDeployment *deployment = lfirst(lc);

		if (!deployment->wanted)
			continue;
		tables++;
		if (strcmp(deployment->status, "deployed") == 0 || strcmp(deployment->status, "planned") == 0)
			changed++;
		else if (strcmp(deployment->status, "unchanged") == 0)
			unchanged++;
		else if (strcmp(deployment->status, "absent") == 0)
			absent++;
	}
	ereport(NOTICE,
			(errmsg("%s: %d of %d tables %s, %d already as wanted, %d absent, %d not possible",
					dry_run ? "dry run" : "deployment", changed, tables,
					dry_run ? "to be changed" : "changed", unchanged, absent,
					tables - changed - unchanged - absent),
			 dry_run ? 0 : errhint("%s", migrate_call("To prove it: SELECT * FROM menuca_test_access() WHERE status <> 'PASS'; to undo it: SELECT * FROM menuca_rollback_access();"))));
}

static void
warn_of_foreign_policies(const List *deployments)
{
	const ListCell *lc;
	int			foreign = 0;

	foreach(lc, deployments)
		foreign += count_actions(((AccessDeployment *) lfirst(lc))->actions, ACTION_KEEP_FOREIGN);
	if (foreign > 0)
		ereport(WARNING,
				(errmsg("%d other %s kept: permissive ones allow more rows than wanted",
						foreign, foreign == 1 ? "policy is" : "policies are"),
				 errhint("%s", migrate_call("See SELECT * FROM menuca_access_plan() WHERE action = 'keep_foreign'; and drop those that should not exist."))));
}
