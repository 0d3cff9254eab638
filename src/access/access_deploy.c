/*-------------------------------------------------------------------------
 *
 * access_deploy.c
 *	  Turning the access that exists into the wanted access, in one transaction.
 *
 * menuca_deploy_access(dry_run, tables, lock_timeout, test)
 *
 * All tables that need a change are locked together, before any is changed, so that
 * this session never holds some while it waits for others.  Each table is deployed
 * in a subtransaction of its own: see access_deployment.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "access/access_deploy.h"
#include "access/access_deployment.h"
#include "access/access_ledger.h"
#include "access/wanted_access.h"
#include "base/access_session.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/sqlstate.h"
#include "base/statement.h"
#include "base/table_lock.h"

PG_FUNCTION_INFO_V1(menuca_deploy_access);

static void refuse_roles(const AccessObstacles *obstacles);
static void require_session(void *what);
static void lock_deployed(const List *deployments, int timeout, const char *arguments);
static int	compare_deployments(const ListCell *a, const ListCell *b);
static void return_deployment(ReturnSetInfo *rsinfo, const AccessDeployment *deployment,
							  bool dry_run, const char *call);
static char *next_access_call(FunctionCallInfo fcinfo, const AccessDeployment *deployment,
							  const AccessObstacles *obstacles);
static void refuse_deployments(const List *deployments, const AccessObstacles *obstacles);
static void notice_totals(const List *deployments, bool dry_run);
static void warn_of_foreign_policies(const List *deployments);


/* menuca_deploy_access(...): a row per table, and one for the schemas. */
Datum
menuca_deploy_access(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	List	   *names = argument_text_list(fcinfo, 1, "tables");
	int			timeout = argument_milliseconds(fcinfo, 2, "lock_timeout");
	bool		test = argument_bool(fcinfo, 3, "test");
	AccessObstacles obstacles = access_deploy_obstacles(test);
	List	   *deployments;
	ListCell   *lc;

	if (!dry_run)
	{
		query_require_writable("menuca_deploy_access(dry_run := false)");
		query_require_read_committed("menuca_deploy_access");
		statement_require_first("menuca_deploy_access", "the tables",
								given_call_for_real(fcinfo));
		access_deploy_require(&obstacles);
		access_ledger_open(false);
	}

	deployments = access_deployments_make(wanted_access_tables_with_parts(names), test, false);
	foreach(lc, deployments)
		access_deployment_plan(lfirst(lc));
	if (!dry_run)
	{
		lock_deployed(deployments, timeout, access_deploy_arguments(names, test));
		foreach(lc, deployments)
		{
			CHECK_FOR_INTERRUPTS();
			access_deployment_carry_out(lfirst(lc));
		}
	}

	access_deploy_notice(deployments, dry_run, &obstacles);
	list_sort(deployments, compare_deployments);
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, deployments)
		return_deployment(rsinfo, lfirst(lc), dry_run, next_access_call(fcinfo, lfirst(lc), &obstacles));
	return (Datum) 0;
}

char *
access_deploy_arguments(List *names, bool test)
{
	char	   *tables = names ? quote_literal_cstr(OidOutputFunctionCall(F_ARRAY_OUT, result_text_array(names))) : NULL;

	return psprintf("%s%s%s", names ? ", tables => " : "", names ? tables : "", test ? "" : ", test => false");
}

AccessObstacles
access_deploy_obstacles(bool test)
{
	AccessObstacles obstacles = {0};
	ErrorData  *error;

	obstacles.problems = access_role_problems(&obstacles.remedies);
	if (obstacles.problems || !test)
		return obstacles;
	error = attempt(require_session, "The matrix of a table");
	if (error == NULL)
		return obstacles;
	obstacles.error = error;
	obstacles.problems = list_make1(psprintf("the matrix cannot be tried: %s", error->message));
	obstacles.remedies = list_make1(error->hint);
	return obstacles;
}

static void
require_session(void *what)
{
	access_session_require(what);
}

void
access_deploy_require(const AccessObstacles *obstacles)
{
	ErrorData  *error = obstacles->error;

	if (error)
	{
		error->hint = psprintf("%s Or deploy without the matrix, which nobody has tried then: test => false.", error->hint);
		ThrowErrorData(error);
	}
	if (obstacles->problems)
		refuse_roles(obstacles);
}

/* Policies cannot name roles that do not exist. */
static void
refuse_roles(const AccessObstacles *obstacles)
{
	StringInfoData detail;
	StringInfoData hint;
	const ListCell *lc;

	initStringInfo(&detail);
	initStringInfo(&hint);
	foreach(lc, obstacles->problems)
		format_append(&detail, "; ", "%s", (char *) lfirst(lc));
	foreach(lc, obstacles->remedies)
		format_append(&hint, " ", "%s", (char *) lfirst(lc));
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ACCESS),
			 errmsg("refused: the configured roles cannot be used"),
			 errdetail("%s. Nothing was changed.", detail.data),
			 errhint("%s Or set menuca.public_role, menuca.tenant_role and menuca.admin_role to the roles that requests have.", hint.data)));
}

/* Tables that the caller does not own are not locked: their deployment fails. */
static void
lock_deployed(const List *deployments, int timeout, const char *arguments)
{
	List	   *relids = NIL;
	const ListCell *lc;

	foreach(lc, deployments)
	{
		const AccessDeployment *deployment = lfirst(lc);

		if (deployment->wanted && strcmp(deployment->status, "planned") == 0 &&
			relation_is_owned(deployment->wanted->relid))
			relids = lappend_oid(relids, deployment->wanted->relid);
	}
	if (relids)
		table_lock_take_all(relids, AccessExclusiveLock, timeout, "Nothing was changed.",
							migrate_call("Or deploy one table after the other, which waits for each by itself: CALL menuca_deploy_access_by_table(dry_run => false%s);", arguments));
}

/* The schemas first, then the tables by name. */
static int
compare_deployments(const ListCell *a, const ListCell *b)
{
	const char *name = ((const AccessDeployment *) lfirst(a))->table;
	const char *other = ((const AccessDeployment *) lfirst(b))->table;

	return name && other ? strcmp(name, other) : (name != NULL) - (other != NULL);
}

/* What a table needs is in its plan; what all tables need, in the whole plan. */
static char *
next_access_call(FunctionCallInfo fcinfo, const AccessDeployment *deployment, const AccessObstacles *obstacles)
{
	const List *remedies = obstacles->remedies;
	const char *status = deployment->status;

	/* Which role a setting should name, only a person knows. */
	if (strcmp(status, "refused") == 0 && remedies && strstr(linitial(remedies), "'...'") == NULL)
		return linitial(remedies);
	if (strcmp(status, "planned") == 0)
		return given_call_for_real(fcinfo);
	if (strcmp(status, "deployed") == 0 || strcmp(status, "unchanged") == 0)
		return migrate_call("SELECT * FROM menuca_test_access() WHERE status <> 'PASS';");
	if (deployment->table == NULL)
		return migrate_call("SELECT * FROM menuca_access_plan() WHERE action <> 'keep';");
	return migrate_call("SELECT * FROM menuca_access_plan(ARRAY[%s]) WHERE action <> 'keep';",
						quote_literal_cstr(deployment->table));
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

	values[0] = result_text(deployment->table, &nulls[0]);
	values[1] = BoolGetDatum(dry_run);
	values[2] = CStringGetTextDatum(deployment->status);
	for (size_t i = 0; i < lengthof(counted); i++)
		values[3 + i] = Int32GetDatum(access_deployment_count(deployment, counted[i]));
	values[9] = BoolGetDatum(access_deployment_count(deployment, ACTION_ENABLE_RLS) > 0);
	values[10] = result_text_array(deployment->reasons);
	values[11] = CStringGetTextDatum(call);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

void
access_deploy_notice(const List *deployments, bool dry_run, const AccessObstacles *obstacles)
{
	if (obstacles->problems)
		refuse_deployments(deployments, obstacles);
	notice_totals(deployments, dry_run);
	warn_of_foreign_policies(deployments);
}

static void
refuse_deployments(const List *deployments, const AccessObstacles *obstacles)
{
	const ListCell *lc;

	foreach(lc, deployments)
	{
		AccessDeployment *deployment = lfirst(lc);

		if (strcmp(deployment->status, "failed") == 0)
			continue;
		deployment->status = "refused";
		deployment->reasons = deployment->table || obstacles->error ?
			list_concat_copy(obstacles->problems, deployment->reasons) : obstacles->problems;
	}
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

		if (!deployment->table)
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
		foreign += access_deployment_count(lfirst(lc), ACTION_KEEP_FOREIGN);
	if (foreign > 0)
		ereport(WARNING,
				(errmsg("%d other %s kept: permissive ones allow more rows than wanted",
						foreign, foreign == 1 ? "policy is" : "policies are"),
				 errhint("%s", migrate_call("See SELECT * FROM menuca_access_plan() WHERE action = 'keep_foreign'; and drop those that should not exist."))));
}
