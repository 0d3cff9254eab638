/*-------------------------------------------------------------------------
 *
 * menuca_elsewhere.c
 *	  Stands for a distributed server in the tests.
 *
 * With it, the rows of an ordinary table are elsewhere, as those of a distributed
 * table of Citus are: its own heap is an empty shell.  The planner's hook puts
 * a custom scan in place of each plan that reads or writes such a table, and
 * that scan runs the statement on the table "schema.table", a name with a dot, in
 * the schema that menuca_elsewhere.schema names.  With menuca_elsewhere.custom = off, the plan
 * is an ordinary one, but of that other table.
 *
 * With menuca_elsewhere.strict, the hook refuses what Citus refuses: whoever plans needs
 * the rights on the tables, since Citus connects as that role; and a query has each
 * table in a part of its own, without joins, subqueries in conditions or an empty
 * list of columns.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/executor.h"
#include "executor/tstoreReceiver.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/planner.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

/* The scan's state: the rows of the statement that was run elsewhere. */
typedef struct ElsewhereState
{
	CustomScanState css;
	Tuplestorestate *rows;
	TupleTableSlot *row;
} ElsewhereState;

static planner_hook_type next_planner_hook;
static char *elsewhere_schema = "";
static bool custom = true;
static bool only_aggregates = false;
static bool strict = false;
static bool append_only = false;

static PlannedStmt *plan_elsewhere(Query *query, const char *text, int options, ParamListInfo params);
static PlannedStmt *plan_next(Query *query, const char *text, int options, ParamListInfo params);
static bool move_tables(Node *node, void *moved);
static bool move_query(Query *query, bool *moved);
static Oid	elsewhere_of(Oid relid);
static bool refuse_unsupported(Node *node, void *context);
static CustomScan *custom_scan_of(PlannedStmt *moved);
static Node *create_state(CustomScan *scan);
static void begin_scan(CustomScanState *node, EState *estate, int eflags);
static TupleTableSlot *next_tuple(CustomScanState *node);
static void run_statement(ElsewhereState *state);
static void end_scan(CustomScanState *node);
static void rescan(CustomScanState *node);

static const CustomScanMethods scan_methods = {"Menuca Elsewhere", create_state};
static const CustomExecMethods exec_methods = {
	.CustomName = "Menuca Elsewhere",
	.BeginCustomScan = begin_scan,
	.ExecCustomScan = next_tuple,
	.EndCustomScan = end_scan,
	.ReScanCustomScan = rescan
};


void
_PG_init(void)
{
	DefineCustomStringVariable("menuca_elsewhere.schema",
							   "Schema of the tables that really have the rows; empty: none.",
							   NULL, &elsewhere_schema, "", PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("menuca_elsewhere.custom",
							 "A custom scan reads them, not a plan of these tables.",
							 NULL, &custom, true, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("menuca_elsewhere.only_aggregates",
							 "Only queries with aggregates go there: a plan that looks ordinary is not.",
							 NULL, &only_aggregates, false, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("menuca_elsewhere.strict",
							 "What Citus does not support is refused.",
							 NULL, &strict, false, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("menuca_elsewhere.append_only",
							 "Rows cannot be deleted, as in a table of Citus columnar.",
							 NULL, &append_only, false, PGC_USERSET, 0, NULL, NULL, NULL);
	RegisterCustomScanMethods(&scan_methods);
	next_planner_hook = planner_hook;
	planner_hook = plan_elsewhere;
}

static PlannedStmt *
plan_elsewhere(Query *query, const char *text, int options, ParamListInfo params)
{
	Query	   *other;
	PlannedStmt *shell;
	PlannedStmt *moved;
	bool		any = false;

	if (*elsewhere_schema == '\0' || query->commandType == CMD_UTILITY ||
		(only_aggregates && !query->hasAggs))
		return plan_next(query, text, options, params);
	other = copyObject(query);
	(void) move_query(other, &any);
	if (!any)
		return plan_next(query, text, options, params);

	if (append_only && query->commandType == CMD_DELETE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("rows that are elsewhere cannot be deleted")));
	if (strict)
		(void) refuse_unsupported((Node *) query, NULL);
	moved = plan_next(other, text, custom ? 0 : options, params);
	if (!custom)
		return moved;

	/* The rights are still those on the shells. */
	shell = makeNode(PlannedStmt);
	shell->commandType = moved->commandType;
	shell->queryId = query->queryId;
	shell->hasReturning = moved->hasReturning;
	shell->hasModifyingCTE = moved->hasModifyingCTE;
	shell->canSetTag = true;
	shell->planTree = (Plan *) custom_scan_of(moved);
	shell->rtable = copyObject(query->rtable);
#if PG_VERSION_NUM >= 160000
	shell->permInfos = copyObject(query->rteperminfos);
#endif
	shell->relationOids = moved->relationOids;
	shell->paramExecTypes = NIL;
	shell->stmt_location = query->stmt_location;
	shell->stmt_len = query->stmt_len;
	return shell;
}

static PlannedStmt *
plan_next(Query *query, const char *text, int options, ParamListInfo params)
{
	return (next_planner_hook ? next_planner_hook : standard_planner) (query, text, options, params);
}

/* Replaces the tables of a query, and of those inside it. */
static bool
move_query(Query *query, bool *moved)
{
	ListCell   *lc;

	foreach(lc, query->rtable)
	{
		RangeTblEntry *entry = lfirst_node(RangeTblEntry, lc);
		Oid			schema = get_namespace_oid(elsewhere_schema, true);
		Oid			other;

		if (entry->rtekind != RTE_RELATION || entry->relkind == RELKIND_SEQUENCE ||
			get_rel_namespace(entry->relid) == schema)
			continue;
		other = elsewhere_of(entry->relid);
		if (!OidIsValid(other))
			continue;
		LockRelationOid(other, entry->rellockmode);
		entry->relid = other;
#if PG_VERSION_NUM < 160000
		entry->requiredPerms = 0;
#endif
		*moved = true;
	}
#if PG_VERSION_NUM >= 160000
	foreach(lc, query->rtable)
	{
		RangeTblEntry *entry = lfirst_node(RangeTblEntry, lc);

		if (entry->perminfoindex > 0)
		{
			RTEPermissionInfo *rights = list_nth_node(RTEPermissionInfo, query->rteperminfos,
													  entry->perminfoindex - 1);

			if (rights->relid != entry->relid)
				rights->requiredPerms = 0;
			rights->relid = entry->relid;
		}
	}
#endif
	return query_tree_walker(query, move_tables, moved, 0);
}

static bool
move_tables(Node *node, void *moved)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return move_query((Query *) node, moved);
	return expression_tree_walker(node, move_tables, moved);
}

static Oid
elsewhere_of(Oid relid)
{
	Oid			schema = get_namespace_oid(elsewhere_schema, true);

	return get_relname_relid(psprintf("%s.%s", get_namespace_name(get_rel_namespace(relid)),
									  get_rel_name(relid)), schema);
}

static bool
refuse_unsupported(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		Query	   *query = castNode(Query, node);
		bool		is_insert = query->commandType == CMD_INSERT;
		ListCell   *lc;

		foreach(lc, query->rtable)
		{
			RangeTblEntry *entry = lfirst_node(RangeTblEntry, lc);

			if (entry->rtekind != RTE_RELATION || !OidIsValid(elsewhere_of(entry->relid)))
				continue;
			if (pg_class_aclcheck(entry->relid, GetUserId(), is_insert ? ACL_INSERT : ACL_SELECT) != ACLCHECK_OK)
				ereport(ERROR,
						(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						 errmsg("permission denied for table %s", get_rel_name(entry->relid))));
			if (!is_insert && (query->hasSubLinks || list_length(query->rtable) > 1 || query->targetList == NIL) &&
				(query->commandType == CMD_SELECT || list_length(query->rtable) > 1 || query->hasSubLinks))
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("complex joins are not supported")));
		}
		return query_tree_walker(query, refuse_unsupported, context, 0);
	}
	return expression_tree_walker(node, refuse_unsupported, context);
}

/* A scan whose rows are those of the statement. */
static CustomScan *
custom_scan_of(PlannedStmt *moved)
{
	CustomScan *scan = makeNode(CustomScan);
	List	   *returned = moved->planTree->targetlist;
	ListCell   *lc;

	if (moved->commandType != CMD_SELECT && !moved->hasReturning)
		returned = NIL;
	foreach(lc, returned)
	{
		const TargetEntry *entry = lfirst_node(TargetEntry, lc);
		Var		   *var;

		if (entry->resjunk)
			continue;
		var = makeVar(INDEX_VAR, list_length(scan->custom_scan_tlist) + 1,
					  exprType((Node *) entry->expr), exprTypmod((Node *) entry->expr),
					  exprCollation((Node *) entry->expr), 0);
		scan->custom_scan_tlist = lappend(scan->custom_scan_tlist,
										  makeTargetEntry((Expr *) makeNullConst(var->vartype, var->vartypmod, var->varcollid),
														  var->varattno, entry->resname, false));
		scan->scan.plan.targetlist = lappend(scan->scan.plan.targetlist,
											 makeTargetEntry((Expr *) var, var->varattno,
															 entry->resname, false));
	}
	scan->custom_private = list_make1(moved);
	scan->methods = &scan_methods;
	return scan;
}

static Node *
create_state(CustomScan *scan)
{
	ElsewhereState *state = (ElsewhereState *) newNode(sizeof(ElsewhereState), T_CustomScanState);

	(void) scan;
	state->css.methods = &exec_methods;
	return (Node *) state;
}

static void
begin_scan(CustomScanState *node, EState *estate, int eflags)
{
	(void) node;
	(void) estate;
	(void) eflags;
	if (IsParallelWorker())
		elog(ERROR, "a parallel worker has no connection to elsewhere");
}

static TupleTableSlot *
next_tuple(CustomScanState *node)
{
	ElsewhereState *state = (ElsewhereState *) node;

	if (state->rows == NULL)
		run_statement(state);
	if (tuplestore_gettupleslot(state->rows, true, false, state->row))
	{
		ExecCopySlot(node->ss.ss_ScanTupleSlot, state->row);
		if (node->ss.ps.ps_ProjInfo == NULL)
			return node->ss.ss_ScanTupleSlot;
		node->ss.ps.ps_ExprContext->ecxt_scantuple = node->ss.ss_ScanTupleSlot;
		return ExecProject(node->ss.ps.ps_ProjInfo);
	}
	return NULL;
}

/* Runs the statement to its end, as a coordinator does for a write. */
static void
run_statement(ElsewhereState *state)
{
	EState	   *estate = state->css.ss.ps.state;
	CustomScan *scan = (CustomScan *) state->css.ss.ps.plan;
	PlannedStmt *statement = linitial_node(PlannedStmt, scan->custom_private);
	DestReceiver *receiver = CreateDestReceiver(DestTuplestore);
	QueryDesc  *desc;

	state->rows = tuplestore_begin_heap(false, false, work_mem);
	if (state->row == NULL)
		state->row = MakeSingleTupleTableSlot(state->css.ss.ss_ScanTupleSlot->tts_tupleDescriptor,
											  &TTSOpsMinimalTuple);
	SetTuplestoreDestReceiverParams(receiver, state->rows, estate->es_query_cxt, false, NULL, NULL);
	desc = CreateQueryDesc(statement, "", estate->es_snapshot, InvalidSnapshot, receiver,
						   estate->es_param_list_info, NULL, 0);
	ExecutorStart(desc, 0);
#if PG_VERSION_NUM >= 180000
	ExecutorRun(desc, ForwardScanDirection, 0);
#else
	ExecutorRun(desc, ForwardScanDirection, 0, true);
#endif
	if (statement->commandType != CMD_SELECT)
		estate->es_processed += desc->estate->es_processed;
	ExecutorFinish(desc);
	ExecutorEnd(desc);
	FreeQueryDesc(desc);
}

static void
end_scan(CustomScanState *node)
{
	ElsewhereState *state = (ElsewhereState *) node;

	if (state->rows)
		tuplestore_end(state->rows);
	state->rows = NULL;
	if (state->row)
		ExecDropSingleTupleTableSlot(state->row);
	state->row = NULL;
}

static void
rescan(CustomScanState *node)
{
	end_scan(node);
}
