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
} Holders;

static void take(void *arg);
pg_noreturn static void raise_held(const LockRequest *request, const char *kept);
static char *conflicting_modes(LOCKMODE mode);
static void append_holder(TupleTableSlot *slot, void *arg);


void
table_lock_take(Oid relid, LOCKMODE mode, const char *kept)
{
	LockRequest request = {relid, mode};
	ErrorData  *error = attempt(take, &request);

	if (error == NULL)
		return;
	if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
		ThrowErrorData(error);
	raise_held(&request, kept);
}

static void
take(void *arg)
{
	const LockRequest *request = arg;

	relation_lock(request->relid, request->mode);
}

static void
raise_held(const LockRequest *request, const char *kept)
{
	char	   *name = relation_display_name(request->relid);
	Holders		holders;
	QueryArgs	args = {0};

	initStringInfo(&holders.sessions);
	initStringInfo(&holders.calls);
	query_arg_int8(&args, request->relid);
	query_arg_text(&args, conflicting_modes(request->mode));
	query_begin_snapshot();
	query_each(psprintf("SELECT l.pid::int8 AS pid, string_agg(DISTINCT l.mode, ', ') AS modes, max(a.usename)::text AS usename,"
						" max(a.application_name) AS application, max(a.state) AS state, max(a.xact_start) AS since"
						" FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
						" WHERE l.locktype = 'relation' AND l.granted AND l.mode = ANY (string_to_array($2, ','))"
						" AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
						" AND l.pid IS DISTINCT FROM pg_backend_pid() AND l.relation::int8 = $1"
						" GROUP BY l.pid ORDER BY 6 NULLS LAST LIMIT %d", MAX_HOLDERS),
			   &args, append_holder, &holders);
	query_end_snapshot();

	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("table %s could not be locked within %d ms", name, LockTimeout),
			 errdetail("%s %s", holders.sessions.len > 0 ? holders.sessions.data :
					   "Whoever held it has ended meanwhile.", kept),
			 holders.calls.len > 0 ?
			 errhint("Call again when they have ended; to end them: SELECT %s; or to wait longer: SET lock_timeout = '1min';", holders.calls.data) :
			 errhint("Call again.")));
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
		format_append(&holders->sessions, " ", "A prepared transaction holds it (%s).", modes);
		return;
	}
	format_append(&holders->sessions, " ", "Session %lld%s%s%s%s holds it (%s)%s%s.", (long long) pid,
				  user ? " of role " : "", user ? user : "",
				  application && *application ? ", application " : "", application ? application : "",
				  modes, state ? psprintf(", %s", state) : "",
				  unknown ? "" : psprintf(", in a transaction since %s", format_utc(since)));
	format_append(&holders->calls, ", ", "pg_terminate_backend(%lld)", (long long) pid);
}
