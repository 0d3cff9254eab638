/*-------------------------------------------------------------------------
 *
 * tenant_lookup.c
 *	  What policies ask the views of owner_view.h.
 *
 * menuca_own_tenants(view), menuca_own_tenant_uuids(view), menuca_is_public(view, key)
 *
 * The roles that policies are for may not read these views: they are read as their
 * owner, and only a view of the right name is.  Whoever makes one of that name
 * shows what he may read himself, to the caller whom he wrote it for.
 *
 * The plans are kept for the session; a view that is not there has no row, since a
 * policy that raises an error takes the whole site down.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

#include "access/owner_view.h"
#include "access/row_lookup.h"
#include "base/content_hash.h"
#include "base/owner.h"

PG_FUNCTION_INFO_V1(menuca_own_tenants);
PG_FUNCTION_INFO_V1(menuca_own_tenant_uuids);
PG_FUNCTION_INFO_V1(menuca_is_public);
PG_FUNCTION_INFO_V1(menuca_is_public_uuid);

/* Room for schema.view, quoted. */
#define QUALIFIED_LEN (4 * NAMEDATALEN + 8)

/*
 * A statement that asks for more rows reads all of them at once, unless they are
 * more than MAX_ALL.  Where an index finds them, row_lookup_limit() says when.
 */
#define QUERIES_BEFORE_ALL 2
#define MAX_ALL 10000

/* What is asked of a view. */
typedef enum ViewQuestion
{
	ASK_OWN,					/* the restaurants of the caller */
	ASK_ONE,					/* is this restaurant public? */
	ASK_ALL						/* all public ones */
} ViewQuestion;

static const struct
{
	const char *view;
	const char *sql;
}			questions[] = {
	[ASK_OWN] = {OWN_TENANTS_VIEW, "SELECT pg_catalog.array_agg(tenant) FROM %s"},
	[ASK_ONE] = {PUBLIC_VIEW_PREFIX, "SELECT FROM %s WHERE key OPERATOR(pg_catalog.=) $1"},
	[ASK_ALL] = {PUBLIC_VIEW_PREFIX, "SELECT key FROM %s"}
};

/* Takes the first column of a row. */
typedef void (*ViewRowFn) (Datum value, bool isnull, Oid type, void *arg);

/* What copy_tenants() fills. */
typedef struct OwnTenants
{
	Oid			array_type;
	ArrayType  *tenants;
	MemoryContext context;		/* of the caller */
} OwnTenants;

typedef struct ViewPlanKey
{
	Oid			view;
	Oid			type;			/* of its column */
	uint32		question;
} ViewPlanKey;

/* A view's query, planned once in a session. */
typedef struct ViewPlan
{
	ViewPlanKey key;			/* must be the first */
	char		name[QUALIFIED_LEN];	/* schema.view when it was planned */
	SPIPlanPtr	plan;			/* NULL: none yet */
} ViewPlan;

/* A restaurant's id: a bigint and 0, or the halves of a uuid. */
typedef struct TenantKey
{
	uint64		low;
	uint64		high;
} TenantKey;

/* What is known of it in a statement. */
typedef struct TenantAnswer
{
	TenantKey	key;
	bool		is_public;
	char		status;			/* for simplehash */
} TenantAnswer;

#define SH_PREFIX answers
#define SH_ELEMENT_TYPE TenantAnswer
#define SH_KEY_TYPE TenantKey
#define SH_KEY key
#define SH_HASH_KEY(tb, key) ((uint32) mix64((key).low ^ mix64((key).high)))
#define SH_EQUAL(tb, a, b) ((a).low == (b).low && (a).high == (b).high)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* What a statement has asked for already. */
typedef struct TenantMemo
{
	Oid			view;
	Oid			type;			/* of its keys */
	uint64		completed;		/* transactions, and commands, of its query
								 * snapshot */
	CommandId	command;
	answers_hash *answers;
	RowLookup  *lookup;			/* NULL: by a query */
	double		lookups;		/* until all are read */
	bool		has_all;		/* a restaurant without an answer is not
								 * public */
	bool		has_last;		/* of the call before: */
	bool		last_is_public;
	TenantKey	last;
} TenantMemo;

static HTAB *view_plans = NULL;

static Datum own_tenants(FunctionCallInfo fcinfo, Oid type);
static void copy_tenants(Datum found, bool isnull, Oid type, void *arg);
static Datum is_public(FunctionCallInfo fcinfo, Oid type);
static TenantMemo *find_memo(FunctionCallInfo fcinfo, Oid view, Oid type);
static RowLookup *begin_lookup(FunctionCallInfo fcinfo, Oid view, Oid type);
static void ask_all(TenantMemo *memo);
static void keep_row(Datum key, bool isnull, Oid type, void *arg);
static void keep_public(Datum key, void *arg);
static bool find_answer(TenantMemo *memo, TenantKey key, Datum tenant);
static void remember(TenantMemo *memo, TenantKey key, bool is_public);
static inline TenantKey tenant_key(Oid type, Datum tenant);
static uint64 read_view(Oid view, Oid type, ViewQuestion question, Datum key, uint64 limit, ViewRowFn fn, void *arg);
static char *view_name(Oid view, const char *name);
static SPIPlanPtr plan_view(Oid view, Oid type, ViewQuestion question);


Datum
menuca_own_tenants(PG_FUNCTION_ARGS)
{
	return own_tenants(fcinfo, INT8OID);
}

Datum
menuca_own_tenant_uuids(PG_FUNCTION_ARGS)
{
	return own_tenants(fcinfo, UUIDOID);
}

/* The restaurants of the caller, as an array; empty when there is none. */
static Datum
own_tenants(FunctionCallInfo fcinfo, Oid type)
{
	Oid			view = PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0);
	OwnTenants	own = {type == UUIDOID ? UUIDARRAYOID : INT8ARRAYOID, construct_empty_array(type), CurrentMemoryContext};

	(void) read_view(view, own.array_type, ASK_OWN, (Datum) 0, 1, copy_tenants, &own);
	PG_RETURN_ARRAYTYPE_P(own.tenants);
}

/* array_agg() of no row is NULL. */
static void
copy_tenants(Datum found, bool isnull, Oid type, void *arg)
{
	OwnTenants *own = arg;
	MemoryContext old;

	if (isnull || type != own->array_type)
		return;
	old = MemoryContextSwitchTo(own->context);
	own->tenants = DatumGetArrayTypePCopy(found);
	MemoryContextSwitchTo(old);
}

Datum
menuca_is_public(PG_FUNCTION_ARGS)
{
	return is_public(fcinfo, INT8OID);
}

Datum
menuca_is_public_uuid(PG_FUNCTION_ARGS)
{
	return is_public(fcinfo, UUIDOID);
}

/* A statement asks for the same restaurant again and again, and gets one answer. */
static Datum
is_public(FunctionCallInfo fcinfo, Oid type)
{
	TenantMemo *memo;
	TenantKey	key;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	memo = find_memo(fcinfo, PG_GETARG_OID(0), type);
	key = tenant_key(type, PG_GETARG_DATUM(1));
	if (!memo->has_last || key.low != memo->last.low || key.high != memo->last.high)
	{
		memo->has_last = false;
		memo->last_is_public = find_answer(memo, key, PG_GETARG_DATUM(1));
		memo->last = key;
		memo->has_last = true;
	}
	PG_RETURN_BOOL(memo->last_is_public);
}

static bool
find_answer(TenantMemo *memo, TenantKey key, Datum tenant)
{
	const TenantAnswer *answer = answers_lookup(memo->answers, key);
	bool		found;

	if (answer == NULL && memo->lookups >= 0 && --memo->lookups < 0)
	{
		ask_all(memo);
		answer = answers_lookup(memo->answers, key);
	}
	if (answer)
		return answer->is_public;
	found = !memo->has_all && (memo->lookup ? row_lookup_find(memo->lookup, tenant) :
							   read_view(memo->view, memo->type, ASK_ONE, tenant, 0, NULL, NULL) > 0);
	remember(memo, key, found);
	return found;
}

static void
remember(TenantMemo *memo, TenantKey key, bool is_public)
{
	bool		found;

	answers_insert(memo->answers, key, &found)->is_public = is_public;
}

static inline TenantKey
tenant_key(Oid type, Datum tenant)
{
	TenantKey	key = {0};

	if (type == UUIDOID)
		memcpy(&key, DatumGetUUIDP(tenant)->data, UUID_LEN);
	else
		key.low = (uint64) DatumGetInt64(tenant);
	return key;
}

/* The statement's memo, empty as soon as its query snapshot is another one. */
static TenantMemo *
find_memo(FunctionCallInfo fcinfo, Oid view, Oid type)
{
	TenantMemo *memo = fcinfo->flinfo->fn_extra;
	Snapshot	snapshot = GetActiveSnapshot();
	bool		is_new;

	if (memo && memo->view == view && memo->command == snapshot->curcid &&
		memo->completed == snapshot->snapXactCompletionCount)
		return memo;
	is_new = memo == NULL || memo->view != view;
	if (memo)
		answers_destroy(memo->answers);
	else
		memo = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(TenantMemo));
	fcinfo->flinfo->fn_extra = NULL;
	memo->answers = answers_create(fcinfo->flinfo->fn_mcxt, 64, NULL);
	memo->view = view;
	memo->type = type;
	memo->command = snapshot->curcid;
	memo->completed = snapshot->snapXactCompletionCount;
	if (memo->lookup == NULL || is_new)
		memo->lookup = begin_lookup(fcinfo, view, type);
	memo->lookups = memo->lookup ? row_lookup_limit(memo->lookup) : QUERIES_BEFORE_ALL;
	memo->has_all = false;
	memo->has_last = false;
	fcinfo->flinfo->fn_extra = memo;
	return memo;
}

/* Lives as long as the expression that calls the function. */
static RowLookup *
begin_lookup(FunctionCallInfo fcinfo, Oid view, Oid type)
{
	MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	RowLookup  *lookup = view_name(view, PUBLIC_VIEW_PREFIX) ?
		row_lookup_begin(view, type, list_make1_oid(fcinfo->flinfo->fn_oid)) : NULL;

	MemoryContextSwitchTo(old);
	return lookup;
}

static void
ask_all(TenantMemo *memo)
{
	if (memo->lookup)
	{
		row_lookup_each(memo->lookup, keep_public, memo);
		memo->has_all = true;
		return;
	}
	memo->has_all = read_view(memo->view, memo->type, ASK_ALL, (Datum) 0, MAX_ALL + 1, keep_row, memo) <= MAX_ALL;
}

static void
keep_row(Datum key, bool isnull, Oid type, void *arg)
{
	TenantMemo *memo = arg;

	if (!isnull && type == memo->type)
		keep_public(key, memo);
}

static void
keep_public(Datum key, void *arg)
{
	TenantMemo *memo = arg;

	remember(memo, tenant_key(memo->type, key), true);
}

/*
 * Asks a view as its owner, and hands the first column of each row, of at most limit,
 * to fn, which may be NULL.  key: of ASK_ONE.  Returns the number of rows: none when
 * there is no such view.
 */
static uint64
read_view(Oid view, Oid type, ViewQuestion question, Datum key, uint64 limit, ViewRowFn fn, void *arg)
{
	uint64		rows = 0;
	OwnerContext caller;
	SPIPlanPtr	plan;

	if (get_rel_relkind(view) != RELKIND_VIEW)
		return 0;
	caller = owner_become(view);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = plan_view(view, type, question);
	if (plan)
	{
		if (SPI_execute_plan(plan, &key, NULL, true, limit) != SPI_OK_SELECT)
			elog(ERROR, "the view could not be read");
		rows = SPI_processed;
		for (uint64 i = 0; i < rows && fn; i++)
		{
			bool		isnull;
			Datum		value = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);

			fn(value, isnull, SPI_gettypeid(SPI_tuptable->tupdesc, 1), arg);
		}
	}
	SPI_finish();
	owner_return(&caller);
	return rows;
}

/* The kept plan of what is asked; NULL unless it is asked of the right view. */
static SPIPlanPtr
plan_view(Oid view, Oid type, ViewQuestion question)
{
	ViewPlanKey key = {view, type, question};
	char	   *qualified = view_name(view, questions[question].view);
	ViewPlan   *kept;
	bool		found;

	if (qualified == NULL)
		return NULL;
	if (view_plans == NULL)
	{
		HASHCTL		control = {.keysize = sizeof(ViewPlanKey),.entrysize = sizeof(ViewPlan)};

		view_plans = hash_create("menuca views that policies read", 8, &control, HASH_ELEM | HASH_BLOBS);
	}
	kept = hash_search(view_plans, &key, HASH_ENTER, &found);
	if (!found)
		kept->plan = NULL;
	if (kept->plan && strcmp(kept->name, qualified) != 0)
	{
		SPIPlanPtr	old = kept->plan;

		kept->plan = NULL;
		SPI_freeplan(old);
	}
	if (kept->plan == NULL)
	{
		SPIPlanPtr	plan = SPI_prepare(psprintf(questions[question].sql, qualified),
									   question == ASK_ONE ? 1 : 0, &type);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
		strlcpy(kept->name, qualified, sizeof(kept->name));
		kept->plan = plan;
	}
	return kept->plan;
}

/* A view's name as SQL; NULL unless it has that name, or prefix, in any schema. */
static char *
view_name(Oid view, const char *name)
{
	char	   *found = get_rel_name(view);
	char	   *schema = get_namespace_name(get_rel_namespace(view));

	return found && schema &&
		(strcmp(name, PUBLIC_VIEW_PREFIX) == 0 ? strncmp(found, name, strlen(name)) == 0 : strcmp(found, name) == 0) ?
		quote_qualified_identifier(schema, found) : NULL;
}
