/*-------------------------------------------------------------------------
 *
 * direct_access.c
 *	  Whether a table may be read or written past the executor: see
 *	  direct_access.h.
 *
 * The statements that are planned have plain columns and parameters only.
 * Column defaults are not among them: the planner evaluates their constant parts.
 * It does the same with the expressions of indexes and statistics when it plans
 * a SELECT, so where these call functions of users, the owner plans.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/relation.h"
#include "access/sysattr.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "commands/defrem.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/plannodes.h"
#include "optimizer/paths.h"
#include "optimizer/planner.h"
#include "parser/analyze.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"
#include "storage/bufmgr.h"
#include "storage/lockdefs.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/direct_access.h"
#include "base/guc_scope.h"
#include "base/owner.h"
#include "base/relation.h"
#include "base/users_code.h"

/* Makes the statement to be planned, the only one of a list. */
typedef List *(*AnalyzeFn) (Relation rel);

/* Returns what a plan has against direct access, or NULL. */
typedef char *(*JudgePlanFn) (Relation rel, const PlannedStmt *plan);

static char *heap_obstacle(Relation rel);
static char *scan_obstacle(Relation rel);
static char *judge_statement(Relation rel, AnalyzeFn analyze, JudgePlanFn judge);
static List *analyze_select(Relation rel);
static List *analyze_select_only(Relation rel);
static List *analyze_text(const char *sql);
static List *analyze_insert(Relation rel);
static List *analyze_copy(Relation rel);
static Query *make_insert(Relation rel);
static PlannedStmt *plan_as_who_may(Relation rel, Query *query);
static char *judge_select(Relation rel, const PlannedStmt *plan);
static char *judge_select_and_rights(Relation rel, const PlannedStmt *plan);
static char *rights_obstacle(Relation rel, const PlannedStmt *plan);
static char *judge_insert(Relation rel, const PlannedStmt *plan);
static char *judge_insert_and_rights(Relation rel, const PlannedStmt *plan);
static bool is_scan_of(Relation rel, const PlannedStmt *plan);
static bool has_plain_columns(Relation rel, List *targets, Index relation);
static bool is_insert_into(Relation rel, const PlannedStmt *plan);
static bool is_ordinary_plan(const PlannedStmt *plan, const Plan *node, List *relids,
							 bool columns_only);
static bool is_relation(const PlannedStmt *plan, Index number, Relation rel);
static char *plan_obstacle(Relation rel, const Plan *top, const char *what);


char *
direct_access_read_obstacle(Relation rel)
{
	char	   *obstacle = scan_obstacle(rel);

	return obstacle ? obstacle : judge_statement(rel, analyze_select, judge_select);
}

char *
direct_access_only_obstacle(Relation rel)
{
	char	   *obstacle = heap_obstacle(rel);

	return obstacle ? obstacle : judge_statement(rel, analyze_select_only, judge_select);
}

bool
direct_access_may_scan(Relation rel)
{
	return scan_obstacle(rel) == NULL &&
		judge_statement(rel, analyze_select, judge_select_and_rights) == NULL;
}

char *
direct_access_insert_obstacle(Relation rel)
{
	char	   *obstacle = heap_obstacle(rel);

	return obstacle ? obstacle : judge_statement(rel, analyze_insert, judge_insert);
}

bool
direct_access_may_insert(Relation rel)
{
	return heap_obstacle(rel) == NULL &&
		judge_statement(rel, analyze_insert, judge_insert_and_rights) == NULL;
}

char *
direct_access_copy_obstacle(Relation rel)
{
	return judge_statement(rel, analyze_copy, judge_insert);
}

/* What the catalog has against it: reasons that need no plan. */
static char *
heap_obstacle(Relation rel)
{
	char	   *name = relation_display_name(RelationGetRelid(rel));

	if (rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
		return psprintf("table %s is partitioned", name);
	if (rel->rd_rel->relkind != RELKIND_RELATION)
		return psprintf("%s is not an ordinary table", name);
	if (rel->rd_rel->relam != HEAP_TABLE_AM_OID)
		return psprintf("table %s is stored by the access method \"%s\"", name,
						get_am_name(rel->rd_rel->relam));
	if (rel->rd_tableam != GetHeapamTableAmRoutine())
		return psprintf("the access method of table %s is not the server's own", name);
	if (RELATION_IS_OTHER_TEMP(rel))
		return psprintf("table %s is a temporary table of another session", name);
	if (check_enable_rls(RelationGetRelid(rel), InvalidOid, true) == RLS_ENABLED)
		return psprintf("table %s has row security", name);
	if (menuca_has_virtual_columns(RelationGetDescr(rel)))
		return psprintf("table %s has virtual generated columns", name);

	/*
	 * What a rule puts in its place would be planned, with its constants, as
	 * the caller.
	 */
	if (rel->rd_rules)
		return psprintf("table %s has rules", name);
	return NULL;
}

/* Tables that inherit may have other owners, whose expressions a plan would evaluate. */
static char *
scan_obstacle(Relation rel)
{
	char	   *obstacle = heap_obstacle(rel);

	if (obstacle == NULL && relation_has_heirs(RelationGetRelid(rel)))
		return psprintf("tables inherit from table %s", relation_display_name(RelationGetRelid(rel)));
	return obstacle;
}

/* Plans a statement, in memory that is given back, and judges the plan. */
static char *
judge_statement(Relation rel, AnalyzeFn analyze, JudgePlanFn judge)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "menuca direct access",
												  ALLOCSET_DEFAULT_SIZES);
	char	   *obstacle;
	Query	   *query;
	bool		pushed = !ActiveSnapshotSet();

	MemoryContextSwitchTo(context);
	if (pushed)
		PushActiveSnapshot(GetTransactionSnapshot());

	query = linitial_node(Query, analyze(rel));
	if (linitial_node(RangeTblEntry, query->rtable)->relid == RelationGetRelid(rel))
		obstacle = judge(rel, plan_as_who_may(rel, query));
	else
		obstacle = psprintf("table %s has another name by now",
							relation_display_name(RelationGetRelid(rel)));

	if (pushed)
		PopActiveSnapshot();
	MemoryContextSwitchTo(caller);
	if (obstacle)
		obstacle = pstrdup(obstacle);
	MemoryContextDelete(context);
	return obstacle;
}

/* A SELECT of all columns, of this table and of those that inherit from it. */
static List *
analyze_select(Relation rel)
{
	return analyze_text(psprintf("SELECT t.* FROM %s t",
								 relation_quoted_name(RelationGetRelid(rel))));
}

/* As a foreign key reads the table that it refers to. */
static List *
analyze_select_only(Relation rel)
{
	return analyze_text(psprintf("SELECT t.* FROM ONLY %s t",
								 relation_quoted_name(RelationGetRelid(rel))));
}

static List *
analyze_text(const char *sql)
{
	return pg_analyze_and_rewrite_fixedparams(linitial_node(RawStmt, pg_parse_query(sql)),
											  sql, NULL, 0, NULL);
}

static List *
analyze_insert(Relation rel)
{
	Query	   *query = make_insert(rel);

	/* A hook may change a query as soon as it is analyzed. */
	if (post_parse_analyze_hook)
	{
		ParseState *pstate = make_parsestate(NULL);

		pstate->p_sourcetext = psprintf("INSERT INTO %s", relation_quoted_name(RelationGetRelid(rel)));
		post_parse_analyze_hook(pstate, query, NULL);
	}
	return pg_rewrite_query(query);
}

/* COPY does not apply rules. */
static List *
analyze_copy(Relation rel)
{
	return list_make1(make_insert(rel));
}

/*
 * An INSERT of one row with a parameter for each column.  It is not made from its
 * text, because the parser would take a lock that conflicts with those of other
 * runs, which a dry run must not wait for.
 */
static Query *
make_insert(Relation rel)
{
	Query	   *query = makeNode(Query);
	ParseState *pstate = make_parsestate(NULL);
	ParseNamespaceItem *item = addRangeTableEntryForRelation(pstate, rel, AccessShareLock,
															 NULL, false, false);
	TupleDesc	desc = RelationGetDescr(rel);

	menuca_rights_of(item)->requiredPerms = ACL_INSERT;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		Param	   *param;

		if (att->attisdropped || att->attgenerated)
			continue;
		param = makeNode(Param);
		param->paramkind = PARAM_EXTERN;
		param->paramid = list_length(query->targetList) + 1;
		param->paramtype = att->atttypid;
		param->paramtypmod = att->atttypmod;
		param->paramcollid = att->attcollation;
		param->location = -1;
		query->targetList = lappend(query->targetList,
									makeTargetEntry((Expr *) param, att->attnum,
													pstrdup(NameStr(att->attname)), false));
		menuca_rights_of(item)->insertedCols =
			bms_add_member(menuca_rights_of(item)->insertedCols,
						   att->attnum - FirstLowInvalidHeapAttributeNumber);
	}

	query->commandType = CMD_INSERT;
	query->querySource = QSRC_ORIGINAL;
	query->canSetTag = true;
	query->override = OVERRIDING_SYSTEM_VALUE;
	query->rtable = pstate->p_rtable;
	menuca_set_rights(query, pstate);
	query->resultRelation = 1;
	query->jointree = makeFromExpr(NIL, NULL);
	return query;
}

/*
 * Plans as the caller: hooks may plan differently for different roles.  Where
 * the planner might evaluate functions of users, the owner plans, in a
 * security-restricted operation, as for CREATE INDEX.
 */
static PlannedStmt *
plan_as_who_may(Relation rel, Query *query)
{
	bool		as_owner = query->commandType == CMD_SELECT && users_code_in_table(rel);
	OwnerContext caller = {0};
	int			level = 0;
	PlannedStmt *plan;

	if (as_owner)
	{
		caller = owner_become(RelationGetRelid(rel));
		SetUserIdAndSecContext(GetUserId(), caller.security_context | SECURITY_RESTRICTED_OPERATION);
		level = guc_scope_begin_pg_catalog();
	}

	/* Without parallel workers: how many scan the heap does not matter. */
	plan = pg_plan_query(query, "", 0, NULL);
	if (as_owner)
	{
		guc_scope_end(level);
		owner_return(&caller);
	}
	return plan;
}

static char *
judge_select(Relation rel, const PlannedStmt *plan)
{
	return is_scan_of(rel, plan) ? NULL : plan_obstacle(rel, plan->planTree, "reads");
}

static char *
judge_select_and_rights(Relation rel, const PlannedStmt *plan)
{
	char	   *obstacle = judge_select(rel, plan);

	return obstacle ? obstacle : rights_obstacle(rel, plan);
}

/* The executor's own check of rights, with its hook. */
static char *
rights_obstacle(Relation rel, const PlannedStmt *plan)
{
	if (menuca_may_execute_plan(plan))
		return NULL;
	return psprintf("a privilege on table %s is missing, or for some columns only",
					relation_display_name(RelationGetRelid(rel)));
}

static char *
judge_insert(Relation rel, const PlannedStmt *plan)
{
	return is_insert_into(rel, plan) ? NULL : plan_obstacle(rel, plan->planTree, "writes");
}

static char *
judge_insert_and_rights(Relation rel, const PlannedStmt *plan)
{
	char	   *obstacle = judge_insert(rel, plan);

	return obstacle ? obstacle : rights_obstacle(rel, plan);
}

/* True for a sequential scan of the table and nothing else. */
static bool
is_scan_of(Relation rel, const PlannedStmt *plan)
{
	const Plan *top = plan->planTree;
	Index		relation;

	if (plan->commandType != CMD_SELECT || plan->hasModifyingCTE || plan->subplans != NIL ||
		plan->rowMarks != NIL || !IsA(top, SeqScan) ||
		top->qual != NIL || top->initPlan != NIL || top->lefttree != NULL)
		return false;
	relation = ((const Scan *) top)->scanrelid;
	return is_relation(plan, relation, rel) && has_plain_columns(rel, top->targetlist, relation);
}

/* True if the plan returns all columns of the relation as they are stored. */
static bool
has_plain_columns(Relation rel, List *targets, Index relation)
{
	TupleDesc	desc = RelationGetDescr(rel);
	int			n = 0;

	for (int i = 0; i < desc->natts; i++)
	{
		const Var  *var;

		if (TupleDescAttr(desc, i)->attisdropped)
			continue;
		if (n == list_length(targets))
			return false;
		var = (const Var *) list_nth_node(TargetEntry, targets, n++)->expr;
		if (!IsA(var, Var) || (Index) var->varno != relation || var->varattno != i + 1)
			return false;
	}
	return n == list_length(targets);
}

/* True for storing one row of parameters in the table and nothing else. */
static bool
is_insert_into(Relation rel, const PlannedStmt *plan)
{
	const ModifyTable *modify = (const ModifyTable *) plan->planTree;
	const Plan *row;

	if (plan->commandType != CMD_INSERT || plan->hasModifyingCTE || plan->subplans != NIL ||
		!IsA(modify, ModifyTable) || modify->operation != CMD_INSERT ||
		list_length(modify->resultRelations) != 1 ||
		!is_relation(plan, linitial_int(modify->resultRelations), rel) ||
		modify->withCheckOptionLists != NIL || modify->returningLists != NIL ||
		modify->rowMarks != NIL || modify->onConflictAction != ONCONFLICT_NONE ||
		modify->plan.initPlan != NIL)
		return false;
	row = modify->plan.lefttree;
	return row && IsA(row, Result) && row->qual == NIL && row->initPlan == NIL &&
		row->lefttree == NULL && ((const Result *) row)->resconstantqual == NULL;
}

bool
direct_access_is_blank(Oid relid)
{
	Relation	rel;
	bool		blank;

	/* A serializable transaction has to say what it has read. */
	if (direct_access_may_be_hooked() || IsolationIsSerializable())
		return false;
	rel = try_relation_open(relid, AccessShareLock);
	if (rel == NULL)
		return false;
	blank = rel->rd_rel->relkind == RELKIND_RELATION && !rel->rd_rel->relhassubclass &&
		rel->rd_rel->relam == HEAP_TABLE_AM_OID && RelationGetNumberOfBlocks(rel) == 0;
	relation_close(rel, NoLock);
	return blank;
}

bool
direct_access_may_be_hooked(void)
{
	return planner_hook != NULL || set_rel_pathlist_hook != NULL;
}

bool
direct_access_is_ordinary(Relation rel)
{
	MemoryContext context;
	MemoryContext old;
	List	   *relids;
	List	   *queries;
	PlannedStmt *plan;
	bool		ordinary;

	/*
	 * Views and sequences have no rows, and policies are part of an ordinary
	 * plan.
	 */
	if (rel->rd_rel->relkind == RELKIND_VIEW || rel->rd_rel->relkind == RELKIND_SEQUENCE ||
		check_enable_rls(RelationGetRelid(rel), InvalidOid, true) == RLS_ENABLED)
		return true;
	context = AllocSetContextCreate(CurrentMemoryContext, "menuca direct access",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	relids = find_all_inheritors(RelationGetRelid(rel), AccessShareLock, NULL);
	queries = analyze_select(rel);
	plan = pg_plan_query(linitial_node(Query, queries), "", 0, NULL);
	ordinary = is_ordinary_plan(plan, plan->planTree, relids,
								!menuca_has_virtual_columns(RelationGetDescr(rel)));
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return ordinary;
}

/* True for scans of these tables, one after the other, that return what is stored. */
static bool
is_ordinary_plan(const PlannedStmt *plan, const Plan *node, List *relids, bool columns_only)
{
	const ListCell *lc;

	if (node->qual != NIL || node->initPlan != NIL)
		return false;
	foreach(lc, node->targetlist)
	{
		if (columns_only && !IsA(lfirst_node(TargetEntry, lc)->expr, Var))
			return false;
	}
	switch (nodeTag(node))
	{
		case T_SeqScan:
		case T_IndexOnlyScan:
		case T_ForeignScan:
			return list_member_oid(relids, rt_fetch(((const Scan *) node)->scanrelid, plan->rtable)->relid);
		case T_Append:
			foreach(lc, ((const Append *) node)->appendplans)
			{
				if (!is_ordinary_plan(plan, lfirst(lc), relids, columns_only))
					return false;
			}
			return true;
		case T_Result:
			return node->lefttree == NULL;
		default:
			return false;
	}
}

static bool
is_relation(const PlannedStmt *plan, Index number, Relation rel)
{
	const RangeTblEntry *entry = rt_fetch(number, plan->rtable);

	return entry->rtekind == RTE_RELATION && entry->relid == RelationGetRelid(rel);
}

/* Says what the server has in mind instead; what is "reads" or "writes". */
static char *
plan_obstacle(Relation rel, const Plan *top, const char *what)
{
	char	   *name = relation_display_name(RelationGetRelid(rel));

	if (top && IsA(top, CustomScan))
		return psprintf("the server %s table %s by the custom plan \"%s\"", what, name,
						((const CustomScan *) top)->methods->CustomName);
	return psprintf("the server %s table %s by another plan than an ordinary table's", what, name);
}
