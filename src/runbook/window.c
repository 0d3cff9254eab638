/*-------------------------------------------------------------------------
 *
 * window.c
 *	  The announced maintenance window: see window.h.
 *
 * menuca_announce_window(starts_at, ends_at, note)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/ticket_environment.h"
#include "runbook/ticket_staging.h"
#include "runbook/window.h"

PG_FUNCTION_INFO_V1(menuca_announce_window);

/* The newest announced window. */
typedef struct AnnouncedWindow
{
	char	   *state;			/* before, open or over */
	char	   *times;
	char	   *note;			/* or NULL */
	char	   *announced_by;
	char	   *announced_at;
	bool		day_before;
} AnnouncedWindow;

static TimestampTz time_argument(FunctionCallInfo fcinfo, int place, const char *name);
static void require_length(TimestampTz starts_at, TimestampTz ends_at);
static AnnouncedWindow *newest_window(const Environment *environment);
static void *make_window(TupleTableSlot *slot);


/* Returns the window as text. */
Datum
menuca_announce_window(PG_FUNCTION_ARGS)
{
	TimestampTz starts_at = time_argument(fcinfo, 0, "starts_at");
	TimestampTz ends_at = time_argument(fcinfo, 1, "ends_at");
	char	   *note = argument_text_or_null(fcinfo, 2);
	Environment *environment = ticket_environment_require(FIRST_PRODUCTION_TICKET);
	AnnouncedWindow *window;
	QueryArgs	args = {0};

	require_length(starts_at, ends_at);
	query_require_writable("menuca_announce_window()");
	query_arg_int8(&args, environment->id);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(starts_at), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(ends_at), false);
	query_arg_text(&args, note);
	migrate_write("menuca_window",
				  psprintf("INSERT INTO %smenuca_window (environment_id, starts_at, ends_at, note) VALUES ($1, $2, $3, $4)",
						   migrate_schema()), &args, NULL, NULL);
	query_begin_snapshot();
	window = newest_window(environment);
	query_end_snapshot();
	if (window == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the announced window cannot be read"),
				 errdetail("The view menuca_window_state does not have it: somebody has changed the view, or the table below it. Nothing was recorded."),
				 errhint("Restore the extension's schema from a backup.")));
	PG_RETURN_TEXT_P(cstring_to_text(window->times));
}

/* A window has both ends. */
static TimestampTz
time_argument(FunctionCallInfo fcinfo, int place, const char *name)
{
	TimestampTz time;

	argument_require(fcinfo, place, name);
	time = PG_GETARG_TIMESTAMPTZ(place);
	if (TIMESTAMP_NOT_FINITE(time))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a time, not %s", name, format_utc(time)),
				 errdetail("A maintenance window begins and ends. Nothing was recorded."),
				 errhint("%s", migrate_call("SELECT menuca_announce_window(now() + '24 hours', now() + '26 hours', 'what happens');"))));
	return time;
}

static void
require_length(TimestampTz starts_at, TimestampTz ends_at)
{
	if (starts_at < ends_at && ends_at > GetCurrentTimestamp())
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 starts_at < ends_at ? errmsg("the window is over: it ended at %s", format_utc(ends_at)) :
			 errmsg("the window ends before it begins, or as it begins"),
			 errdetail("It was given as %s to %s. Nothing was recorded.", format_utc(starts_at), format_utc(ends_at)),
			 errhint("%s", migrate_call("SELECT menuca_announce_window(now() + '24 hours', now() + '26 hours', 'what happens');"))));
}

void
window_check(TicketExecution *execution, Finding *finding)
{
	AnnouncedWindow *window;
	char	   *sign_off;

	ticket_check_window(execution, finding);
	query_begin_snapshot();
	window = newest_window(execution->environment);
	query_end_snapshot();
	if (window == NULL)
		return;

	sign_off = finding->actual;
	finding->expected = psprintf("within the announced window, %s; %s", window->times, finding->expected);
	finding->actual = psprintf("%s; sign-off: %s",
							   strcmp(window->state, "open") == 0 ? "within it" :
							   strcmp(window->state, "over") == 0 ? "outside it: it is over" :
							   "outside it: it has not begun", sign_off);
	finding->detail = psprintf("Announced at %s by %s%s%s%s", window->announced_at, window->announced_by,
							   window->day_before ? "" : ", less than 24 hours before it begins",
							   window->note ? ": " : ".", window->note ? window->note : "");
	if (strcmp(window->state, "open") == 0)
		return;
	finding->status = CHECK_WARN;
	finding->remedy = migrate_call("Wait for the window, or announce the one that is meant: SELECT menuca_announce_window(now(), now() + '2 hours', 'why it was moved');");
}

/* NULL if none was announced. */
static AnnouncedWindow *
newest_window(const Environment *environment)
{
	QueryArgs	args = {0};
	List	   *found;

	query_arg_int8(&args, environment->id);
	found = query_list(psprintf("SELECT * FROM %smenuca_window_state WHERE environment_id = $1", migrate_schema()),
					   &args, make_window);
	return found ? linitial(found) : NULL;
}

static void *
make_window(TupleTableSlot *slot)
{
	AnnouncedWindow *window = palloc(sizeof(AnnouncedWindow));

	window->state = slot_text_of(slot, "state");
	window->times = slot_text_of(slot, "times");
	window->note = slot_text_or_null_of(slot, "note");
	window->announced_by = slot_text_of(slot, "announced_by");
	window->announced_at = format_utc(slot_time_of(slot, "announced_at", NULL));
	window->day_before = slot_bool_of(slot, "announced_a_day_before");
	return window;
}
