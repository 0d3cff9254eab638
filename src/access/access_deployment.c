/*-------------------------------------------------------------------------
 *
 * access_deployment.c
 *	  Deploying the access of one table: see access_deployment.h.
 *
 * Policies come before row security, so that a table never has row security without a
 * policy; policies of others are kept.  The matrix is tried in the transaction that makes
 * the changes, so that nobody ever meets what it refuses: after them or, where the table
 * is a transaction of its own, before its readers are locked out, in a rehearsal that is
 * undone.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"

#include "access/access_deployment.h"
#include "access/access_ledger.h"
#include "access/access_plan.h"
#include "access/access_public.h"
#include "access/access_rehearsal.h"
#include "access/access_rounds.h"
#include "access/access_state.h"
#include "access/access_trial.h"
#include "access/owner_view.h"
#include "access/wanted_access.h"
#include "base/attempt.h"
#include "base/format.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/sqlstate.h"
#include "base/table_lock.h"

/* Cells of the matrix that a reason names. */
#define MAX_CELLS 10

/* Tables that this session has deployed. */
static uint64 deployments_made = 0;

/* What access_deployments_make() is making. */
typedef struct DeploymentOrder
{
	const List *tables;			/* WantedAccesses */
	List	   *visited;		/* those that have their place, or are about
								 * to */
	List	   *deployments;
} DeploymentOrder;

/* What tables_of_parents() asks for. */
typedef struct PublicParents
{
	const WantedAccess *wanted;
	List	   *found;			/* WantedAccesses */
} PublicParents;

static void add_deployment(DeploymentOrder *order, const WantedAccess *wanted);
static List *tables_of_parents(const WantedAccess *wanted);
static void find_parents(void *arg);
static bool reads_table(const AccessDeployment *deployment, Oid relid);
static bool find_relation(Node *node, void *relid);
static void plan_deployment(void *arg);
static void deploy(void *arg);
static void keep_for_next_turn(AccessDeployment *deployment, const WantedAccess *wanted);
static void prepare_table(AccessDeployment *deployment);
static void lock_or_give_up(const AccessDeployment *deployment, LOCKMODE mode);
static bool needs_rehearsal(const AccessDeployment *deployment);
static bool is_rehearsed(const AccessDeployment *deployment);
static char *statements_of(const List *actions);
static void rehearse(void *arg);
static void make_changes(AccessDeployment *deployment);
static void verify_deployed(const WantedAccess *wanted);
static void try_matrix(AccessDeployment *deployment);
static void add_cells(List **reasons, const List *cells);
static List *plan_actions(const WantedAccess *wanted);
static const PlannedAction *first_change(const List *actions);


List *
access_deployments_make(const List *tables, bool test, bool by_table)
{
	DeploymentOrder order = {tables, NIL, list_make1(palloc0(sizeof(AccessDeployment)))};
	const ListCell *lc;

	foreach(lc, tables)
		add_deployment(&order, lfirst(lc));
	foreach(lc, order.deployments)
	{
		AccessDeployment *deployment = lfirst(lc);

		deployment->test = test;
		deployment->by_table = by_table;
		deployment->all = order.deployments;
		deployment->context = CurrentMemoryContext;
	}
	return order.deployments;
}

/* Conditions may read tables in a circle, so each is visited once. */
static void
add_deployment(DeploymentOrder *order, const WantedAccess *wanted)
{
	AccessDeployment *deployment;
	const ListCell *lc;

	check_stack_depth();
	if (list_member_ptr(order->visited, wanted))
		return;
	order->visited = lappend(order->visited, unconstify(WantedAccess *, wanted));
	deployment = palloc0(sizeof(AccessDeployment));
	deployment->table = wanted->table;
	deployment->wanted = wanted;
	deployment->parents = tables_of_parents(wanted);
	foreach(lc, order->tables)
	{
		const WantedAccess *other = lfirst(lc);

		if (OidIsValid(other->relid) && reads_table(deployment, other->relid))
			add_deployment(order, other);
	}
	order->deployments = lappend(order->deployments, deployment);
}

/* The tables whose rows decide about the public ones; NIL when that is not known. */
static List *
tables_of_parents(const WantedAccess *wanted)
{
	PublicParents parents = {wanted, NIL};
	List	   *tables = NIL;
	ListCell   *lc;

	if (wanted->problem || attempt(find_parents, &parents) != NULL)
		return NIL;
	foreach(lc, parents.found)
		tables = lappend_oid(tables, ((WantedAccess *) lfirst(lc))->relid);
	return tables;
}

static void
find_parents(void *arg)
{
	PublicParents *parents = arg;

	parents->found = access_public_parents(parents->wanted);
}

/*
 * True if the path to the owner leads through it, the condition mentions it, or its
 * rows decide whether those of the deployment's table are public.
 */
static bool
reads_table(const AccessDeployment *deployment, Oid relid)
{
	const WantedAccess *wanted = deployment->wanted;
	const AccessKey *keys[] = {wanted->tenant_key, wanted->user_key};

	for (size_t i = 0; i < lengthof(keys); i++)
	{
		const ListCell *lc;

		foreach(lc, keys[i] ? keys[i]->hops : NIL)
		{
			if (((AccessHop *) lfirst(lc))->relid == relid)
				return true;
		}
	}
	return list_member_oid(deployment->parents, relid) || find_relation(wanted->public_expr, &relid);
}

static bool
find_relation(Node *node, void *relid)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
		return castNode(RangeTblEntry, node)->relid == *(Oid *) relid;
	if (IsA(node, Query))
		return query_tree_walker(castNode(Query, node), find_relation, relid, QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, find_relation, relid);
}

const char *
access_deployment_waits_for(const AccessDeployment *deployment)
{
	const ListCell *lc;

	foreach(lc, deployment->all)
	{
		const AccessDeployment *other = lfirst(lc);

		if (other == deployment)
			break;
		if (deployment->wanted && other->wanted && other->status &&
			strcmp(other->status, "busy") == 0 && reads_table(deployment, other->wanted->relid))
			return other->table;
	}
	return NULL;
}

void
access_deployment_plan(AccessDeployment *deployment)
{
	ErrorData  *error = attempt(plan_deployment, deployment);

	if (error == NULL)
		return;
	deployment->status = "failed";
	deployment->actions = NIL;
	deployment->reasons = list_make1(attempt_message(error));
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
	if (access_deployment_count(deployment, ACTION_ABSENT) > 0)
		deployment->status = "absent";
	if (access_deployment_count(deployment, ACTION_IMPOSSIBLE) > 0)
		deployment->status = "impossible";
}

void
access_deployment_carry_out(AccessDeployment *deployment)
{
	const WantedAccess *wanted = deployment->wanted;
	ErrorData  *error;

	deployment->refused_by_matrix = false;
	error = attempt(deploy, deployment);
	if (error == NULL)
		return;
	if (!deployment->refused_by_matrix)
		deployment->reasons = list_make1(attempt_message(error));

	/* Whoever held a lock for the moment may release it. */
	deployment->status = deployment->by_table && (deployment->met_lock || error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE) ?
		"busy" : "failed";
	deployment->actions = NIL;
	if (strcmp(deployment->status, "busy") == 0)
		keep_for_next_turn(deployment, wanted);
}

/* The turn's own memory is freed; what is wanted is read again by the next one. */
static void
keep_for_next_turn(AccessDeployment *deployment, const WantedAccess *wanted)
{
	deployment->wanted = wanted;
	deployment->reasons = access_rounds_keep(deployment->reasons, deployment->context);
	deployment->skipped = access_rounds_keep(deployment->skipped, deployment->context);
}

/* Plans again once nobody else can change the table, and makes the changes. */
static void
deploy(void *arg)
{
	AccessDeployment *deployment = arg;
	int			scope;

	deployment->met_lock = false;
	if (deployment->by_table && deployment->table)
		deployment->wanted = linitial(wanted_access_tables(list_make1(deployment->table)));
	plan_deployment(deployment);
	if (strcmp(deployment->status, "planned") != 0)
		return;
	if (deployment->wanted)
		prepare_table(deployment);

	/* While others wait for this table, it waits for nobody. */
	scope = guc_scope_begin_lock_timeout(psprintf("%d", ACCESS_LOCK_WAIT));
	query_begin_snapshot();
	plan_deployment(deployment);
	query_end_snapshot();
	if (strcmp(deployment->status, "planned") == 0)
		make_changes(deployment);
	guc_scope_end(scope);
}

/*
 * Does before the table is locked what can be done then.  Its lock keeps other changes
 * of the table away, not readers and writers.
 */
static void
prepare_table(AccessDeployment *deployment)
{
	ErrorData  *error;

	access_ledger_require_owner(deployment->wanted->relid);
	if (deployment->test && !deployment->has_baseline)
	{
		MemoryContext turn = MemoryContextSwitchTo(deployment->context);

		deployment->baseline = access_trial_dependants(deployment->wanted);
		deployment->has_baseline = true;
		MemoryContextSwitchTo(turn);
	}
	if (!deployment->by_table)
		return;
	lock_or_give_up(deployment, ShareUpdateExclusiveLock);
	if (!deployment->test || !needs_rehearsal(deployment))
		return;
	error = attempt_and_undo(rehearse, deployment);
	if (error)
		ThrowErrorData(error);
	deployment->rehearsed = MemoryContextStrdup(deployment->context, statements_of(deployment->actions));
	deployment->rehearsed_at = deployments_made;
}

/* Raises an error, so that the deployment is busy, when others hold the table. */
static void
lock_or_give_up(const AccessDeployment *deployment, LOCKMODE mode)
{
	if (!table_lock_try(deployment->wanted->relid, mode, ACCESS_LOCK_WAIT))
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("other sessions hold table \"%s\"", deployment->table)));
}

/* What other tables' deployments have changed since may change its cells. */
static bool
needs_rehearsal(const AccessDeployment *deployment)
{
	return access_rehearsal_is_possible(deployment->wanted->relid, deployment->actions) &&
		!is_rehearsed(deployment);
}

static bool
is_rehearsed(const AccessDeployment *deployment)
{
	return deployment->rehearsed && deployment->rehearsed_at == deployments_made &&
		strcmp(deployment->rehearsed, statements_of(deployment->actions)) == 0;
}

static char *
statements_of(const List *actions)
{
	StringInfoData statements;
	const ListCell *lc;

	initStringInfo(&statements);
	foreach(lc, actions)
	{
		const PlannedAction *planned = lfirst(lc);

		if (access_action_is_change(planned->action))
			appendStringInfo(&statements, "%s;\n", planned->statement);
	}
	return statements.data;
}

/* Called in a subtransaction that is undone. */
static void
rehearse(void *arg)
{
	AccessDeployment *deployment = arg;
	int			scope = guc_scope_begin_lock_timeout(psprintf("%d", ACCESS_LOCK_WAIT));

	access_rehearse(deployment->wanted->relid, deployment->actions);
	try_matrix(deployment);
	guc_scope_end(scope);
}

static void
make_changes(AccessDeployment *deployment)
{
	const WantedAccess *wanted = deployment->wanted;
	Oid			relid = wanted ? wanted->relid : InvalidOid;
	int64		number = access_state_begin(deployment->table, relid);
	ListCell   *lc;

	if (wanted && deployment->by_table)
		lock_or_give_up(deployment, AccessExclusiveLock);
	foreach(lc, deployment->actions)
	{
		PlannedAction *planned = lfirst(lc);

		if (!access_action_is_change(planned->action))
			continue;
		access_ledger_execute(planned->statement);

		/* What the server makes of a view is known once it exists. */
		if (planned->action == ACTION_CREATE_VIEW || planned->action == ACTION_REPLACE_VIEW)
			planned->definition = owner_view_definition(planned->object);
		access_ledger_record(planned);
	}
	verify_deployed(wanted);
	access_state_end(number, relid);
	if (wanted && deployment->test && !is_rehearsed(deployment))
		try_matrix(deployment);
	if (deployment->test && deployment->skipped)
		deployment->reasons = lappend(deployment->reasons,
									  psprintf("deployed without a test of %s, since there was no row to try them with: %s",
											   format_things(list_length(deployment->skipped), "cell"),
											   (char *) linitial(deployment->skipped)));
	deployments_made++;
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

/* Raises an error, which undoes the changes, when a cell fails. */
static void
try_matrix(AccessDeployment *deployment)
{
	AccessTrial trial = access_trial_changed(deployment->wanted, deployment->baseline);

	deployment->skipped = trial.skipped;
	if (trial.failures == NIL)
		return;

	/* What is kept of others may be why, so it stays among the reasons. */
	deployment->refused_by_matrix = true;
	deployment->met_lock = trial.waited;
	deployment->reasons = lcons(psprintf("refused: its matrix fails in %s of %s, so that all changes to it were undone; test => false deploys without the matrix",
										 format_count(list_length(trial.failures)), format_things(trial.cells, "cell")),
								deployment->reasons);
	add_cells(&deployment->reasons, trial.failures);
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ACCESS),
			 errmsg("the matrix of table \"%s\" fails", deployment->table)));
}

static void
add_cells(List **reasons, const List *cells)
{
	const ListCell *lc;

	foreach(lc, cells)
	{
		if (foreach_current_index(lc) == MAX_CELLS)
		{
			*reasons = lappend(*reasons, psprintf("and %s more", format_things(list_length(cells) - MAX_CELLS, "cell")));
			return;
		}
		*reasons = lappend(*reasons, lfirst(lc));
	}
}

/* wanted is NULL for the schemas. */
static List *
plan_actions(const WantedAccess *wanted)
{
	return wanted ? access_plan_table(wanted) : access_plan_schemas();
}

int
access_deployment_count(const AccessDeployment *deployment, AccessAction action)
{
	const ListCell *lc;
	int			count = 0;

	foreach(lc, deployment->actions)
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

bool
access_deployment_is_done(const AccessDeployment *deployment)
{
	return strcmp(deployment->status, "deployed") == 0 || strcmp(deployment->status, "unchanged") == 0 ||
		strcmp(deployment->status, "absent") == 0;
}
