/*-------------------------------------------------------------------------
 *
 * deploy_indexes.c
 *	  Building the wanted indexes in one transaction.
 *
 * menuca_deploy_indexes(dry_run, lock_timeout)
 *
 * This is for staging: without CONCURRENTLY, so writers to the tables wait, but
 * either all indexes are built or none.  The tables are locked first; then the
 * plan is made again and carried out, and each index is verified by its
 * definition.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/sqlstate.h"
#include "base/statement.h"
#include "index/created_index.h"
#include "index/index_locks.h"

PG_FUNCTION_INFO_V1(menuca_deploy_indexes);

typedef struct IndexDeployment
{
	List	   *plan;			/* PlannedIndexes */
	List	   *refusals;		/* C strings: why nothing may be built */
	bool		lacks_rights;	/* that is one of the refusals */
	int			unbuildable;	/* wanted, but in conflict or impossible */
	char	   *real_call;		/* the same call with dry_run => false */
	char	   *next_step;		/* of the result */
	ReturnSetInfo *rsinfo;
} IndexDeployment;

static void return_dry_run(IndexDeployment *deployment);
static void lock_and_build(IndexDeployment *deployment);
static void make_deployment_plan(IndexDeployment *deployment);
static bool blocks_deployment(const PlannedIndex *planned);
static void add_missing_right(IndexDeployment *deployment, char *right);
static void add_deployment_refusal(IndexDeployment *deployment, char *why);
static void refuse_deployment(const IndexDeployment *deployment);
static List *tables_to_lock(const List *plan);
static void build_indexes(IndexDeployment *deployment);
static void notice_built(const IndexDeployment *deployment, int built, TimestampTz start);
static void build_planned_index(IndexDeployment *deployment, PlannedIndex *planned);
static Oid	verify_built(const PlannedIndex *planned);
static void notice_dry_run(const IndexDeployment *deployment, int buildable);
static void return_deployed(IndexDeployment *deployment, const PlannedIndex *planned,
							const char *status, Datum elapsed);


/*
 * menuca_deploy_indexes(dry_run, lock_timeout): a row per wanted index.
 * Without dry_run, raises an error and builds nothing when a critical index
 * cannot be built, a lock cannot be had, or an index that was built is not as
 * wanted.
 */
Datum
menuca_deploy_indexes(PG_FUNCTION_ARGS)
{
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	int			milliseconds = argument_milliseconds(fcinfo, 1, "lock_timeout");
	IndexDeployment deployment = {
		.real_call = given_call_for_real(fcinfo),
		.next_step = migrate_call("SELECT * FROM menuca_check_indexes();"),
		.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo
	};
	int			scope = index_locks_begin_timeout(milliseconds);

	InitMaterializedSRF(fcinfo, 0);
	if (dry_run)
		return_dry_run(&deployment);
	else
		lock_and_build(&deployment);
	guc_scope_end(scope);
	return (Datum) 0;
}

static void
return_dry_run(IndexDeployment *deployment)
{
	ListCell   *lc;
	int			buildable = 0;

	make_deployment_plan(deployment);
	foreach(lc, deployment->plan)
		buildable += index_plan_has_work(lfirst(lc), false);
	if (deployment->refusals)
		deployment->next_step = migrate_call("SELECT name, action, detail, statement FROM menuca_index_plan() WHERE action <> 'exists';");
	else if (buildable > 0)
		deployment->next_step = deployment->real_call;
	foreach(lc, deployment->plan)
	{
		const PlannedIndex *planned = lfirst(lc);
		bool		has_work = index_plan_has_work(planned, false);

		return_deployed(deployment, planned,
						deployment->refusals && (has_work || blocks_deployment(planned)) ? "refused" :
						has_work ? "planned" : "kept", (Datum) 0);
	}
	notice_dry_run(deployment, buildable);
}

static void
lock_and_build(IndexDeployment *deployment)
{
	query_require_writable("menuca_deploy_indexes(dry_run := false)");
	statement_require_first("menuca_deploy_indexes", "the indexes",
							deployment->real_call);
	make_deployment_plan(deployment);
	if (deployment->refusals)
		refuse_deployment(deployment);

	/* A later deployment then sees the indexes that an earlier one built. */
	created_index_begin_update("menuca_deploy_indexes(dry_run := false)");
	created_index_close_gone(menuca_target_schema);
	index_locks_take(tables_to_lock(deployment->plan), ShareRowExclusiveLock);
	make_deployment_plan(deployment);
	if (deployment->refusals)
		refuse_deployment(deployment);
	build_indexes(deployment);
	created_index_end_update();
}

/* Makes the plan, and collects the reasons to refuse it. */
static void
make_deployment_plan(IndexDeployment *deployment)
{
	ListCell   *lc;

	deployment->plan = index_plan_make(menuca_target_schema);
	deployment->refusals = NIL;
	deployment->lacks_rights = false;
	deployment->unbuildable = 0;
	add_missing_right(deployment, created_index_missing_right());
	foreach(lc, deployment->plan)
	{
		const PlannedIndex *planned = lfirst(lc);

		if (blocks_deployment(planned))
			add_deployment_refusal(deployment, psprintf("critical index %s: %s, %s", planned->wanted->text.name,
														index_action_name(planned->action), planned->detail));
		else if (index_plan_has_work(planned, false))
			add_missing_right(deployment, index_locks_missing_right(planned->table, true));
		else if (planned->action == INDEX_CONFLICT || planned->action == INDEX_IMPOSSIBLE)
			deployment->unbuildable++;
	}
}

/* True for a critical index that cannot be built and that no other index covers. */
static bool
blocks_deployment(const PlannedIndex *planned)
{
	return planned->wanted->critical && planned->covered_by == NULL &&
		(planned->action == INDEX_CONFLICT ||
		 (planned->action == INDEX_IMPOSSIBLE && !planned->not_concurrently));
}

/* right: as from created_index_missing_right(); NULL: none is missing. */
static void
add_missing_right(IndexDeployment *deployment, char *right)
{
	if (right == NULL)
		return;
	add_deployment_refusal(deployment, right);
	deployment->lacks_rights = true;
}

/* Several indexes of a table may need the same right, so a reason is added once. */
static void
add_deployment_refusal(IndexDeployment *deployment, char *why)
{
	ListCell   *lc;

	foreach(lc, deployment->refusals)
		if (strcmp(lfirst(lc), why) == 0)
		return;
	deployment->refusals = lappend(deployment->refusals, why);
}

static void
refuse_deployment(const IndexDeployment *deployment)
{
	StringInfoData detail;
	ListCell   *lc;

	initStringInfo(&detail);
	foreach(lc, deployment->refusals)
		appendStringInfo(&detail, "%s\n", (char *) lfirst(lc));
	appendStringInfoString(&detail, "Nothing was built.");
	ereport(ERROR,
			(errcode(deployment->lacks_rights ? ERRCODE_INSUFFICIENT_PRIVILEGE : ERRCODE_MENUCA_INDEX),
			 errmsg("refused: the wanted indexes of schema %s cannot be built", menuca_target_schema),
			 errdetail_internal("%s", detail.data),
			 deployment->lacks_rights ?
			 errhint("Execute the GRANT, or call this as the owner of the tables.") :
			 errhint("%s", migrate_call("Rename or drop what uses the name, create what is missing, or change the row in menuca_wanted_index. See SELECT * FROM menuca_index_plan() WHERE action IN ('conflict', 'impossible');"))));
}

static List *
tables_to_lock(const List *plan)
{
	List	   *tables = NIL;
	ListCell   *lc;

	foreach(lc, plan)
	{
		const PlannedIndex *planned = lfirst(lc);

		if (index_plan_has_work(planned, false))
			tables = list_append_unique_oid(tables, planned->table);
	}
	return tables;
}

static void
build_indexes(IndexDeployment *deployment)
{
	TimestampTz start = GetCurrentTimestamp();
	int			built = 0;
	ListCell   *lc;

	foreach(lc, deployment->plan)
	{
		PlannedIndex *planned = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (index_plan_has_work(planned, false))
		{
			build_planned_index(deployment, planned);
			built++;
		}
		else
			return_deployed(deployment, planned, "kept", (Datum) 0);
	}
	notice_built(deployment, built, start);
}

static void
notice_built(const IndexDeployment *deployment, int built, TimestampTz start)
{
	if (built > 0)
		ereport(NOTICE,
				(errmsg("%s built in %ld ms, and verified by definition",
						built == 1 ? "1 index" : psprintf("%d indexes", built),
						TimestampDifferenceMilliseconds(start, GetCurrentTimestamp()))));
	else
		ereport(NOTICE, (errmsg("no index has to be built")));
	if (deployment->unbuildable > 0)
		ereport(NOTICE,
				(errmsg("%d of the wanted indexes cannot be built", deployment->unbuildable),
				 errhint("%s", migrate_call("SELECT * FROM menuca_index_plan() WHERE action IN ('conflict', 'impossible');"))));
}

static void
build_planned_index(IndexDeployment *deployment, PlannedIndex *planned)
{
	TimestampTz start = GetCurrentTimestamp();
	ListCell   *lc;
	Oid			index;
	int			scope = guc_scope_begin_pg_catalog();	/* as in the index plan */

	foreach(lc, index_plan_statements(planned, false))
		query_write(lfirst(lc), NULL, NULL, NULL);
	guc_scope_end(scope);
	index = verify_built(planned);
	if (planned->action != INDEX_REBUILD)
		created_index_record(menuca_target_schema, planned->wanted, index, "deploy");
	return_deployed(deployment, planned, planned->action == INDEX_REBUILD ? "rebuilt" : "created",
					result_elapsed(start));
}

/* An event trigger may have changed what was built.  Returns the index. */
static Oid
verify_built(const PlannedIndex *planned)
{
	const PlannedIndex *after;

	CommandCounterIncrement();
	after = index_plan_one(menuca_target_schema, planned->wanted);
	if (after->action != INDEX_EXISTS || after->exceeds)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("index %s.%s was built, but is not as wanted",
						menuca_target_schema, planned->wanted->text.name),
				 errdetail("The index plan now reports: %s%s%s. Everything was undone.",
						   index_action_name(after->action), after->detail ? ", " : "",
						   after->detail ? after->detail : ""),
				 errhint("Something interferes with CREATE INDEX. See the event triggers: SELECT * FROM pg_event_trigger;")));
	return after->index;
}

static void
notice_dry_run(const IndexDeployment *deployment, int buildable)
{
	ListCell   *lc;

	ereport(NOTICE,
			(errmsg("dry run: of %d wanted indexes, %d would be built and %d cannot be built",
					list_length(deployment->plan), buildable, deployment->unbuildable)));
	foreach(lc, deployment->refusals)
		ereport(NOTICE,
				(errmsg("a real run would be refused: %s", (char *) lfirst(lc))));
}

static void
return_deployed(IndexDeployment *deployment, const PlannedIndex *planned, const char *status,
				Datum elapsed)
{
	const WantedIndex *wanted = planned->wanted;
	StringInfoData text;
	ListCell   *lc;
	Datum		values[11];
	bool		nulls[11] = {0};

	initStringInfo(&text);
	foreach(lc, index_plan_statements(planned, false))
		format_append(&text, "\n", "%s", (char *) lfirst(lc));

	values[0] = Int32GetDatum(wanted->section);
	values[1] = CStringGetTextDatum(wanted->text.name);
	values[2] = CStringGetTextDatum(wanted->table);
	values[3] = CStringGetTextDatum(index_action_name(planned->not_concurrently ? INDEX_CREATE : planned->action));
	values[4] = BoolGetDatum(wanted->critical);
	values[5] = CStringGetTextDatum(status);
	values[6] = result_text(planned->covered_by, &nulls[6]);
	values[7] = result_text(planned->not_concurrently ? NULL : planned->detail, &nulls[7]);
	values[8] = result_text(text.len > 0 ? text.data : NULL, &nulls[8]);
	values[9] = elapsed;
	nulls[9] = elapsed == (Datum) 0;
	values[10] = CStringGetTextDatum(deployment->next_step);
	tuplestore_putvalues(deployment->rsinfo->setResult, deployment->rsinfo->setDesc,
						 values, nulls);
}
