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

/* A restaurant, or what is known of it, in a statement. */
typedef struct TenantKey
{
	char		bytes[UUID_LEN];
} TenantKey;

typedef struct TenantAnswer
{
	TenantKey	key;			/* must be the first */
	bool		is_public;
} TenantAnswer;

/* What a statement has asked for already. */
typedef struct TenantMemo
{
	Oid			view;
	Oid			type;			/* of its keys */
	uint64		completed;		/* transactions, and commands, of its query
								 * snapshot */
	CommandId	command;
	HTAB	   *answers;		/* TenantAnswers */
	RowLookup  *lookup;			/* NULL: by a query */
	double		lookups;		/* until all are read */
	bool		has_all;		/* a restaurant without an answer is not
								 * public */
	const TenantAnswer *last;
} TenantMemo;

static HTAB *view_plans = NULL;

static Datum own_tenants(FunctionCallInfo fcinfo, Oid type);
static Datum is_public(FunctionCallInfo fcinfo, Oid type);
static TenantMemo *find_memo(FunctionCallInfo fcinfo, Oid view, Oid type);
static RowLookup *begin_lookup(FunctionCallInfo fcinfo, Oid view, Oid type);
static bool ask_view(Oid view, Oid type, Datum tenant);
static void ask_all(TenantMemo *memo, Oid type);
static void keep_public(Datum key, void *arg);
static TenantAnswer *remember(TenantMemo *memo, const TenantKey *key, bool is_public);
static TenantKey tenant_key(Oid type, Datum tenant);
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
	Oid			array_type = type == UUIDOID ? UUIDARRAYOID : INT8ARRAYOID;
	MemoryContext context = CurrentMemoryContext;
	ArrayType  *tenants = construct_empty_array(type);
	OwnerContext caller;
	SPIPlanPtr	plan;

	if (get_rel_relkind(view) != RELKIND_VIEW)
		PG_RETURN_ARRAYTYPE_P(tenants);
	caller = owner_become(view);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = plan_view(view, array_type, ASK_OWN);
	if (plan)
	{
		bool		isnull;
		Datum		found;

		if (SPI_execute_plan(plan, NULL, NULL, true, 1) != SPI_OK_SELECT || SPI_processed != 1)
			elog(ERROR, "the query did not return one row");
		found = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
		if (!isnull && SPI_gettypeid(SPI_tuptable->tupdesc, 1) == array_type)
		{
			MemoryContext old = MemoryContextSwitchTo(context);

			tenants = DatumGetArrayTypePCopy(found);
			MemoryContextSwitchTo(old);
		}
	}
	SPI_finish();
	owner_return(&caller);
	PG_RETURN_ARRAYTYPE_P(tenants);
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
	TenantAnswer *answer;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	memo = find_memo(fcinfo, PG_GETARG_OID(0), type);
	key = tenant_key(type, PG_GETARG_DATUM(1));
	if (memo->last && memcmp(&memo->last->key, &key, sizeof(key)) == 0)
		PG_RETURN_BOOL(memo->last->is_public);

	answer = hash_search(memo->answers, &key, HASH_FIND, NULL);
	if (answer == NULL && memo->lookups >= 0 && --memo->lookups < 0)
	{
		ask_all(memo, type);
		answer = hash_search(memo->answers, &key, HASH_FIND, NULL);
	}
	if (answer == NULL)
	{
		bool		found = !memo->has_all &&
			(memo->lookup ? row_lookup_find(memo->lookup, PG_GETARG_DATUM(1)) :
			 ask_view(memo->view, type, PG_GETARG_DATUM(1)));

		answer = remember(memo, &key, found);
	}
	memo->last = answer;
	PG_RETURN_BOOL(answer->is_public);
}

static TenantAnswer *
remember(TenantMemo *memo, const TenantKey *key, bool is_public)
{
	TenantAnswer *answer = hash_search(memo->answers, key, HASH_ENTER, NULL);

	answer->is_public = is_public;
	return answer;
}

static TenantKey
tenant_key(Oid type, Datum tenant)
{
	TenantKey	key = {{0}};

	if (type == UUIDOID)
		memcpy(key.bytes, DatumGetUUIDP(tenant)->data, UUID_LEN);
	else
	{
		int64		number = DatumGetInt64(tenant);

		memcpy(key.bytes, &number, sizeof(number));
	}
	return key;
}

/* The statement's memo, empty as soon as its query snapshot is another one. */
static TenantMemo *
find_memo(FunctionCallInfo fcinfo, Oid view, Oid type)
{
	TenantMemo *memo = fcinfo->flinfo->fn_extra;
	Snapshot	snapshot = GetActiveSnapshot();
	bool		is_new;
	HASHCTL		control = {.keysize = sizeof(TenantKey),.entrysize = sizeof(TenantAnswer)};

	if (memo && memo->view == view && memo->command == snapshot->curcid &&
		memo->completed == snapshot->snapXactCompletionCount)
		return memo;
	is_new = memo == NULL || memo->view != view;
	if (memo)
		hash_destroy(memo->answers);
	else
		memo = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(TenantMemo));
	fcinfo->flinfo->fn_extra = NULL;
	control.hcxt = fcinfo->flinfo->fn_mcxt;
	memo->answers = hash_create("menuca restaurants of a statement", 64, &control,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	memo->view = view;
	memo->type = type;
	memo->command = snapshot->curcid;
	memo->completed = snapshot->snapXactCompletionCount;
	if (memo->lookup == NULL || is_new)
		memo->lookup = begin_lookup(fcinfo, view, type);
	memo->lookups = memo->lookup ? row_lookup_limit(memo->lookup) : QUERIES_BEFORE_ALL;
	memo->has_all = false;
	memo->last = NULL;
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

static bool
ask_view(Oid view, Oid type, Datum tenant)
{
	bool		found = false;
	OwnerContext caller;
	SPIPlanPtr	plan;

	if (get_rel_relkind(view) != RELKIND_VIEW)
		return false;
	caller = owner_become(view);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = plan_view(view, type, ASK_ONE);
	if (plan)
	{
		if (SPI_execute_plan(plan, &tenant, NULL, true, 1) != SPI_OK_SELECT)
			elog(ERROR, "the view could not be read");
		found = SPI_processed > 0;
	}
	SPI_finish();
	owner_return(&caller);
	return found;
}

static void
ask_all(TenantMemo *memo, Oid type)
{
	OwnerContext caller;
	SPIPlanPtr	plan;

	if (memo->lookup)
	{
		row_lookup_each(memo->lookup, keep_public, memo);
		memo->has_all = true;
		return;
	}
	if (get_rel_relkind(memo->view) != RELKIND_VIEW)
		return;
	caller = owner_become(memo->view);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = plan_view(memo->view, type, ASK_ALL);
	if (plan)
	{
		if (SPI_execute_plan(plan, NULL, NULL, true, MAX_ALL + 1) != SPI_OK_SELECT)
			elog(ERROR, "the view could not be read");
		memo->has_all = SPI_processed <= MAX_ALL && SPI_gettypeid(SPI_tuptable->tupdesc, 1) == type;
		for (uint64 i = 0; i < SPI_processed && memo->has_all; i++)
		{
			bool		isnull;
			Datum		tenant = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);
			TenantKey	key;

			if (isnull)
				continue;
			key = tenant_key(type, tenant);
			(void) remember(memo, &key, true);
		}
	}
	SPI_finish();
	owner_return(&caller);
}

static void
keep_public(Datum key, void *arg)
{
	TenantMemo *memo = arg;
	TenantKey	tenant = tenant_key(memo->type, key);

	(void) remember(memo, &tenant, true);
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
