/*-------------------------------------------------------------------------
 *
 * deploy_indexes.c
 *	  Building the wanted indexes in one transaction.
 *
 * menuca_deploy_indexes(dry_run, lock_timeout)
 *
 * The way for staging: without CONCURRENTLY, so writers to the tables wait,
 * but all or nothing.  The tables are locked first, then the plan is made
 * anew, carried out, and made once more: what was built must be there by its
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
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/sqlstate.h"
#include "index/created_index.h"
#include "index/index_locks.h"

PG_FUNCTION_INFO_V1(menuca_deploy_indexes);

typedef struct Deployment
{
	List	   *plan;			/* of PlannedIndexes */
	List	   *refusals;		/* strings: why nothing may be built */
	bool		lacks_rights;	/* is one of them */
	int			left;			/* wanted, but neither there nor to be built */
	ReturnSetInfo *rsinfo;
} Deployment;

static void show(Deployment *deployment);
static void carry_out(Deployment *deployment, int milliseconds);
static void plan_and_judge(Deployment *deployment);
static void add_refusal(Deployment *deployment, char *why);
static void refuse(const Deployment *deployment);
static List *tables_of_work(const List *plan);
static void build_all(Deployment *deployment);
static void build(Deployment *deployment, PlannedIndex *planned);
static Oid	verify(const PlannedIndex *planned);
static bool stands_in_the_way(const PlannedIndex *planned);
static void announce_dry_run(const Deployment *deployment, int work);
static void emit(Deployment *deployment, const PlannedIndex *planned, const char *status,
				 Datum elapsed);


/*
 * menuca_deploy_indexes(dry_run, lock_timeout): a row per wanted index.  In
 * earnest, raises an error, and has built nothing, when a critical one cannot
 * be built, a lock cannot be had, or what was built is not what was wanted.
 */
Datum
menuca_deploy_indexes(PG_FUNCTION_ARGS)
{
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	int			milliseconds = argument_milliseconds(fcinfo, 1, "lock_timeout");
	Deployment	deployment = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	int			level = index_limit_waits(milliseconds);

	InitMaterializedSRF(fcinfo, 0);
	if (dry_run)
		show(&deployment);
	else
		carry_out(&deployment, milliseconds);
	index_unlimit_waits(level);
	return (Datum) 0;
}

/* What a real run would do. */
static void
show(Deployment *deployment)
{
	ListCell   *lc;
	int			work = 0;

	plan_and_judge(deployment);
	foreach(lc, deployment->plan)
	{
		const PlannedIndex *planned = lfirst(lc);
		bool		is_work = index_plan_is_work(planned, false);

		work += is_work;
		emit(deployment, planned,
			 deployment->refusals && (is_work || stands_in_the_way(planned)) ? "refused" :
			 is_work ? "planned" : "left", (Datum) 0);
	}
	announce_dry_run(deployment, work);
}

static void
carry_out(Deployment *deployment, int milliseconds)
{
	query_require_writable("menuca_deploy_indexes(dry_run := false)");
	plan_and_judge(deployment);
	if (deployment->refusals)
		refuse(deployment);

	/* One deployment after the other: what the first built is there then. */
	created_index_claim("menuca_deploy_indexes(dry_run := false)", milliseconds);
	created_index_close_gone(menuca_target_schema);
	index_lock_tables(tables_of_work(deployment->plan), ShareRowExclusiveLock, milliseconds);
	plan_and_judge(deployment);
	if (deployment->refusals)
		refuse(deployment);
	build_all(deployment);
	created_index_end_claim();
}

/* Makes the plan, and collects what speaks against building. */
static void
plan_and_judge(Deployment *deployment)
{
	ListCell   *lc;
	char	   *lacking = created_index_lacking_right();

	deployment->plan = index_plan_make(menuca_target_schema);
	deployment->refusals = NIL;
	deployment->left = 0;
	if (lacking)
		add_refusal(deployment, lacking);
	deployment->lacks_rights = lacking != NULL;
	foreach(lc, deployment->plan)
	{
		const PlannedIndex *planned = lfirst(lc);

		if (stands_in_the_way(planned))
			add_refusal(deployment, psprintf("critical index %s: %s, %s", planned->wanted->text.name,
											 index_action_name(planned->action), planned->detail));
		else if (index_plan_is_work(planned, false))
		{
			lacking = index_lacking_right(planned->table, true);
			if (lacking)
			{
				add_refusal(deployment, lacking);
				deployment->lacks_rights = true;
			}
		}
		else if (planned->action == INDEX_CONFLICT || planned->action == INDEX_IMPOSSIBLE)
			deployment->left++;
	}
}

/* Once each: several indexes of a table lack the same right. */
static void
add_refusal(Deployment *deployment, char *why)
{
	ListCell   *lc;

	foreach(lc, deployment->refusals)
		if (strcmp(lfirst(lc), why) == 0)
		return;
	deployment->refusals = lappend(deployment->refusals, why);
}

/* A critical index that cannot be had, and that nothing else stands in for. */
static bool
stands_in_the_way(const PlannedIndex *planned)
{
	return planned->wanted->critical && planned->covered_by == NULL &&
		(planned->action == INDEX_CONFLICT ||
		 (planned->action == INDEX_IMPOSSIBLE && !planned->only_plainly));
}

static void
refuse(const Deployment *deployment)
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
			 errhint("Make the GRANT, or call this as the owner of the tables.") :
			 errhint("Rename or drop what has the name, create what is missing, or change the row in menuca_wanted_index: SELECT * FROM menuca_index_plan() WHERE action IN ('conflict', 'impossible');")));
}

static List *
tables_of_work(const List *plan)
{
	List	   *tables = NIL;
	ListCell   *lc;

	foreach(lc, plan)
	{
		const PlannedIndex *planned = lfirst(lc);

		if (index_plan_is_work(planned, false))
			tables = list_append_unique_oid(tables, planned->table);
	}
	return tables;
}

static void
build_all(Deployment *deployment)
{
	TimestampTz start = GetCurrentTimestamp();
	int			built = 0;
	ListCell   *lc;

	foreach(lc, deployment->plan)
	{
		PlannedIndex *planned = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (index_plan_is_work(planned, false))
		{
			build(deployment, planned);
			built++;
		}
		else
			emit(deployment, planned, "left", (Datum) 0);
	}
	if (built > 0)
		ereport(NOTICE,
				(errmsg("%s built in %ld ms, there by definition and valid",
						built == 1 ? "1 index" : psprintf("%d indexes", built),
						TimestampDifferenceMilliseconds(start, GetCurrentTimestamp()))));
	else
		ereport(NOTICE, (errmsg("there is no index to be built")));
	if (deployment->left > 0)
		ereport(NOTICE,
				(errmsg("%d of the wanted indexes cannot be built", deployment->left),
				 errhint("SELECT * FROM menuca_index_plan() WHERE action IN ('conflict', 'impossible');")));
}

static void
build(Deployment *deployment, PlannedIndex *planned)
{
	TimestampTz start = GetCurrentTimestamp();
	ListCell   *lc;
	Oid			index;

	foreach(lc, index_plan_statements(planned, false))
		query_write(lfirst(lc), NULL, NULL, NULL);
	index = verify(planned);
	if (planned->action != INDEX_REBUILD)
		created_index_enter(menuca_target_schema, planned->wanted, index, "deploy");
	emit(deployment, planned, planned->action == INDEX_REBUILD ? "rebuilt" : "created",
		 result_elapsed(start));
}

/* What was built must be what was wanted; an event trigger may think otherwise. */
static Oid
verify(const PlannedIndex *planned)
{
	const PlannedIndex *after;

	CommandCounterIncrement();
	after = index_plan_one(menuca_target_schema, planned->wanted);
	if (after->action != INDEX_EXISTS || after->more)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("index %s.%s was built, but is not there as it is wanted",
						menuca_target_schema, planned->wanted->text.name),
				 errdetail("Afterwards the plan says: %s%s%s. All of it was undone.",
						   index_action_name(after->action), after->detail ? ", " : "",
						   after->detail ? after->detail : ""),
				 errhint("Something interferes with CREATE INDEX: look at the event triggers (\\dy).")));
	return after->index;
}

static void
announce_dry_run(const Deployment *deployment, int work)
{
	ListCell   *lc;

	ereport(NOTICE,
			(errmsg("dry run: of %d wanted indexes, %d to be built, %d cannot be",
					list_length(deployment->plan), work, deployment->left)));
	foreach(lc, deployment->refusals)
		ereport(NOTICE,
				(errmsg("a real run would be refused: %s", (char *) lfirst(lc))));
}

static void
emit(Deployment *deployment, const PlannedIndex *planned, const char *status,
	 Datum elapsed)
{
	const WantedIndex *wanted = planned->wanted;
	StringInfoData text;
	ListCell   *lc;
	Datum		values[10];
	bool		nulls[10] = {0};

	initStringInfo(&text);
	foreach(lc, index_plan_statements(planned, false))
		appendStringInfo(&text, "%s%s", text.len > 0 ? "\n" : "", (char *) lfirst(lc));

	values[0] = Int32GetDatum(wanted->section);
	values[1] = CStringGetTextDatum(wanted->text.name);
	values[2] = CStringGetTextDatum(wanted->table);
	values[3] = CStringGetTextDatum(index_action_name(planned->only_plainly ? INDEX_CREATE : planned->action));
	values[4] = BoolGetDatum(wanted->critical);
	values[5] = CStringGetTextDatum(status);
	values[6] = result_text(planned->covered_by, &nulls[6]);
	values[7] = result_text(planned->only_plainly ? NULL : planned->detail, &nulls[7]);
	values[8] = result_text(text.len > 0 ? text.data : NULL, &nulls[8]);
	values[9] = elapsed;
	nulls[9] = elapsed == (Datum) 0;
	tuplestore_putvalues(deployment->rsinfo->setResult, deployment->rsinfo->setDesc,
						 values, nulls);
}
