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
#include "utils/snapmgr.h"

#include "base/kept_plan.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/relation.h"
#include "seating/guard_query.h"
#include "seating/seating_extension.h"

static int	execute(const char *sql, const pg_uuid_t *id, int limit);


bool
guard_query_find(Oid relid, const char *sql, const pg_uuid_t *id, GuardRowFn fn, void *arg)
{
	OwnerContext caller = owner_become(relid);
	bool		found;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	(void) execute(sql, id, 1);
	found = SPI_processed > 0;
	if (found && fn)
		fn(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, arg);
	SPI_finish();
	owner_return(&caller);
	return found;
}

void
guard_query_write(Oid relid, const char *sql, const pg_uuid_t *id)
{
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(relation_owner(relid), context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	(void) execute(sql, id, 0);
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
execute(const char *sql, const pg_uuid_t *id, int limit)
{
	Datum		values[1] = {UUIDPGetDatum(id)};
	Oid			types[1] = {UUIDOID};
	int			rc;

	CommandCounterIncrement();
	rc = SPI_execute_snapshot(kept_plan_spi(sql, 1, types), values, NULL,
							  IsolationUsesXactSnapshot() ? GetLatestSnapshot() : InvalidSnapshot,
							  InvalidSnapshot, false, true, limit);
	if (rc < 0)
		elog(ERROR, "SPI_execute_snapshot failed: %s", SPI_result_code_string(rc));
	return rc;
}
