/*-------------------------------------------------------------------------
 *
 * guard_query.c
 *	  Statements of trigger functions on tables of users: see guard_query.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/owner.h"
#include "base/query.h"
#include "base/relation.h"
#include "seating/guard_query.h"
#include "seating/seating_extension.h"

/* What a plan is found by; no padding. */
typedef struct KeptKey
{
	Oid			relid;
	uint32		statement;
} KeptKey;

/* A plan of the session, with its text: names may change. */
typedef struct KeptPlan
{
	KeptKey		key;
	char	   *sql;
	SPIPlanPtr	plan;
} KeptPlan;

static HTAB *plans = NULL;

static int	execute(Oid relid, GuardStatement statement, const char *sql, const pg_uuid_t *id, int limit);
static SPIPlanPtr kept_plan(Oid relid, GuardStatement statement, const char *sql);


bool
guard_query_find(Oid relid, GuardStatement statement, const char *sql, const pg_uuid_t *id, GuardRowFn fn, void *arg)
{
	OwnerContext caller = owner_become(relid);
	bool		found;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	(void) execute(relid, statement, sql, id, 1);
	found = SPI_processed > 0;
	if (found && fn)
		fn(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, arg);
	SPI_finish();
	owner_return(&caller);
	return found;
}

void
guard_query_write(Oid relid, GuardStatement statement, const char *sql, const pg_uuid_t *id)
{
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(relation_owner(relid), context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	(void) execute(relid, statement, sql, id, 0);
	SPI_finish();
	SetUserIdAndSecContext(user, context);
}

/* seating_write() has looked at the table's triggers, and locked it against others. */
void
guard_query_enter_truncation(Oid assignments)
{
	Oid			table = extension_table("menuca_seating", "menuca_seating_truncation");
	QueryArgs	args = {.keep = true};
	QueryArgs	copy;
	Oid			user;
	int			context;

	query_arg(&args, OIDOID, ObjectIdGetDatum(assignments), false);
	copy = args;
	seating_write("menuca_seating_truncation",
				  psprintf("DELETE FROM %smenuca_seating_truncation t WHERE t.assignments = $1", seating_extension_schema()),
				  &copy, NULL, NULL);

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(relation_owner(table), context | SECURITY_LOCAL_USERID_CHANGE);
	(void) query_write(psprintf("INSERT INTO %smenuca_seating_truncation (assignments) VALUES ($1)", seating_extension_schema()),
					   &args, NULL, NULL);
	SetUserIdAndSecContext(user, context);
}

/*
 * With one query snapshot for the whole transaction, what others have committed since
 * it began would go unseen, and two of them could each leave the other's half.
 */
static int
execute(Oid relid, GuardStatement statement, const char *sql, const pg_uuid_t *id, int limit)
{
	Datum		values[1] = {UUIDPGetDatum(id)};
	SPIPlanPtr	plan = kept_plan(relid, statement, sql);
	int			rc;

	CommandCounterIncrement();
	rc = SPI_execute_snapshot(plan, values, NULL, IsolationUsesXactSnapshot() ? GetLatestSnapshot() : InvalidSnapshot,
							  InvalidSnapshot, false, true, limit);
	if (rc < 0)
		elog(ERROR, "SPI_execute_snapshot failed: %s", SPI_result_code_string(rc));
	return rc;
}

static SPIPlanPtr
kept_plan(Oid relid, GuardStatement statement, const char *sql)
{
	KeptKey		key = {relid, (uint32) statement};
	Oid			types[1] = {UUIDOID};
	KeptPlan   *kept;
	SPIPlanPtr	plan;
	bool		found;

	if (plans == NULL)
	{
		HASHCTL		info = {.keysize = sizeof(KeptKey),.entrysize = sizeof(KeptPlan)};

		plans = hash_create("menuca kept plans", 32, &info, HASH_ELEM | HASH_BLOBS);
	}
	kept = hash_search(plans, &key, HASH_FIND, NULL);
	if (kept && strcmp(kept->sql, sql) == 0 && SPI_plan_is_valid(kept->plan))
		return kept->plan;

	plan = SPI_prepare(sql, 1, types);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	if (kept)
	{
		SPIPlanPtr	former = kept->plan;
		char	   *text = kept->sql;

		(void) hash_search(plans, &key, HASH_REMOVE, NULL);
		SPI_freeplan(former);
		pfree(text);
	}
	(void) SPI_keepplan(plan);
	sql = MemoryContextStrdup(TopMemoryContext, sql);
	kept = hash_search(plans, &key, HASH_ENTER, &found);
	kept->sql = unconstify(char *, sql);
	kept->plan = plan;
	return plan;
}
