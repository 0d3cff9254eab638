/*-------------------------------------------------------------------------
 *
 * table_lock.c
 *	  Locking a table that others may be using: see table_lock.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "base/attempt.h"
#include "base/format.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "base/table_lock.h"

/* Sessions that the error names; there are rarely more than one or two. */
#define MAX_HOLDERS 5

/* Tables that the error names. */
#define MAX_TABLES 5

/* Pauses between the rounds of table_lock_take_all(), in milliseconds. */
#define SHORTEST_PAUSE 5
#define LONGEST_PAUSE 100

typedef struct LockRequest
{
	Oid			relid;
	LOCKMODE	mode;
} LockRequest;

/* A round of table_lock_take_all(). */
typedef struct LockRound
{
	List	   *relids;
	LOCKMODE	mode;
	List	   *busy;			/* those that others held in the last round */
} LockRound;

/* The sessions that hold the table. */
typedef struct Holders
{
	StringInfoData sessions;
	StringInfoData calls;		/* that end them */
	StringInfoData statements;	/* that end prepared transactions */
} Holders;

static void take(void *arg);
static void take_alone(void *arg);
static void take_round(void *arg);
static List *try_to_lock(List *relids, LOCKMODE mode);
static void raise_unless_held(ErrorData *error);
pg_noreturn static void raise_held(List *relids, LOCKMODE mode, const char *what, int timeout,
								   const char *kept, const char *instead);
static char *held_tables(List *relids);
static Datum oids_to_array(List *relids);
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
	raise_held(list_make1_oid(relid), mode, "", LockTimeout, kept, "");
}

/*
 * A round that does not get all locks gives back those that it has got, and
 * none of them was waited for, so nobody has to wait for this session meanwhile.
 */
void
table_lock_take_all(List *relids, LOCKMODE mode, int timeout, const char *kept, const char *instead)
{
	LockRound	round = {list_copy(relids), mode, NIL};
	TimestampTz start = GetCurrentTimestamp();
	long		pause = SHORTEST_PAUSE;
	ErrorData  *error;

	list_sort(round.relids, list_oid_cmp);
	while ((error = attempt(take_round, &round)) != NULL)
	{
		long		left = timeout - TimestampDifferenceMilliseconds(start, GetCurrentTimestamp());

		raise_unless_held(error);
		if (left <= 0)
			raise_held(round.busy, mode, "", timeout, kept, instead);
		table_lock_pause(Min(pause, left));
		pause = Min(pause * 2, LONGEST_PAUSE);
	}
}

bool
table_lock_try(Oid relid, LOCKMODE mode, int milliseconds)
{
	LockRequest request = {relid, mode};
	int			scope = guc_scope_begin_lock_timeout(psprintf("%d", milliseconds));
	ErrorData  *error = attempt(take_alone, &request);

	guc_scope_end(scope);
	if (error)
		raise_unless_held(error);
	return error == NULL;
}

void
table_lock_raise_held(List *relids, LOCKMODE mode, int timeout, const char *kept, const char *instead)
{
	raise_held(relids, mode, "", timeout, kept, instead);
}

void
table_lock_pause(long milliseconds)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds,
					 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
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
	raise_held(list_make1_oid(relid), ExclusiveLock, "rows of ", LockTimeout, kept, "");
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
take_alone(void *arg)
{
	const LockRequest *request = arg;

	LockRelationOid(request->relid, request->mode);
}

/*
 * Those that were busy come first, and while one of them is, no other is locked, not
 * even for a moment.
 */
static void
take_round(void *arg)
{
	LockRound  *round = arg;

	round->busy = try_to_lock(round->busy, round->mode);
	if (round->busy == NIL)
		round->busy = try_to_lock(round->relids, round->mode);
	if (round->busy)
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("other sessions hold tables")));
}

/* Returns all that others hold, so that the error can name all holders. */
static List *
try_to_lock(List *relids, LOCKMODE mode)
{
	List	   *busy = NIL;
	ListCell   *lc;

	foreach(lc, relids)
	{
		if (!ConditionalLockRelationOid(lfirst_oid(lc), mode))
			busy = lappend_oid(busy, lfirst_oid(lc));
	}
	return busy;
}

/* instead: a sentence with another call, or "". */
static void
raise_held(List *relids, LOCKMODE mode, const char *what, int timeout, const char *kept,
		   const char *instead)
{
	char	   *names = held_tables(relids);
	Holders		holders;
	QueryArgs	args = {0};

	initStringInfo(&holders.sessions);
	initStringInfo(&holders.calls);
	initStringInfo(&holders.statements);
	query_arg(&args, OIDARRAYOID, oids_to_array(relids), false);
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
						" AND l.pid IS DISTINCT FROM pg_backend_pid() AND l.relation = ANY ($1)"
						" GROUP BY l.pid, p.gid ORDER BY 6 NULLS LAST LIMIT %d", MAX_HOLDERS),
			   &args, append_holder, &holders);
	query_end_snapshot();

	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("%s%s could not be locked within %d ms", what, names, timeout),
			 errdetail("%s %s", holders.sessions.len > 0 ? holders.sessions.data :
					   "Whoever held it has ended meanwhile.", kept),
			 holders.sessions.len == 0 ? errhint("Call again.%s%s", *instead ? " " : "", instead) :
			 errhint("Call again when they have ended; to end them: %s%s%s or allow a longer lock_timeout.%s%s",
					 holders.calls.len > 0 ? psprintf("SELECT %s;", holders.calls.data) : "",
					 holders.calls.len > 0 && holders.statements.len > 0 ? " " : "", holders.statements.data,
					 *instead ? " " : "", instead)));
}

/* "table a", or "3 tables (a, b, c)" */
static char *
held_tables(List *relids)
{
	StringInfoData names;
	ListCell   *lc;

	if (list_length(relids) == 1)
		return psprintf("table %s", relation_display_name(linitial_oid(relids)));
	initStringInfo(&names);
	foreach(lc, relids)
	{
		if (foreach_current_index(lc) == MAX_TABLES)
			break;
		format_append(&names, ", ", "%s", relation_display_name(lfirst_oid(lc)));
	}
	return psprintf("%d tables (%s%s)", list_length(relids), names.data,
					list_length(relids) > MAX_TABLES ? ", ..." : "");
}

static Datum
oids_to_array(List *relids)
{
	Datum	   *oids = palloc(sizeof(Datum) * list_length(relids));
	ListCell   *lc;

	foreach(lc, relids)
		oids[foreach_current_index(lc)] = ObjectIdGetDatum(lfirst_oid(lc));
	return PointerGetDatum(construct_array(oids, list_length(relids), OIDOID, sizeof(Oid), true, TYPALIGN_INT));
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
