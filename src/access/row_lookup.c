/*-------------------------------------------------------------------------
 *
 * row_lookup.c
 *	  Finding a row of a view by its key, without a query: see row_lookup.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/float.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "access/row_lookup.h"
#include "base/compat.h"

/* What all rows may be to be read at once, and how many a lookup costs as much as. */
#define MAX_ROWS 10000
#define MAX_PAGES 1000
#define ROWS_PER_LOOKUP 7

/* What is known of a view, for the session. */
typedef struct KnownView
{
	Oid			view;			/* the key */
	bool		is_valid;		/* nothing of it was changed since */
	bool		is_simple;		/* its rows can be looked up */
	Oid			table;
	Oid			index;			/* a unique one on the key alone */
	Oid			key_type;
	AttrNumber	column;			/* the key's */
	double		rows;			/* as the planner's statistics tell */
	double		pages;
	List	   *condition;		/* planned, its parts joined by AND */
	MemoryContext context;		/* of the condition */
} KnownView;

struct RowLookup
{
	Oid			table;
	Oid			index;
	Oid			key_type;
	AttrNumber	column;
	double		rows;
	double		pages;
	EState	   *estate;
	TupleTableSlot *slot;
	ExprState  *condition;
};

static HTAB *known_views = NULL;

static KnownView *find_known(Oid view, const List *functions);
static void forget(Datum arg, Oid relid);
static void learn(KnownView *known, const List *functions);
static Query *view_query(Oid view, Oid *owner);
static const Var *key_column(const Query *query);
static bool is_simple(const Query *query);
static bool calls_others(Node *node, void *context);
static bool is_other_function(Oid function, void *context);
static Oid	key_index(Relation table, const Var *key);
static bool equality(Oid type, Datum key, RegProcedure *procedure, Datum *value);


RowLookup *
row_lookup_begin(Oid view, Oid type, const List *functions)
{
	const KnownView *known = find_known(view, functions);
	RowLookup  *lookup;
	Relation	table;

	if (!known->is_simple || (known->key_type == UUIDOID) != (type == UUIDOID))
		return NULL;
	lookup = palloc0(sizeof(RowLookup));
	lookup->table = known->table;
	lookup->index = known->index;
	lookup->key_type = known->key_type;
	lookup->column = known->column;
	lookup->rows = known->rows;
	lookup->pages = known->pages;
	table = table_open(lookup->table, AccessShareLock);

	/* With the defaults of columns that rows do not have yet. */
	lookup->slot = MakeSingleTupleTableSlot(CreateTupleDescCopyConstr(RelationGetDescr(table)),
											table_slot_callbacks(table));
	table_close(table, NoLock);
	lookup->estate = CreateExecutorState();
	lookup->condition = ExecInitQual(copyObject(known->condition), NULL);
	return lookup;
}

static KnownView *
find_known(Oid view, const List *functions)
{
	KnownView  *known;
	bool		found;

	if (known_views == NULL)
	{
		HASHCTL		control = {.keysize = sizeof(Oid),.entrysize = sizeof(KnownView)};

		known_views = hash_create("menuca views whose rows are looked up", 8, &control, HASH_ELEM | HASH_BLOBS);
		CacheRegisterRelcacheCallback(forget, (Datum) 0);
	}
	known = hash_search(known_views, &view, HASH_ENTER, &found);
	if (!found)
	{
		known->is_valid = false;
		known->context = NULL;
	}
	if (!known->is_valid)
	{
		if (known->context)
			MemoryContextDelete(known->context);
		known->context = NULL;
		known->is_simple = false;
		known->is_valid = true;
		learn(known, functions);
	}
	return known;
}

/* Called whenever a relation was changed in any way; InvalidOid: all may have been. */
static void
forget(pg_attribute_unused() Datum arg, Oid relid)
{
	HASH_SEQ_STATUS status;
	KnownView  *known;

	hash_seq_init(&status, known_views);
	while ((known = hash_seq_search(&status)) != NULL)
	{
		if (!OidIsValid(relid) || relid == known->view || !known->is_simple ||
			relid == known->table || relid == known->index)
			known->is_valid = false;
	}
}

static void
learn(KnownView *known, const List *functions)
{
	Oid			owner;
	Query	   *query = view_query(known->view, &owner);
	const Var  *key;
	Relation	table;
	bool		fits;
	int			number;
	List	   *condition;
	MemoryContext old;

	if (query == NULL || !is_simple(query))
		return;
	key = key_column(query);
	if (key == NULL || calls_others(query->jointree->quals, unconstify(List *, functions)))
		return;

	number = linitial_node(RangeTblRef, query->jointree->fromlist)->rtindex;
	known->table = rt_fetch(number, query->rtable)->relid;
	known->key_type = key->vartype;
	table = table_open(known->table, AccessShareLock);
	fits = table->rd_rel->relkind == RELKIND_RELATION && table->rd_rel->relowner == owner &&
		!table->rd_rel->relforcerowsecurity && !has_subclass(known->table);
	known->index = fits ? key_index(table, key) : InvalidOid;
	known->column = key->varattno;
	known->rows = table->rd_rel->reltuples >= 0 ? table->rd_rel->reltuples : MAX_ROWS + 1;
	known->pages = table->rd_rel->relpages;
	table_close(table, NoLock);
	if (!OidIsValid(known->index))
		return;

	ChangeVarNodes(query->jointree->quals, number, 1, 0);
	condition = make_ands_implicit((Expr *) query->jointree->quals);
	condition = (List *) expression_planner((Expr *) condition);
	known->context = AllocSetContextCreate(CacheMemoryContext, "menuca condition of a view", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(known->context);
	known->condition = copyObject(condition);
	MemoryContextSwitchTo(old);
	known->is_simple = true;
}

/* A copy of the view's query, and its owner; NULL when it is no view. */
static Query *
view_query(Oid view, Oid *owner)
{
	Relation	rel = try_relation_open(view, AccessShareLock);
	Query	   *query = NULL;

	if (rel == NULL)
		return NULL;
	*owner = rel->rd_rel->relowner;
	if (rel->rd_rel->relkind == RELKIND_VIEW)
		query = copyObject(get_view_query(rel));
	relation_close(rel, NoLock);
	return query;
}

/* SELECT column FROM table WHERE condition, and nothing else. */
static bool
is_simple(const Query *query)
{
	if (query->hasAggs || query->hasWindowFuncs || query->hasTargetSRFs || query->hasSubLinks ||
		query->cteList || query->groupClause || query->groupingSets || query->havingQual ||
		query->distinctClause || query->limitCount || query->limitOffset || query->setOperations ||
		query->rowMarks || list_length(query->jointree->fromlist) != 1 ||
		list_length(query->targetList) != 1 || !IsA(linitial(query->jointree->fromlist), RangeTblRef))
		return false;
	return rt_fetch(linitial_node(RangeTblRef, query->jointree->fromlist)->rtindex,
					query->rtable)->rtekind == RTE_RELATION;
}

/* The column that is selected, perhaps as a bigint; NULL when it is no integer or uuid. */
static const Var *
key_column(const Query *query)
{
	Node	   *expression = (Node *) linitial_node(TargetEntry, query->targetList)->expr;
	const Var  *var;

	if (IsA(expression, FuncExpr) &&
		(castNode(FuncExpr, expression)->funcid == F_INT8_INT4 || castNode(FuncExpr, expression)->funcid == F_INT8_INT2))
		expression = linitial(castNode(FuncExpr, expression)->args);
	if (!IsA(expression, Var))
		return NULL;
	var = castNode(Var, expression);
	return var->varattno > 0 && (var->vartype == INT2OID || var->vartype == INT4OID ||
								 var->vartype == INT8OID || var->vartype == UUIDOID) ? var : NULL;
}

/* True if the condition calls, or coerces by, what neither the server nor the list has. */
static bool
calls_others(Node *node, void *context)
{
	if (node == NULL)
		return false;
	return IsA(node, CoerceToDomain) || check_functions_in_node(node, is_other_function, context) ||
		expression_tree_walker(node, calls_others, context);
}

static bool
is_other_function(Oid function, void *context)
{
	return function >= FirstNormalObjectId && !list_member_oid(context, function);
}

static Oid
key_index(Relation table, const Var *key)
{
	Oid			found = InvalidOid;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(table))
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);
		Form_pg_index form = index->rd_index;

		if (form->indisunique && form->indisvalid && form->indnkeyatts == 1 &&
			form->indkey.values[0] == key->varattno && index->rd_rel->relam == BTREE_AM_OID &&
			index->rd_opcintype[0] == key->vartype && RelationGetIndexPredicate(index) == NIL)
			found = RelationGetRelid(index);
		index_close(index, NoLock);
		if (OidIsValid(found))
			break;
	}
	return found;
}

bool
row_lookup_find(RowLookup *lookup, Datum key)
{
	ExprContext *context = GetPerTupleExprContext(lookup->estate);
	RegProcedure procedure;
	Datum		value;
	Relation	table;
	Relation	index;
	IndexScanDesc scan;
	ScanKeyData scan_key;
	bool		found = false;

	if (!equality(lookup->key_type, key, &procedure, &value))
		return false;
	table = table_open(lookup->table, AccessShareLock);
	index = index_open(lookup->index, AccessShareLock);
	scan = menuca_index_beginscan(table, index, GetActiveSnapshot(), 1);
	ScanKeyInit(&scan_key, 1, BTEqualStrategyNumber, procedure, value);
	index_rescan(scan, &scan_key, 1, NULL, 0);
	if (index_getnext_slot(scan, ForwardScanDirection, lookup->slot))
	{
		context->ecxt_scantuple = lookup->slot;
		found = ExecQual(lookup->condition, context);
		ResetExprContext(context);
	}
	ExecClearTuple(lookup->slot);
	index_endscan(scan);
	index_close(index, NoLock);
	table_close(table, NoLock);
	return found;
}

/* The value to look for, and how it is compared; false when no row can have it. */
static bool
equality(Oid type, Datum key, RegProcedure *procedure, Datum *value)
{
	int64		number;

	*value = key;
	if (type == UUIDOID)
	{
		*procedure = F_UUID_EQ;
		return true;
	}
	number = DatumGetInt64(key);
	*procedure = type == INT8OID ? F_INT8EQ : type == INT4OID ? F_INT4EQ : F_INT2EQ;
	if (type == INT4OID)
		*value = Int32GetDatum((int32) number);
	else if (type == INT2OID)
		*value = Int16GetDatum((int16) number);
	return type == INT8OID || (type == INT4OID ? number == (int32) number : number == (int16) number);
}

void
row_lookup_each(RowLookup *lookup, RowLookupFn fn, void *arg)
{
	ExprContext *context = GetPerTupleExprContext(lookup->estate);
	Relation	table = table_open(lookup->table, AccessShareLock);
	TableScanDesc scan = table_beginscan(table, GetActiveSnapshot(), 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, lookup->slot))
	{
		bool		isnull;
		Datum		key;

		CHECK_FOR_INTERRUPTS();
		context->ecxt_scantuple = lookup->slot;
		if (ExecQual(lookup->condition, context))
		{
			key = slot_getattr(lookup->slot, lookup->column, &isnull);
			if (!isnull)
				fn(lookup->key_type == INT4OID ? Int64GetDatum(DatumGetInt32(key)) :
				   lookup->key_type == INT2OID ? Int64GetDatum(DatumGetInt16(key)) : key, arg);
		}
		ResetExprContext(context);
	}
	ExecClearTuple(lookup->slot);
	table_endscan(scan);
	table_close(table, NoLock);
}

double
row_lookup_limit(const RowLookup *lookup)
{
	return lookup->rows > MAX_ROWS || lookup->pages > MAX_PAGES ? get_float8_infinity() :
		2 + lookup->rows / ROWS_PER_LOOKUP;
}
