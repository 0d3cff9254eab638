/*-------------------------------------------------------------------------
 *
 * kept_plan.c
 *	  Query plans that a session keeps: see kept_plan.h.
 *
 * The server's own cache of plans would analyze a SELECT again by itself, as whoever
 * executes it, and nobody does: the rights of the caller would be lost.  So those
 * plans are kept here, with what the server tells of changes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "nodes/plannodes.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/syscache.h"

#include "base/function_right.h"
#include "base/kept_plan.h"

/* Far more than all statements of the extensions. */
#define MAX_KEPT 500

/* What a plan is found by; no padding. */
typedef struct KeptKey
{
	uint64		text;			/* a hash of the statement and its types */
	Oid			caller;
	uint32		rules;			/* RULE_ bits */
} KeptKey;

#define RULE_WRITES 1
#define RULE_ROW_SECURITY 2
#define RULE_NOFORCE 4			/* row security does not apply to owners */

typedef struct KeptPlan
{
	KeptKey		key;
	MemoryContext context;		/* with all that follows */
	char	   *sql;
	int			ntypes;
	Oid		   *types;
	bool		calls;			/* functions of an extension */
	bool		valid;			/* nothing that it uses has changed */
	bool		as_nobody;		/* who executes it: see user_query.h */
	PlannedStmt *plan;			/* of a SELECT */
	BlockNumber *sizes;			/* of each entry of its range table, in
								 * blocks, when it was made */
	SPIPlanPtr	spi_plan;		/* of a statement that writes */
} KeptPlan;

static HTAB *plans = NULL;

/* Changes that the server has told of. */
static uint64 changes = 0;

static KeptKey make_key(const char *sql, ParamListInfo params, uint32 rules);
static KeptPlan *find_plan(const KeptKey *key, const char *sql, ParamListInfo params, bool *calls);
static void begin_keeping(void);
static KeptPlan *enter_plan(const KeptKey *key, const char *sql, ParamListInfo params, bool calls);
static void lock_relations(const PlannedStmt *plan);
static bool has_grown(const KeptPlan *kept);
static BlockNumber size_of(const RangeTblEntry *entry);
static void drop_select(KeptPlan *kept);
static void drop_selects(void);
static void forget_relation(Datum arg, Oid relid);
static void forget_object(Datum arg, int cache, uint32 hash);
static void forget_all(Datum arg, int cache, uint32 hash);


PlannedStmt *
kept_plan_select(const char *sql, ParamListInfo params, UserQuery **query)
{
	uint32		rules = (row_security ? RULE_ROW_SECURITY : 0) | (InNoForceRLSOperation() ? RULE_NOFORCE : 0);
	KeptKey		key = make_key(sql, params, rules);
	bool		calls;
	KeptPlan   *kept = find_plan(&key, sql, params, &calls);
	PlannedStmt *plan;
	uint64		before;

	if (kept)
		lock_relations(kept->plan);

	/* Waiting for a lock is when others change a table. */
	if (kept && kept->valid && !has_grown(kept))
	{
		*query = palloc0(sizeof(UserQuery));
		(*query)->sql = kept->sql;
		(*query)->params = params;
		(*query)->as_nobody = kept->as_nobody;
		return kept->plan;
	}
	if (kept)
		drop_select(kept);

	before = changes;
	*query = user_query_analyze(sql, params, false);
	(*query)->params = NULL;
	plan = user_query_plan(*query);
	(*query)->params = params;
	if (changes != before || plan->transientPlan)
		return plan;
	if (hash_get_num_entries(plans) >= MAX_KEPT)
		drop_selects();
	kept = enter_plan(&key, sql, params, calls);
	if (kept)
	{
		MemoryContext old = MemoryContextSwitchTo(kept->context);
		ListCell   *lc;

		kept->plan = copyObject(plan);
		kept->sizes = palloc((list_length(plan->rtable) + 1) * sizeof(BlockNumber));
		foreach(lc, plan->rtable)
			kept->sizes[foreach_current_index(lc)] = size_of(lfirst(lc));
		kept->as_nobody = (*query)->as_nobody;
		kept->valid = true;
		MemoryContextSwitchTo(old);
	}
	return plan;
}

SPIPlanPtr
kept_plan_write(const char *sql, ParamListInfo params)
{
	KeptKey		key = make_key(sql, params, RULE_WRITES);
	bool		calls;
	KeptPlan   *kept = find_plan(&key, sql, params, &calls);
	int			n = params ? params->numParams : 0;
	Oid		   *types;
	SPIPlanPtr	plan;

	if (kept && kept->valid)
		return kept->spi_plan;
	types = palloc((n + 1) * sizeof(Oid));
	for (int i = 0; i < n; i++)
		types[i] = params->params[i].ptype;
	plan = SPI_prepare_cursor(sql, n, types, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
	if (kept == NULL)
		kept = enter_plan(&key, sql, params, calls);
	if (kept == NULL)
		return plan;
	(void) SPI_keepplan(plan);
	kept->spi_plan = plan;
	kept->valid = true;
	return plan;
}

static KeptKey
make_key(const char *sql, ParamListInfo params, uint32 rules)
{
	KeptKey		key = {.text = hash_bytes_extended((const unsigned char *) sql, strlen(sql), 0),.caller = GetUserId(),.rules = rules};

	for (int i = 0; params && i < params->numParams; i++)
		key.text = hash_combine64(key.text, params->params[i].ptype);
	return key;
}

/*
 * NULL if there is none.  *calls says whether the statement calls functions of an
 * extension; the caller may execute them, or it is an error.
 */
static KeptPlan *
find_plan(const KeptKey *key, const char *sql, ParamListInfo params, bool *calls)
{
	int			n = params ? params->numParams : 0;
	KeptPlan   *kept;
	bool		same;

	if (plans == NULL)
		begin_keeping();
	kept = hash_search(plans, key, HASH_FIND, NULL);
	same = kept && kept->ntypes == n && strcmp(kept->sql, sql) == 0;
	for (int i = 0; same && i < n; i++)
		same = kept->types[i] == params->params[i].ptype;
	*calls = same && !kept->calls ? false : function_require_rights(sql);
	return same ? kept : NULL;
}

static void
begin_keeping(void)
{
	static const int kinds[] = {
		NAMESPACEOID, OPEROID, AMOPOPID, AUTHOID, AUTHMEMMEMROLE,
		FOREIGNSERVEROID, FOREIGNDATAWRAPPEROID, USERMAPPINGOID
	};
	HASHCTL		info = {.keysize = sizeof(KeptKey),.entrysize = sizeof(KeptPlan)};

	plans = hash_create("menuca kept plans", 64, &info, HASH_ELEM | HASH_BLOBS);
	CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
	CacheRegisterSyscacheCallback(PROCOID, forget_object, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, forget_object, (Datum) 0);
	for (size_t i = 0; i < lengthof(kinds); i++)
		CacheRegisterSyscacheCallback(kinds[i], forget_all, (Datum) 0);
}

/* An entry without a plan yet; NULL when there are too many, or another has its key. */
static KeptPlan *
enter_plan(const KeptKey *key, const char *sql, ParamListInfo params, bool calls)
{
	MemoryContext context;
	int			n = params ? params->numParams : 0;
	KeptPlan   *kept;
	bool		found;

	if (hash_get_num_entries(plans) >= MAX_KEPT)
		return NULL;
	context = AllocSetContextCreate(CacheMemoryContext, "menuca kept plan", ALLOCSET_SMALL_SIZES);
	kept = hash_search(plans, key, HASH_ENTER, &found);
	if (found)
	{
		MemoryContextDelete(context);
		return NULL;
	}
	memset((char *) kept + sizeof(KeptKey), 0, sizeof(KeptPlan) - sizeof(KeptKey));
	kept->context = context;
	kept->calls = calls;
	kept->sql = MemoryContextStrdup(context, sql);
	kept->types = MemoryContextAlloc(context, (n + 1) * sizeof(Oid));
	kept->ntypes = n;
	for (int i = 0; i < n; i++)
		kept->types[i] = params->params[i].ptype;
	return kept;
}

/* As the server does before it executes a plan that it has kept. */
static void
lock_relations(const PlannedStmt *plan)
{
	ListCell   *lc;

	foreach(lc, plan->rtable)
	{
		const RangeTblEntry *entry = lfirst_node(RangeTblEntry, lc);

		if (entry->rtekind == RTE_RELATION || (entry->rtekind == RTE_SUBQUERY && OidIsValid(entry->relid)))
			LockRelationOid(entry->relid, entry->rellockmode);
	}
}

/*
 * True if a table has more than twice the blocks that the plan was made for: a plan
 * for an empty table reads all of it.  The server would look again only after ANALYZE.
 */
static bool
has_grown(const KeptPlan *kept)
{
	ListCell   *lc;

	foreach(lc, kept->plan->rtable)
	{
		if (size_of(lfirst(lc)) > kept->sizes[foreach_current_index(lc)] * 2 + 1)
			return true;
	}
	return false;
}

/* The blocks of an entry that is a table of its own; 0 for others.  It is locked. */
static BlockNumber
size_of(const RangeTblEntry *entry)
{
	BlockNumber size = 0;

	if (entry->rtekind == RTE_RELATION && entry->relkind == RELKIND_RELATION)
	{
		Relation	rel = table_open(entry->relid, NoLock);

		size = RelationGetNumberOfBlocks(rel);
		table_close(rel, NoLock);
	}
	return size;
}

/* It may be executing further up: its memory stays until the end of the transaction. */
static void
drop_select(KeptPlan *kept)
{
	MemoryContextSetParent(kept->context, TopTransactionContext);
	(void) hash_search(plans, &kept->key, HASH_REMOVE, NULL);
}

static void
drop_selects(void)
{
	HASH_SEQ_STATUS scan;
	KeptPlan   *kept;

	hash_seq_init(&scan, plans);
	while ((kept = hash_seq_search(&scan)) != NULL)
	{
		if ((kept->key.rules & RULE_WRITES) == 0)
			drop_select(kept);
	}
}

/* No relation means all of them. */
static void
forget_relation(pg_attribute_unused() Datum arg, Oid relid)
{
	HASH_SEQ_STATUS scan;
	KeptPlan   *kept;

	changes++;
	hash_seq_init(&scan, plans);
	while ((kept = hash_seq_search(&scan)) != NULL)
	{
		if (kept->plan && (!OidIsValid(relid) || list_member_oid(kept->plan->relationOids, relid)))
			kept->valid = false;
	}
}

/* No hash means all objects of the kind. */
static void
forget_object(pg_attribute_unused() Datum arg, int cache, uint32 hash)
{
	HASH_SEQ_STATUS scan;
	KeptPlan   *kept;

	changes++;
	hash_seq_init(&scan, plans);
	while ((kept = hash_seq_search(&scan)) != NULL)
	{
		ListCell   *lc;

		foreach(lc, kept->plan ? kept->plan->invalItems : NIL)
		{
			const PlanInvalItem *item = lfirst_node(PlanInvalItem, lc);

			if (item->cacheId == cache && (hash == 0 || item->hashValue == hash))
				kept->valid = false;
		}
	}
}

static void
forget_all(Datum arg, pg_attribute_unused() int cache, pg_attribute_unused() uint32 hash)
{
	forget_relation(arg, InvalidOid);
}
