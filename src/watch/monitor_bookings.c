/*-------------------------------------------------------------------------
 *
 * monitor_bookings.c
 *	  The monitor's checks of bookings with something wrong: see monitor_bookings.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/format.h"
#include "base/json.h"
#include "seating/seating_extension.h"
#include "watch/monitor_bookings.h"
#include "watch/watch_counts.h"
#include "watch/watch_target.h"

/* Characters of a uuid, with which an example begins. */
#define ID_LENGTH 36

static bool judge_case(Finding *finding, const char *name, const WatchCase *found, const char *one, const char *several, const char *nothing);
static char *case_metadata(const WatchCase *found);
static char *examples_text(const WatchCase *found);
static char *first_id(const WatchCase *found);
static char *bookings_without_table(const char *status);


void
monitor_orphans(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;

	if (judge_case(finding, "orphans", &figures->orphans, "confirmed booking", "confirmed bookings", "no confirmed booking"))
		finding->remedy = seating_call("Critical: these guests have no dining table. SELECT * FROM menuca_fix_orphaned_bookings();");
}

void
monitor_zone_lock(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;

	if (!figures->has_zone_column)
	{
		finding_skip(finding, "bookings have no column assigned_zone_id", NULL);
		return;
	}
	if (judge_case(finding, "pending_zone_lock", &figures->zone_locks, "waiting booking", "waiting bookings", "no waiting booking"))
		finding->remedy = seating_call("A zone without a dining table is stale, and other programs search in it alone: SELECT * FROM menuca_clear_zone_locks();");
}

void
monitor_overlaps(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;

	if (judge_case(finding, "overlaps", &figures->overlaps, "assignment", "assignments", "no assignment of a booking that is not over"))
		finding->remedy = seating_call("Two parties will stand before one dining table. The rows, and what prevents it: SELECT name, status, reason, next_step FROM menuca_seating_deploy();");
}

void
monitor_seated_without(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;

	if (judge_case(finding, "seated_without_table", &figures->seated_without, "booking that is checked in", "bookings that are checked in", "no booking that is checked in"))
		finding->remedy = psprintf("These guests sit somewhere, and their dining table counts as free. Complete those who have left; for the others, write where they sit: %s",
								   bookings_without_table("checked_in"));
}

void
monitor_without_zone(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;
	const SeatingSchema *schema;

	if (!figures->has_zone_column)
	{
		finding_skip(finding, "bookings have no column assigned_zone_id", NULL);
		return;
	}
	if (!judge_case(finding, "confirmed_without_zone", &figures->without_zone, "confirmed booking with a dining table in a zone",
					"confirmed bookings with a dining table in a zone", "no confirmed booking with a dining table in a zone"))
		return;
	schema = seating_schema_find();
	finding->remedy = psprintf("Somebody has assigned past the functions; their zones: SELECT DISTINCT b.id, t.zone_id FROM %s b JOIN %s a ON a.booking_id = b.id JOIN %s t ON t.id = a.table_id"
							   " WHERE b.status::text = 'confirmed' AND b.assigned_zone_id IS NULL AND t.zone_id IS NOT NULL ORDER BY b.id, t.zone_id;",
							   schema->bookings, schema->assignments, schema->dining_tables);
}

void
monitor_dominated(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;
	const WatchCase *dominated = &figures->dominated;
	bool		judged = judge_case(finding, "dominated", dominated, "booking with several dining tables", "bookings with several dining tables",
									"no booking with several dining tables");
	StringInfoData json;

	initStringInfo(&json);
	json_begin(&json);
	json_count(&json, "of", dominated->of);
	json_count(&json, "count", dominated->n);
	json_pct(&json, "dominated_pct", dominated->n, dominated->of);
	json_count(&json, "not_judged", figures->not_judged.n);
	json_texts(&json, "examples", dominated->examples);
	json_end(&json);
	finding->metadata = json.data;
	if (judged)
		finding->remedy = seating_call("The planner never does so: they were assigned otherwise, or the floor has changed. Before its guests come, such a booking can be seated again: SELECT * FROM menuca_unassign_tables('%1$s'); SELECT * FROM menuca_auto_assign('%1$s');",
									   first_id(dominated));
	if (figures->not_judged.n == 0)
		return;

	/* What cannot be judged is never a pass. */
	if (finding->status == CHECK_PASS)
		finding->status = CHECK_WARN;
	finding->detail = psprintf("%s%s%s not judged: %s", finding->detail ? finding->detail : "", finding->detail ? "; " : "",
							   format_things(figures->not_judged.n, "booking"), examples_text(&figures->not_judged));
}

void
monitor_holds(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;
	WatchCase	holds = {.of = figures->holds,.n = figures->expired_holds};

	if (figures->holds < 0)
	{
		finding_skip(finding, "there is no table table_holds", NULL);
		return;
	}
	if (judge_case(finding, "unswept_holds", &holds, "hold", "holds", "no hold"))
		finding->remedy = psprintf("They bar nothing here, but programs that do not look at expires_at, and constraints, count them: DELETE FROM %s WHERE expires_at <= now();",
								   seating_schema_find()->holds);
}

void
monitor_unreadable(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;

	if (judge_case(finding, "unreadable", &figures->unreadable, "booking", "bookings", "no booking"))
		finding->remedy = psprintf("No dining tables can be found for them: SELECT * FROM %s WHERE id = '%s';",
								   seating_schema_find()->bookings, first_id(&figures->unreadable));
}

/*
 * Sets status, texts and metadata of a number of bad ones among those that were looked at;
 * without any, SKIP.  Returns true if the target is missed.
 */
static bool
judge_case(Finding *finding, const char *name, const WatchCase *found, const char *one, const char *several, const char *nothing)
{
	const WatchTarget *target = watch_target_read(name);

	finding->expected = watch_target_text(target);
	finding->metadata = case_metadata(found);
	if (found->of == 0)
	{
		finding_skip(finding, pstrdup(nothing), NULL);
		return false;
	}
	finding->status = watch_target_judge(target, found->n);
	finding->actual = psprintf("%s of %s %s", format_count(found->n), format_count(found->of), found->of == 1 ? one : several);
	if (found->n > 0 && found->examples)
		finding->detail = examples_text(found);
	return finding->status != CHECK_PASS;
}

static char *
case_metadata(const WatchCase *found)
{
	StringInfoData json;

	initStringInfo(&json);
	json_begin(&json);
	json_count(&json, "of", Max(found->of, 0));
	json_count(&json, "count", found->n);
	json_texts(&json, "examples", found->examples);
	json_end(&json);
	return json.data;
}

static char *
examples_text(const WatchCase *found)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, found->examples)
		format_append(&text, "; ", "%s", format_one_line(lfirst(lc)));
	if (list_length(found->examples) == WATCH_EXAMPLES && found->n > WATCH_EXAMPLES)
		appendStringInfoString(&text, "; ...");
	return text.data;
}

static char *
first_id(const WatchCase *found)
{
	return found->examples ? pnstrdup(linitial(found->examples), ID_LENGTH) : "...";
}

static char *
bookings_without_table(const char *status)
{
	const SeatingSchema *schema = seating_schema_find();

	return psprintf("SELECT b.id, b.status FROM %s b WHERE b.status::text = '%s' AND NOT EXISTS (SELECT FROM %s a WHERE a.booking_id = b.id) ORDER BY b.id;",
					schema->bookings, status, schema->assignments);
}
