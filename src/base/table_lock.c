/*-------------------------------------------------------------------------
 *
 * table_lock.c
 *	  Locking a table that others may be using: see table_lock.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/builtins.h"

#include "base/attempt.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "base/table_lock.h"

/* Sessions that the error names; there are rarely more than one or two. */
#define MAX_HOLDERS 5

typedef struct LockRequest
{
	Oid			relid;
	LOCKMODE	mode;
} LockRequest;

/* The sessions that hold the table. */
typedef struct Holders
{
	StringInfoData sessions;
	StringInfoData calls;		/* that end them */
	StringInfoData statements;	/* that end prepared transactions */
} Holders;

static void take(void *arg);
static void raise_unless_held(ErrorData *error);
pg_noreturn static void raise_held(Oid relid, LOCKMODE mode, const char *what, const char *kept);
static char *conflicting_modes(LOCKMODE mode);
static void append_holder(TupleTableSlot *slot, void *arg);


void
table_lock_take(Oid relid, LOCKMODE mode, const char *kept)
{
	LockRequest request = {relid, mode};
	ErrorData  *error = attempt(take, &request);

	if (error == NULL)
		return;
	raise_unless_held(error);
	raise_held(relid, mode, "", kept);
}

void
table_lock_rows(Oid relid, void (*fn) (void *arg), void *arg, const char *kept)
{
	ErrorData  *error = attempt(fn, arg);

	if (error == NULL)
		return;
	raise_unless_held(error);

	/*
	 * Whoever locks rows holds ROW SHARE at least, which conflicts with
	 * EXCLUSIVE.
	 */
	raise_held(relid, ExclusiveLock, "rows of ", kept);
}

void
table_lock_advise(ErrorData *error, const char *name, const char *kept)
{
	if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE || error->detail)
		return;
	error->detail = psprintf("Another session holds a row that the table needs, its own or one that it refers to. %s", kept);
	error->hint = psprintf("To see who: SELECT DISTINCT a.pid, a.usename, a.application_name, a.state, a.query FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
						   " WHERE l.relation IN (SELECT confrelid FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f' UNION SELECT %s::regclass)"
						   " AND l.granted AND l.mode <> 'AccessShareLock' AND a.pid <> pg_backend_pid(); call again when they have ended.",
						   quote_literal_cstr(name), quote_literal_cstr(name));
}

/* Raises any error but that of a lock that could not be had in time. */
static void
raise_unless_held(ErrorData *error)
{
	if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
		ThrowErrorData(error);
}

static void
take(void *arg)
{
	const LockRequest *request = arg;

	relation_lock(request->relid, request->mode);
}

static void
raise_held(Oid relid, LOCKMODE mode, const char *what, const char *kept)
{
	char	   *name = relation_display_name(relid);
	Holders		holders;
	QueryArgs	args = {0};

	initStringInfo(&holders.sessions);
	initStringInfo(&holders.calls);
	initStringInfo(&holders.statements);
	query_arg_int8(&args, relid);
	query_arg_text(&args, conflicting_modes(mode));
	query_begin_snapshot();
	query_each(psprintf("SELECT l.pid::int8 AS pid, string_agg(DISTINCT l.mode, ', ') AS modes, max(a.usename)::text AS usename,"
						" max(a.application_name) AS application, max(a.state) AS state, COALESCE(max(a.xact_start), max(p.prepared)) AS since, p.gid"
						" FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
						" LEFT JOIN pg_locks t ON l.pid IS NULL AND t.pid IS NULL AND t.locktype = 'transactionid'"
						"  AND t.virtualtransaction = l.virtualtransaction"
						" LEFT JOIN pg_prepared_xacts p ON p.transaction = t.transactionid"
						" WHERE l.locktype = 'relation' AND l.granted AND l.mode = ANY (string_to_array($2, ','))"
						" AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
						" AND l.pid IS DISTINCT FROM pg_backend_pid() AND l.relation::int8 = $1"
						" GROUP BY l.pid, p.gid ORDER BY 6 NULLS LAST LIMIT %d", MAX_HOLDERS),
			   &args, append_holder, &holders);
	query_end_snapshot();

	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("%stable %s could not be locked within %d ms", what, name, LockTimeout),
			 errdetail("%s %s", holders.sessions.len > 0 ? holders.sessions.data :
					   "Whoever held it has ended meanwhile.", kept),
			 holders.sessions.len == 0 ? errhint("Call again.") :
			 errhint("Call again when they have ended; to end them: %s%s%s or allow a longer lock_timeout.",
					 holders.calls.len > 0 ? psprintf("SELECT %s;", holders.calls.data) : "",
					 holders.calls.len > 0 && holders.statements.len > 0 ? " " : "", holders.statements.data)));
}

/* The modes that conflict with a mode, by their names in pg_locks, with commas. */
static char *
conflicting_modes(LOCKMODE mode)
{
	StringInfoData modes;

	initStringInfo(&modes);
	for (LOCKMODE other = AccessShareLock; other <= MaxLockMode; other++)
	{
		if (DoLockModesConflict(mode, other))
			format_append(&modes, ",", "%s", GetLockmodeName(DEFAULT_LOCKMETHOD, other));
	}
	return modes.data;
}

/* What of another role's session is hidden from the caller is omitted. */
static void
append_holder(TupleTableSlot *slot, void *arg)
{
	Holders    *holders = arg;
	char	   *user = slot_text_or_null_of(slot, "usename");
	char	   *application = slot_text_or_null_of(slot, "application");
	char	   *state = slot_text_or_null_of(slot, "state");
	char	   *modes = slot_text_of(slot, "modes");
	bool		unknown;
	TimestampTz since = slot_time_of(slot, "since", &unknown);
	int64		pid = slot_int8_or_zero_of(slot, "pid");

	if (pid == 0)
	{
		char	   *gid = slot_text_or_null_of(slot, "gid");

		format_append(&holders->sessions, " ", "Prepared transaction %s holds it (%s)%s.", gid ? quote_literal_cstr(gid) : "?",
					  modes, unknown ? "" : psprintf(", since %s", format_utc(since)));
		if (gid)
			format_append(&holders->statements, " ", "ROLLBACK PREPARED %s;", quote_literal_cstr(gid));
		return;
	}
	format_append(&holders->sessions, " ", "Session %lld%s%s%s%s holds it (%s)%s%s.", (long long) pid,
				  user ? " of role " : "", user ? quote_identifier(user) : "",
				  application && *application ? ", application " : "", application ? application : "",
				  modes, state ? psprintf(", %s", state) : "",
				  unknown ? "" : psprintf(", in a transaction since %s", format_utc(since)));
	format_append(&holders->calls, ", ", "pg_terminate_backend(%lld)", (long long) pid);
}
