/*-------------------------------------------------------------------------
 *
 * monitor_figures.c
 *	  The monitor's checks of shares, averages and times: see monitor_figures.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/timestamp.h"

#include "base/format.h"
#include "base/json.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "watch/monitor_figures.h"
#include "watch/watch_counts.h"
#include "watch/watch_target.h"

/* Combinations that a detail names; the others are in metadata. */
#define NAMED_COMBINATIONS 3

static char *usage_metadata(const WatchFigures *figures);
static bool can_be_judged(const WatchTarget *target, int64 n);
static char *success_metadata(const WatchFigures *figures);
static char *reasons_detail(const WatchFigures *figures);
static char *tables_metadata(const WatchFigures *figures);
static void append_combinations(StringInfo json, const WatchFigures *figures);
static char *tables_detail(const WatchFigures *figures);
static int	commonest_number(const WatchFigures *figures);
static char *joined(const List *numbers);
static char *latency_metadata(const WatchFigures *figures);
static double variant_share(const WatchTally *tally, bool is_usage, int64 *whole);
static char *compare_variants_by(const WatchFigures *figures, const char *name);
static char *variants_metadata(const WatchFigures *figures);
static void number_member(StringInfo json, const char *key, double value, int decimals);
static char *milliseconds(double microseconds);


void
monitor_usage(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;
	const WatchTally *all = &figures->all;
	const WatchTally *reached = &figures->reached;
	const WatchTarget *target = watch_target_read("usage");
	double		share;

	finding->expected = watch_target_text(target);
	finding->metadata = usage_metadata(figures);
	if (all->seated == 0)
	{
		finding_skip(finding, "no seated booking", NULL);
		return;
	}
	if (reached->seated == 0)
	{
		finding_skip(finding, "no seated booking of a restaurant that the rollout has reached", NULL);
		return;
	}
	share = reached->combinations * 100.0 / reached->seated;
	finding->status = watch_target_judge(target, share);
	finding->actual = psprintf("%s (%s of %s%s)", format_pct(reached->combinations, reached->seated),
							   format_count(reached->combinations), format_things(reached->seated, "seated booking"),
							   reached->seated < all->seated ? " where the rollout is" : "");
	finding->detail = psprintf("%s of %s (%s) %s for a party that no single dining table of the restaurant seats; of the combinations, %s %s for such a party.",
							   format_count(all->no_single), format_things(figures->countable, "booking"),
							   format_pct(all->no_single, figures->countable), all->no_single == 1 ? "is" : "are",
							   format_count(figures->needed), figures->needed == 1 ? "is" : "are");
	if (finding->status == CHECK_FAIL && !can_be_judged(target, reached->seated))
		finding_skip(finding, psprintf("%s, which is too few: no number of them is within the alerts", finding->actual), NULL);
	else if (share < target->from)
		finding->remedy = seating_call("Perhaps sets are off, dining tables are not movable, or adjacency is too strict: SELECT * FROM menuca_seating_settings WHERE key IN ('planner', 'merges', 'k_max', 'max_overage', 'adjacency', 'combinations') ORDER BY restaurant_id, key;");
	else if (share > target->to)
		finding->remedy = seating_call("Perhaps there are too few large dining tables; which restaurants join most: SELECT * FROM menuca_seating_figures_by_restaurant(%d);", figures->days);
}

/* Of one booking, the share is 0 or 100 %: neither says anything. */
static bool
can_be_judged(const WatchTarget *target, int64 n)
{
	return isinf(target->below) || isinf(target->above) ||
		floor(target->above * n / 100) >= ceil(target->below * n / 100);
}

static char *
usage_metadata(const WatchFigures *figures)
{
	const WatchTally *all = &figures->all;
	StringInfoData json;

	initStringInfo(&json);
	json_begin(&json);
	json_count(&json, "bookings", figures->countable);
	json_count(&json, "seated", all->seated);
	json_count(&json, "single", all->seated - all->combinations);
	json_count(&json, "combinations", all->combinations);
	json_pct(&json, "usage_pct", all->combinations, all->seated);
	json_count(&json, "no_single_table", all->no_single);
	json_pct(&json, "no_single_table_pct", all->no_single, figures->countable);
	json_count(&json, "combinations_needed", figures->needed);
	json_count(&json, "reached_seated", figures->reached.seated);
	json_count(&json, "reached_combinations", figures->reached.combinations);
	json_count(&json, "all_bookings", all->bookings);
	json_count(&json, "pending", figures->states[WATCH_PENDING]);
	json_count(&json, "pending_allocation", figures->states[WATCH_PENDING_ALLOCATION]);
	json_count(&json, "confirmed", figures->states[WATCH_CONFIRMED]);
	json_count(&json, "checked_in", figures->states[WATCH_CHECKED_IN]);
	json_count(&json, "completed", figures->states[WATCH_COMPLETED]);
	json_count(&json, "cancelled", figures->states[WATCH_CANCELLED]);
	json_count(&json, "no_show", figures->states[WATCH_NO_SHOW]);
	json_count(&json, "other", figures->states[WATCH_OTHER]);
	json_end(&json);
	return json.data;
}

void
monitor_success(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;
	const WatchTarget *target = watch_target_read("success");

	finding->expected = watch_target_text(target);
	finding->metadata = success_metadata(figures);
	if (figures->attempted == 0)
	{
		finding_skip(finding, "no attempt", NULL);
		return;
	}
	finding->status = watch_target_judge(target, figures->succeeded * 100.0 / figures->attempted);
	finding->actual = psprintf("%s (%s of %s)", format_pct(figures->succeeded, figures->attempted),
							   format_count(figures->succeeded), format_things(figures->attempted, "attempted booking"));
	finding->detail = reasons_detail(figures);
	if (finding->status != CHECK_PASS)
		finding->remedy = seating_call("The reasons in words: SELECT reason, count(*) FROM menuca_seating_attempt WHERE outcome = 'none' AND attempted_at >= now() - interval '%d hours' GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 20;",
									   figures->days * 24);
}

static char *
success_metadata(const WatchFigures *figures)
{
	static const char *const keys[WATCH_OUTCOME_COUNT] = {
		[WATCH_ASSIGNED] = "assigned",[WATCH_MOVED] = "moved",[WATCH_ALREADY] = "already",[WATCH_NO_PLAN] = "none",
		[WATCH_CONFLICT] = "conflict",[WATCH_OFF] = "off",[WATCH_BOOKING_STATE] = "state",[WATCH_UNKNOWN] = "unknown"
	};
	StringInfoData json;
	StringInfoData reasons;
	ListCell   *lc;
	int64		attempts = 0;

	initStringInfo(&json);
	initStringInfo(&reasons);
	json_begin(&json);
	json_count(&json, "attempted", figures->attempted);
	json_count(&json, "succeeded", figures->succeeded);
	json_pct(&json, "success_pct", figures->succeeded, figures->attempted);
	for (int i = WATCH_ASSIGNED; i < WATCH_OUTCOME_COUNT; i++)
	{
		attempts += figures->outcomes[i];
		json_count(&json, keys[i], figures->outcomes[i]);
	}
	json_count(&json, "attempts", attempts);
	json_begin(&reasons);
	foreach(lc, figures->reasons)
		json_count(&reasons, ((const WatchReason *) lfirst(lc))->kind, ((const WatchReason *) lfirst(lc))->bookings);
	json_end(&reasons);
	json_raw(&json, "none_by_reason", reasons.data);
	json_end(&json);
	return json.data;
}

/* "Without a plan at last: 3 busy, 1 capacity.  2 attempts with off and state do not count." */
static char *
reasons_detail(const WatchFigures *figures)
{
	int64		ignored = figures->outcomes[WATCH_OFF] + figures->outcomes[WATCH_BOOKING_STATE];
	StringInfoData detail;
	StringInfoData reasons;
	ListCell   *lc;

	initStringInfo(&detail);
	initStringInfo(&reasons);
	foreach(lc, figures->reasons)
		format_append(&reasons, ", ", "%s %s", format_count(((const WatchReason *) lfirst(lc))->bookings), ((const WatchReason *) lfirst(lc))->kind);
	if (reasons.len > 0)
		format_append(&detail, " ", "Without a plan: %s.", reasons.data);
	if (ignored > 0)
		format_append(&detail, " ", "%s with the outcome off or state %s not count.", format_things(ignored, "attempt"), ignored == 1 ? "does" : "do");
	return detail.len > 0 ? detail.data : NULL;
}

void
monitor_tables(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;
	const WatchTarget *target = watch_target_read("tables");
	int64		seated = figures->all.seated;

	finding->expected = watch_target_text(target);
	finding->metadata = tables_metadata(figures);
	if (seated == 0)
	{
		finding_skip(finding, "no seated booking", NULL);
		return;
	}
	finding->status = watch_target_judge(target, (double) figures->tables / seated);
	finding->actual = psprintf("%.2f on average, at most %s", (double) figures->tables / seated, format_count(figures->most_tables));
	finding->detail = tables_detail(figures);
	if (finding->status != CHECK_PASS)
		finding->remedy = seating_call("Perhaps k_max is too high, or there are too few large dining tables: SELECT * FROM menuca_seating_figures_combinations(%d);", figures->days);
}

static char *
tables_metadata(const WatchFigures *figures)
{
	StringInfoData json;
	StringInfoData by_tables;

	initStringInfo(&json);
	initStringInfo(&by_tables);
	json_begin(&json);
	json_count(&json, "seated", figures->all.seated);
	json_count(&json, "tables", figures->tables);
	if (figures->all.seated > 0)
		number_member(&json, "average_tables", (double) figures->tables / figures->all.seated, 4);
	else
		json_raw(&json, "average_tables", "null");
	json_count(&json, "most_tables", figures->most_tables);
	json_count(&json, "commonest_number", commonest_number(figures));
	json_begin(&by_tables);
	for (int n = 1; n <= WATCH_MAX_TABLES; n++)
	{
		if (figures->by_tables[n] > 0)
			json_count(&by_tables, psprintf("%d", n), figures->by_tables[n]);
	}
	json_end(&by_tables);
	json_raw(&json, "by_tables", by_tables.data);
	json_count(&json, "different_combinations", figures->ncombinations);
	append_combinations(&json, figures);
	json_end(&json);
	return json.data;
}

static void
append_combinations(StringInfo json, const WatchFigures *figures)
{
	StringInfoData list;
	ListCell   *lc;

	initStringInfo(&list);
	foreach(lc, figures->combinations)
	{
		const WatchNamedCombination *combination = lfirst(lc);
		StringInfoData one;

		initStringInfo(&one);
		json_begin(&one);
		json_text(&one, "restaurant_id", combination->has_restaurant ? refusal_id(&combination->restaurant) : NULL);
		json_texts(&one, "tables", combination->numbers);
		json_count(&one, "bookings", combination->bookings);
		json_end(&one);
		format_append(&list, ", ", "%s", one.data);
	}
	json_raw(json, "commonest", psprintf("[%s]", list.data));
}

static char *
tables_detail(const WatchFigures *figures)
{
	StringInfoData names;
	ListCell   *lc;

	if (figures->combinations == NIL)
		return "No booking has several dining tables.";
	initStringInfo(&names);
	foreach(lc, figures->combinations)
	{
		const WatchNamedCombination *combination = lfirst(lc);

		if (foreach_current_index(lc) == NAMED_COMBINATIONS)
			break;
		format_append(&names, ", ", "%s (%s)", joined(combination->numbers), format_count(combination->bookings));
	}
	return psprintf("A combination has %d dining tables most often; the commonest of %s: %s.", commonest_number(figures),
					format_count(figures->ncombinations), names.data);
}

/* Of dining tables of a combination, 0 without any; the smaller one of two. */
static int
commonest_number(const WatchFigures *figures)
{
	int			commonest = 0;

	for (int n = 2; n <= WATCH_MAX_TABLES; n++)
	{
		if (figures->by_tables[n] > (commonest == 0 ? 0 : figures->by_tables[commonest]))
			commonest = n;
	}
	return commonest;
}

static char *
joined(const List *numbers)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, numbers)
		format_append(&text, " + ", "%s", format_one_line(lfirst(lc)));
	return text.data;
}

void
monitor_zone_conflicts(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;
	const WatchTarget *target = watch_target_read("zone_conflicts");
	StringInfoData json;

	initStringInfo(&json);
	json_begin(&json);
	json_count(&json, "attempts", figures->durations);
	json_count(&json, "zone_attempts", figures->zone_attempts);
	json_count(&json, "conflicts", figures->zone_conflicts);
	json_count(&json, "days", figures->days);
	number_member(&json, "conflicts_per_day", (double) figures->zone_conflicts / figures->days, 2);
	json_end(&json);
	finding->metadata = json.data;
	finding->expected = watch_target_text(target);
	if (figures->durations == 0)
	{
		finding_skip(finding, "no attempt", NULL);
		return;
	}
	finding->status = watch_target_judge(target, (double) figures->zone_conflicts / figures->days);
	finding->actual = psprintf("%.2f a day (%s of %s with a zone in %s)", (double) figures->zone_conflicts / figures->days,
							   format_count(figures->zone_conflicts), format_things(figures->zone_attempts, "attempt"),
							   format_things(figures->days, "day"));
	if (finding->status != CHECK_PASS)
		finding->remedy = seating_call("SELECT zone_id, outcome, count(*) FROM menuca_seating_attempt WHERE zone_id IS NOT NULL AND outcome IN ('none', 'conflict') AND attempted_at >= now() - interval '%d hours' GROUP BY zone_id, outcome ORDER BY count(*) DESC, zone_id LIMIT 20;",
									   figures->days * 24);
}

void
monitor_latency(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;
	const WatchTarget *target = watch_target_read("latency");
	double		average;

	finding->expected = watch_target_text(target);
	finding->metadata = latency_metadata(figures);
	if (figures->durations == 0)
	{
		finding_skip(finding, "no attempt", NULL);
		return;
	}
	average = figures->duration_sum / figures->durations;
	finding->status = watch_target_judge(target, average / USECS_PER_SEC);
	finding->actual = psprintf("%s ms on average of %s", milliseconds(average), format_things(figures->durations, "attempt"));
	finding->detail = psprintf("p50 %s ms, p95 %s ms, p99 %s ms, at most %s ms.", milliseconds(figures->duration_p50),
							   milliseconds(figures->duration_p95), milliseconds(figures->duration_p99), milliseconds(figures->duration_most));
	if (finding->status != CHECK_PASS)
		finding->remedy = seating_call("Which are slow: SELECT booking_id, restaurant_id, party_size, outcome, scope, duration FROM menuca_seating_attempt WHERE attempted_at >= now() - interval '%d hours' ORDER BY duration DESC LIMIT 20; the settings that make the planner faster are k_max 2, max_evaluations 500, and an adjacency.",
									   figures->days * 24);
}

static char *
latency_metadata(const WatchFigures *figures)
{
	StringInfoData json;

	initStringInfo(&json);
	json_begin(&json);
	json_count(&json, "attempts", figures->durations);
	if (figures->durations > 0)
	{
		number_member(&json, "average_ms", figures->duration_sum / figures->durations / 1000, 3);
		number_member(&json, "p50_ms", figures->duration_p50 / 1000.0, 3);
		number_member(&json, "p95_ms", figures->duration_p95 / 1000.0, 3);
		number_member(&json, "p99_ms", figures->duration_p99 / 1000.0, 3);
		number_member(&json, "most_ms", figures->duration_most / 1000.0, 3);
	}
	json_end(&json);
	return json.data;
}

void
monitor_variants(void *subject, Finding *finding)
{
	const WatchFigures *figures = subject;
	char	   *usage;
	char	   *success;
	StringInfoData actual;
	ListCell   *lc;

	finding->expected = "no variant misses a target of usage or success that another one meets";
	finding->metadata = variants_metadata(figures);
	if (list_length(figures->variants) < 2)
	{
		finding_skip(finding, figures->variants == NIL ? "no variant" : "one variant only", NULL);
		return;
	}
	initStringInfo(&actual);
	foreach(lc, figures->variants)
	{
		const WatchVariant *variant = lfirst(lc);

		format_append(&actual, "; ", "%s: usage %s, success %s", format_one_line(variant->name),
					  format_pct(variant->tally.combinations, variant->tally.seated),
					  format_pct(variant->tally.succeeded, variant->tally.attempted));
	}
	finding->actual = actual.data;
	usage = compare_variants_by(figures, "usage");
	success = compare_variants_by(figures, "success");
	if (usage == NULL && success == NULL)
		return;
	finding->status = CHECK_WARN;
	finding->detail = psprintf("%s%s%s", usage ? usage : "", usage && success ? " " : "", success ? success : "");
	finding->remedy = seating_call("Settings by restaurant: SELECT * FROM menuca_seating_settings ORDER BY restaurant_id, key;");
}

/* Which variants miss a target that others meet, as a sentence; NULL for none. */
static char *
compare_variants_by(const WatchFigures *figures, const char *name)
{
	const WatchTarget *target = watch_target_read(name);
	StringInfoData missing;
	bool		met = false;
	ListCell   *lc;

	initStringInfo(&missing);
	foreach(lc, figures->variants)
	{
		const WatchVariant *variant = lfirst(lc);
		int64		whole;
		double		share = variant_share(&variant->tally, strcmp(name, "usage") == 0, &whole);

		if (whole == 0)
			continue;
		if (watch_target_judge(target, share) == CHECK_PASS)
			met = true;
		else
			format_append(&missing, ", ", "%s", format_one_line(variant->name));
	}
	return met && missing.len > 0 ? psprintf("The target of %s is missed by %s.", name, missing.data) : NULL;
}

static double
variant_share(const WatchTally *tally, bool is_usage, int64 *whole)
{
	*whole = is_usage ? tally->seated : tally->attempted;
	return *whole == 0 ? 0 : (is_usage ? tally->combinations : tally->succeeded) * 100.0 / *whole;
}

static char *
variants_metadata(const WatchFigures *figures)
{
	StringInfoData json;
	ListCell   *lc;

	initStringInfo(&json);
	json_begin(&json);
	foreach(lc, figures->variants)
	{
		const WatchVariant *variant = lfirst(lc);
		StringInfoData one;

		initStringInfo(&one);
		json_begin(&one);
		json_count(&one, "attempted", variant->tally.attempted);
		json_count(&one, "succeeded", variant->tally.succeeded);
		json_pct(&one, "success_pct", variant->tally.succeeded, variant->tally.attempted);
		json_count(&one, "seated", variant->tally.seated);
		json_count(&one, "combinations", variant->tally.combinations);
		json_pct(&one, "usage_pct", variant->tally.combinations, variant->tally.seated);
		json_end(&one);
		json_raw(&json, variant->name, one.data);
	}
	json_end(&json);
	return json.data;
}

static void
number_member(StringInfo json, const char *key, double value, int decimals)
{
	json_raw(json, key, psprintf("%.*f", decimals, value));
}

static char *
milliseconds(double microseconds)
{
	return psprintf("%.3f", microseconds / 1000);
}
