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

#include "access/relation.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "nodes/plannodes.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/function_right.h"
#include "base/guc_scope.h"
#include "base/kept_plan.h"

/* Far more than all statements of the extensions. */
#define MAX_KEPT 500

/* Tables whose sizes are known at a time, and how often one is used before it is asked for again. */
#define MAX_SIZES 1000
#define SIZE_USES 64

/* What a plan is found by; no padding. */
typedef struct KeptKey
{
	uint64		text;			/* a hash of the statement and its types */
	Oid			caller;
	uint32		rules;			/* RULE_ bits */
} KeptKey;

#define RULE_SPI 1
#define RULE_ROW_SECURITY 2
#define RULE_NOFORCE 4			/* row security does not apply to owners */
#define RULE_FEW 8				/* planned without bitmaps */

/* A relation that a plan was made for. */
typedef struct KeptRelation
{
	Oid			relid;
	BlockNumber size;			/* in blocks, when it was made */
} KeptRelation;

typedef struct KeptPlan
{
	KeptKey		key;
	MemoryContext context;		/* with all that follows */
	char	   *sql;
	int			ntypes;
	Oid		   *types;
	bool		calls;			/* functions of an extension */
	int			nrelations;
	KeptRelation *relations;

	/* Of a SELECT */
	bool		valid;			/* nothing that it uses has changed */
	bool		as_nobody;		/* who executes it: see user_query.h */
	PlannedStmt *plan;

	/* Of any statement for SPI */
	SPIPlanPtr	spi_plan;
} KeptPlan;

/* The size of a table, known while one command lasts, since asking is a system call. */
typedef struct KnownSize
{
	Oid			relid;			/* the key */
	LocalTransactionId xid;
	CommandId	command;
	int			uses;
	BlockNumber size;
} KnownSize;

static HTAB *plans = NULL;
static HTAB *sizes = NULL;

/* Changes that the server has told of. */
static uint64 changes = 0;

static KeptPlan *find_plan(KeptKey *key, const char *sql, int n, const Oid *types, bool *calls);
static void begin_keeping(void);
static KeptPlan make_kept(const KeptKey *key, const char *sql, int n, const Oid *types, bool calls, List *relids);
static void enter_plan(const KeptPlan *made);
static void lock_relations(const PlannedStmt *plan);
static PlannedStmt *plan_query(UserQuery *query, bool few);
static bool has_grown(const KeptPlan *kept);
static BlockNumber known_size(Oid relid);
static BlockNumber size_of(Oid relid);
static void drop_plan(KeptPlan *kept);
static void free_spi_plan(void *arg);
static void forget_relation(Datum arg, Oid relid);
static void forget_object(Datum arg, int cache, uint32 hash);
static void forget_all(Datum arg, int cache, uint32 hash);


PlannedStmt *
kept_plan_select(const char *sql, int n, const Oid *types, bool few, ParamListInfo params, UserQuery **query)
{
	KeptKey		key = {.rules = (row_security ? RULE_ROW_SECURITY : 0) | (InNoForceRLSOperation() ? RULE_NOFORCE : 0) |
	(few ? RULE_FEW : 0)};
	bool		calls;
	KeptPlan   *kept = find_plan(&key, sql, n, types, &calls);
	PlannedStmt *plan;
	uint64		before;

	if (kept)
		lock_relations(kept->plan);

	/* Waiting for a lock is when others change a table. */
	if (kept && !has_grown(kept) && kept->valid)
	{
		*query = palloc0(sizeof(UserQuery));
		(*query)->sql = kept->sql;
		(*query)->params = params;
		(*query)->as_nobody = kept->as_nobody;
		return kept->plan;
	}
	if (kept)
		drop_plan(kept);

	before = changes;
	*query = user_query_analyze(sql, params, false);
	(*query)->params = NULL;
	plan = plan_query(*query, few);
	(*query)->params = params;
	if (changes == before && !plan->transientPlan)
	{
		KeptPlan	made = make_kept(&key, sql, n, types, calls, plan->relationOids);
		MemoryContext old = MemoryContextSwitchTo(made.context);

		made.plan = copyObject(plan);
		MemoryContextSwitchTo(old);
		made.as_nobody = (*query)->as_nobody;
		made.valid = true;
		enter_plan(&made);
	}
	return plan;
}

SPIPlanPtr
kept_plan_spi(const char *sql, int n, const Oid *types)
{
	KeptKey		key = {.rules = RULE_SPI};
	bool		calls;
	KeptPlan   *kept = find_plan(&key, sql, n, types, &calls);
	SPIPlanPtr	plan;
	KeptPlan	made;
	List	   *relids = NIL;
	ListCell   *lc;

	if (kept && !has_grown(kept))
		return kept->spi_plan;
	if (kept)
		drop_plan(kept);
	plan = SPI_prepare_cursor(sql, n, unconstify(Oid *, types), CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
	foreach(lc, SPI_plan_get_plan_sources(plan))
		relids = list_concat(relids, ((CachedPlanSource *) lfirst(lc))->relationOids);
	made = make_kept(&key, sql, n, types, calls, relids);
	(void) SPI_keepplan(plan);
	made.spi_plan = plan;
	enter_plan(&made);
	return plan;
}

/*
 * NULL if there is none.  Completes the key.  *calls says whether the statement calls
 * functions of an extension; the caller may execute them, or it is an error.
 */
static KeptPlan *
find_plan(KeptKey *key, const char *sql, int n, const Oid *types, bool *calls)
{
	KeptPlan   *kept;
	bool		same;

	if (plans == NULL)
		begin_keeping();
	key->text = hash_bytes_extended((const unsigned char *) sql, strlen(sql), 0);
	for (int i = 0; i < n; i++)
		key->text = hash_combine64(key->text, types[i]);
	key->caller = GetUserId();
	kept = hash_search(plans, key, HASH_FIND, NULL);
	same = kept && kept->ntypes == n && strcmp(kept->sql, sql) == 0 &&
		memcmp(kept->types, types, n * sizeof(Oid)) == 0;
	*calls = same && !kept->calls ? false : function_require_rights(sql);
	return same ? kept : NULL;
}

static void
begin_keeping(void)
{
	static const int kinds[] = {
		NAMESPACEOID, OPEROID, AMOPOPID, ENUMOID, AUTHOID, AUTHMEMMEMROLE,
		FOREIGNSERVEROID, FOREIGNDATAWRAPPEROID, USERMAPPINGOID
	};
	HASHCTL		info = {.keysize = sizeof(KeptKey),.entrysize = sizeof(KeptPlan)};
	HASHCTL		of_sizes = {.keysize = sizeof(Oid),.entrysize = sizeof(KnownSize)};

	sizes = hash_create("menuca known sizes", 64, &of_sizes, HASH_ELEM | HASH_BLOBS);
	plans = hash_create("menuca kept plans", 64, &info, HASH_ELEM | HASH_BLOBS);
	CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
	CacheRegisterSyscacheCallback(PROCOID, forget_object, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, forget_object, (Datum) 0);
	for (size_t i = 0; i < lengthof(kinds); i++)
		CacheRegisterSyscacheCallback(kinds[i], forget_all, (Datum) 0);
}

/*
 * What is to be kept, but for the plan itself, in a memory context below the current one:
 * only what is whole is entered.
 */
static KeptPlan
make_kept(const KeptKey *key, const char *sql, int n, const Oid *types, bool calls, List *relids)
{
	KeptPlan	made = {.key = *key,.ntypes = n,.calls = calls};
	ListCell   *lc;

	made.context = AllocSetContextCreate(CurrentMemoryContext, "menuca kept plan", ALLOCSET_SMALL_SIZES);
	made.sql = MemoryContextStrdup(made.context, sql);
	made.types = MemoryContextAlloc(made.context, (n + 1) * sizeof(Oid));
	memcpy(made.types, types, n * sizeof(Oid));
	made.relations = MemoryContextAlloc(made.context, (list_length(relids) + 1) * sizeof(KeptRelation));
	foreach(lc, relids)
		made.relations[made.nrelations++] = (KeptRelation)
	{
		.relid = lfirst_oid(lc),.size = size_of(lfirst_oid(lc))
	};
	return made;
}

/*
 * When there are too many, all are dropped, and those that are needed are planned again.
 * Where another statement has the same key, it goes.
 */
static void
enter_plan(const KeptPlan *made)
{
	KeptPlan   *kept = hash_search(plans, &made->key, HASH_FIND, NULL);

	if (kept)
		drop_plan(kept);
	if (hash_get_num_entries(plans) >= MAX_KEPT)
	{
		HASH_SEQ_STATUS scan;

		hash_seq_init(&scan, plans);
		while ((kept = hash_seq_search(&scan)) != NULL)
			drop_plan(kept);
	}
	kept = hash_search(plans, &made->key, HASH_ENTER, NULL);
	*kept = *made;
	MemoryContextSetParent(kept->context, CacheMemoryContext);
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

static PlannedStmt *
plan_query(UserQuery *query, bool few)
{
	int			scope = guc_scope_begin();
	PlannedStmt *plan;

	if (few)
		guc_scope_set("enable_bitmapscan", "off");
	plan = user_query_plan(query);
	guc_scope_end(scope);
	return plan;
}

/*
 * True if a table has more than twice the blocks that the plan was made for: a plan
 * for an empty table reads all of it.  The server would look again only after ANALYZE.
 */
static bool
has_grown(const KeptPlan *kept)
{
	for (int i = 0; i < kept->nrelations; i++)
	{
		if (known_size(kept->relations[i].relid) > kept->relations[i].size * 2 + 1)
			return true;
	}
	return false;
}

/*
 * The same as size_of(), asked once a command of this transaction: a command of its
 * own may have filled the table, and so may others, if it lasts.
 */
static BlockNumber
known_size(Oid relid)
{
	KnownSize	now = {.relid = relid,.xid = menuca_local_xid(),.command = GetCurrentCommandId(false)};
	KnownSize  *known = hash_search(sizes, &relid, HASH_FIND, NULL);

	if (known && known->xid == now.xid && known->command == now.command && known->uses++ < SIZE_USES)
		return known->size;
	now.size = size_of(relid);
	if (known == NULL && hash_get_num_entries(sizes) >= MAX_SIZES)
		return now.size;
	known = hash_search(sizes, &relid, HASH_ENTER, NULL);
	*known = now;
	return now.size;
}

/* The blocks of a table of its own; 0 of another relation, and of one that was dropped. */
static BlockNumber
size_of(Oid relid)
{
	Relation	rel = try_relation_open(relid, AccessShareLock);
	BlockNumber size = 0;

	if (rel && rel->rd_rel->relkind == RELKIND_RELATION)
		size = RelationGetNumberOfBlocks(rel);
	if (rel)
		relation_close(rel, NoLock);
	return size;
}

/* It may be executing further up: its memory stays until the end of the transaction. */
static void
drop_plan(KeptPlan *kept)
{
	if (kept->spi_plan)
	{
		MemoryContextCallback *callback = MemoryContextAlloc(TopTransactionContext, sizeof(MemoryContextCallback));

		callback->func = free_spi_plan;
		callback->arg = kept->spi_plan;
		MemoryContextRegisterResetCallback(TopTransactionContext, callback);
	}
	MemoryContextSetParent(kept->context, TopTransactionContext);
	(void) hash_search(plans, &kept->key, HASH_REMOVE, NULL);
}

static void
free_spi_plan(void *arg)
{
	(void) SPI_freeplan(arg);
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
