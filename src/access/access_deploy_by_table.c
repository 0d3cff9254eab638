/*-------------------------------------------------------------------------
 *
 * access_deploy_by_table.c
 *	  Deploying access, a transaction for each table.
 *
 * CALL menuca_deploy_access_by_table(dry_run, tables, lock_timeout, test)
 *
 * A table is locked for its own change only, and while this session waits for one that
 * others use it holds none: readers of other tables never wait.  A request for a lock
 * makes later readers of that table wait behind it, so each lasts for a few
 * milliseconds, and between two of them they have their turn.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "access/access_deploy.h"
#include "access/access_deployment.h"
#include "access/access_rounds.h"
#include "access/wanted_access.h"
#include "base/arguments.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/procedure_call.h"
#include "base/query.h"
#include "base/results.h"

PG_FUNCTION_INFO_V1(menuca_deploy_access_by_table);

static bool deploy_table(void *table);
static void explain_busy_deployments(const List *deployments, int timeout);
static Datum deployment_result(FunctionCallInfo fcinfo, const List *deployments, bool dry_run,
							   const AccessObstacles *obstacles, const char *real_call);
static char *join(const List *reasons);


/*
 * menuca_deploy_access_by_table: the arguments of menuca_deploy_access, and INOUT ones
 * for the result.
 */
Datum
menuca_deploy_access_by_table(PG_FUNCTION_ARGS)
{
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	List	   *names = argument_text_list(fcinfo, 1, "tables");
	int			timeout = argument_milliseconds(fcinfo, 2, "lock_timeout");
	bool		test = argument_bool(fcinfo, 3, "test");
	char	   *real_call = given_call_for_real(fcinfo);
	AccessObstacles obstacles = access_deploy_obstacles(test);
	List	   *deployments;
	ListCell   *lc;

	if (!dry_run)
	{
		procedure_require_commits(fcinfo, "menuca_deploy_access_by_table", real_call,
								  migrate_call("To deploy in a single transaction, in which all tables are locked until it ends: SELECT * FROM menuca_deploy_access(dry_run => false%s);",
											   access_deploy_arguments(names, test)));
		query_require_writable("menuca_deploy_access_by_table(dry_run := false)");
		query_require_read_committed("menuca_deploy_access_by_table");
		access_deploy_require(&obstacles);
	}
	deployments = access_deployments_make(wanted_access_tables_with_parts(names), test, true);
	if (dry_run)
	{
		foreach(lc, deployments)
			access_deployment_plan(lfirst(lc));
	}
	else
	{
		access_rounds_run(deployments, deploy_table, timeout);
		explain_busy_deployments(deployments, timeout);
	}
	access_deploy_notice(deployments, dry_run, &obstacles);
	return deployment_result(fcinfo, deployments, dry_run, &obstacles, real_call);
}

/* Without a table that its conditions read, the matrix could only refuse it. */
static bool
deploy_table(void *table)
{
	AccessDeployment *deployment = table;

	if (access_deployment_waits_for(deployment))
	{
		deployment->status = "busy";
		return false;
	}
	access_deployment_carry_out(deployment);
	return strcmp(deployment->status, "busy") != 0;
}

/* A table that had no turn has failed; the matrix may have met a lock on another one. */
static void
explain_busy_deployments(const List *deployments, int timeout)
{
	ListCell   *lc;

	foreach(lc, deployments)
	{
		AccessDeployment *deployment = lfirst(lc);
		const char *before = access_deployment_waits_for(deployment);

		if (strcmp(deployment->status, "busy") != 0 || !deployment->wanted)
			continue;
		if (before)
			deployment->reasons = list_make1(psprintf("not deployed, since table \"%s\", which its access reads, is not", before));
		else if (!deployment->met_lock)
			deployment->reasons = list_make1(access_rounds_reason(deployment->wanted->relid, timeout));
	}

	/* Until now the status says what others wait for. */
	foreach(lc, deployments)
	{
		AccessDeployment *deployment = lfirst(lc);

		if (strcmp(deployment->status, "busy") == 0)
			deployment->status = "failed";
	}
}

static Datum
deployment_result(FunctionCallInfo fcinfo, const List *deployments, bool dry_run,
				  const AccessObstacles *obstacles, const char *real_call)
{
	List	   *deployed = NIL;
	List	   *failed = NIL;
	int64		unchanged = 0;
	Datum		values[5];
	bool		nulls[5] = {0};
	const ListCell *lc;

	foreach(lc, deployments)
	{
		const AccessDeployment *deployment = lfirst(lc);
		char	   *name = deployment->table ? deployment->table : "the schemas";

		if (strcmp(deployment->status, "deployed") == 0 || strcmp(deployment->status, "planned") == 0)
			deployed = lappend(deployed, name);
		else if (access_deployment_is_done(deployment))
			unchanged++;
		else
			failed = lappend(failed, psprintf("%s: %s", name, join(deployment->reasons)));
	}
	values[0] = CStringGetTextDatum(obstacles->problems ? "refused" :
									dry_run ? (deployed ? "planned" : failed ? "failed" : "unchanged") :
									failed ? (deployed ? "deployed in part" : "failed") :
									deployed ? "deployed" : "unchanged");
	values[1] = result_text_array(deployed);
	values[2] = Int64GetDatum(unchanged);
	values[3] = result_text_array(failed);
	values[4] = CStringGetTextDatum(obstacles->problems && strstr(linitial(obstacles->remedies), "'...'") == NULL ? linitial(obstacles->remedies) :
									(dry_run && deployed) || failed ? real_call :
									migrate_call("SELECT * FROM menuca_test_access() WHERE status <> 'PASS';"));
	return HeapTupleGetDatum(heap_form_tuple(result_row_type(fcinfo, "t" "a" "i" "a" "t"), values, nulls));
}

/* Texts with "; " between them. */
static char *
join(const List *reasons)
{
	StringInfoData joined;
	const ListCell *lc;

	initStringInfo(&joined);
	foreach(lc, reasons)
		format_append(&joined, "; ", "%s", (char *) lfirst(lc));
	return joined.data;
}
