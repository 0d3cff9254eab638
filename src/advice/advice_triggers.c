/*-------------------------------------------------------------------------
 *
 * advice_triggers.c
 *	  The triggers of a rollback: see advice_triggers.h.
 *
 * They are those of the tickets and of the deployment checklist, in the order of
 * how bad they are.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "advice/advice_pages.h"
#include "advice/advice_triggers.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"

/* The thresholds of the tickets and the checklist. */
#define ERRORS_PCT 5.0
#define P95_FACTOR 2.0
#define SLOWDOWN_FACTOR 2.0
#define ORPHANS_PCT 20.0
#define COMPLAINTS_PER_HOUR 10

/* A query that is that much slower and no more is within what a machine does by itself. */
#define SLOWDOWN_LEAST_MS 1.0

static void look_corruption(const AdviceFacts *facts, Advice *advice);
static void look_rows_lost(const AdviceFacts *facts, Advice *advice);
static void look_breach(const AdviceFacts *facts, Advice *advice);
static void look_denied(const AdviceFacts *facts, Advice *advice);
static void look_orders(const AdviceFacts *facts, Advice *advice);
static void look_wrong_combos(const AdviceFacts *facts, Advice *advice);
static void look_performance(const AdviceFacts *facts, Advice *advice);
static void look_errors(const AdviceFacts *facts, Advice *advice);
static void look_p95(const AdviceFacts *facts, Advice *advice);
static void look_orphans(const AdviceFacts *facts, Advice *advice);
static void look_complaints(const AdviceFacts *facts, Advice *advice);

const AdviceTrigger advice_triggers[] = {
	{"corruption", "any item that points to nothing, row that says something else, or damaged page", true, ROLLBACK_RESTORE, look_corruption},
	{"rows_lost", "more than 1 % of a table's rows, or any combo group", true, ROLLBACK_RESTORE, look_rows_lost},
	{"security_breach", "any cell of the access matrix that is allowed and must be refused", true, ROLLBACK_ACCESS, look_breach},
	{"access_denied", "any cell of the access matrix that is refused and must be allowed", true, ROLLBACK_ACCESS, look_denied},
	{"orders_blocked", "visitors see no dish or no combo, or a person attests that an order cannot be made", true, ROLLBACK_ACCESS, look_orders},
	{"wrong_combos", "any item of another restaurant, repeated pair, or item that its source row does not explain", true, ROLLBACK_ITEMS, look_wrong_combos},
	{"performance", "a query takes more than twice its time of before the changes, and 1 ms more", true, ROLLBACK_INDEXES, look_performance},
	{"errors", "more than 5 % of the transactions since the last change, or of the requests of the newest load run", false, ROLLBACK_SNAPSHOT, look_errors},
	{"p95", "more than twice that of the newest load run before the last change", false, ROLLBACK_INDEXES, look_p95},
	{"orphan_rate", "more than 20 % after a fix, unless accepted, or more than before it", false, ROLLBACK_ITEMS, look_orphans},
	{"complaints", "attested, or more than 10 issues reported within an hour", false, ROLLBACK_SNAPSHOT, look_complaints},
};
const int	advice_ntriggers = lengthof(advice_triggers);

/* A text and a time that a query found. */
typedef struct Found
{
	char	   *text;
	bool		has_time;
	TimestampTz time;
} Found;

static void judge_checks(const AdviceFacts *facts, const char *const *names, int n, Advice *advice);
static const ValidationRow *find_check(const AdviceFacts *facts, const char *name);
static void set_since_of_check(const AdviceFacts *facts, const char *name, Advice *advice);
static void judge_matrix(const AdviceFacts *facts, int64 wrong, const char *example, Advice *advice);
static void set_unknown(Advice *advice, char *why, char *next_step);
static void set_triggered(Advice *advice, char *figure);
static void add_figure(Advice *advice, char *figure);
static void add_attested(const AdviceFacts *facts, const char *items, Advice *advice);
static List *find_texts(const char *sql, QueryArgs *args);
static void *make_found(TupleTableSlot *slot);


static void
look_corruption(const AdviceFacts *facts, Advice *advice)
{
	static const char *const names[] = {"references", "row_contents"};
	ListCell   *lc;

	judge_checks(facts, names, lengthof(names), advice);
	foreach(lc, facts->validation)
	{
		const ValidationRow *row = lfirst(lc);

		/* data_corrupted and index_corrupted */
		if (row->actual && (strstr(row->actual, "SQLSTATE XX001") || strstr(row->actual, "SQLSTATE XX002")))
			set_triggered(advice, psprintf("%s: %s", row->name, row->actual));
	}
	advice_pages_look(advice);
}

static void
look_rows_lost(const AdviceFacts *facts, Advice *advice)
{
	static const char *const names[] = {"row_counts"};

	judge_checks(facts, names, lengthof(names), advice);
}

static void
look_wrong_combos(const AdviceFacts *facts, Advice *advice)
{
	static const char *const names[] = {"cross_restaurant", "duplicate_pairs", "legacy_ids"};

	judge_checks(facts, names, lengthof(names), advice);
}

/* One that fails triggers; otherwise one without a result leaves it open. */
static void
judge_checks(const AdviceFacts *facts, const char *const *names, int n, Advice *advice)
{
	StringInfoData passed;
	StringInfoData open;

	initStringInfo(&passed);
	initStringInfo(&open);
	for (int i = 0; i < n; i++)
	{
		const ValidationRow *row = find_check(facts, names[i]);
		const char *actual = row && row->actual ? row->actual : facts->no_validation ? facts->no_validation : "no result";

		if (row && strcmp(row->status, "FAIL") == 0)
		{
			set_triggered(advice, psprintf("%s: %s", names[i], actual));
			set_since_of_check(facts, names[i], advice);
		}
		else if (row && (strcmp(row->status, "PASS") == 0 || strcmp(row->status, "WARN") == 0))
			format_append(&passed, "; ", "%s: %s", names[i], actual);
		else
			format_append(&open, "; ", "%s: %s", names[i], actual);
	}
	if (advice->triggered)
		return;
	if (open.len > 0)
		set_unknown(advice, open.data, migrate_call("SELECT * FROM menuca_validate();"));
	else
		advice->figure = passed.data;
}

static const ValidationRow *
find_check(const AdviceFacts *facts, const char *name)
{
	ListCell   *lc;

	foreach(lc, facts->validation)
	{
		const ValidationRow *row = lfirst(lc);

		if (strcmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}

/* Since a ticket has found it, if one has. */
static void
set_since_of_check(const AdviceFacts *facts, const char *name, Advice *advice)
{
	QueryArgs	args = {0};
	List	   *found;
	const Found *first;

	query_arg_int8(&args, facts->environment->id);
	query_arg_text(&args, name);
	found = find_texts(psprintf("SELECT NULL::text AS text, %smenuca_failing_since($1, $2) AS time", migrate_schema()), &args);
	first = linitial(found);
	if (first->has_time && (!advice->has_since || first->time < advice->since))
	{
		advice->has_since = true;
		advice->since = first->time;
	}
}

static void
look_breach(const AdviceFacts *facts, Advice *advice)
{
	judge_matrix(facts, facts->matrix.open, facts->matrix.open_example, advice);

	/* What was before may be more open still */
	if (advice->triggered)
		advice->next_step = migrate_call("SELECT * FROM menuca_deploy_access();");
}

static void
look_denied(const AdviceFacts *facts, Advice *advice)
{
	judge_matrix(facts, facts->matrix.closed, facts->matrix.closed_example, advice);
}

static void
judge_matrix(const AdviceFacts *facts, int64 wrong, const char *example, Advice *advice)
{
	if (facts->no_matrix && !facts->access_deployed)
		advice->figure = facts->no_matrix;
	else if (facts->no_matrix)
		set_unknown(advice, facts->no_matrix, migrate_call("SELECT * FROM menuca_test_access() WHERE status <> 'PASS';"));
	else if (facts->matrix.cells == 0)
		set_unknown(advice, pstrdup("no cell of the matrix could be tried"), migrate_call("SELECT * FROM menuca_test_access();"));
	else if (wrong == 0)
		advice->figure = psprintf("none of %s", format_things(facts->matrix.cells, "cell"));
	else
	{
		set_triggered(advice, psprintf("%s of %s, such as %s", format_count(wrong), format_things(facts->matrix.cells, "cell"), example));
		set_since_of_check(facts, "matrix", advice);
	}
}

/* Whether visitors see anything can be tried; whether an order can be made, people attest. */
static void
look_orders(const AdviceFacts *facts, Advice *advice)
{
	int64		counts[4];

	add_attested(facts, "login,menu,combo,cart,checkout", advice);
	if (advice->triggered)
		return;
	advice_visitors_see(counts);
	if (counts[1] == 0)
		set_unknown(advice, pstrdup("there is no dish"), NULL);
	else if (counts[0] == 0 || (counts[2] == 0 && counts[3] > 0))
		set_triggered(advice, psprintf("visitors see %s of %s, and %s of %s with items",
									   format_count(counts[0]), format_things(counts[1], "dish"),
									   format_count(counts[2]), format_things(counts[3], "combo group")));
	else
		add_figure(advice, psprintf("visitors see %s of %s dishes, and %s of %s combo groups with items",
									format_count(counts[0]), format_count(counts[1]),
									format_count(counts[2]), format_count(counts[3])));
}

static void
look_performance(pg_attribute_unused() const AdviceFacts *facts, Advice *advice)
{
	List	   *found = NIL;
	ListCell   *lc;
	QueryArgs	args = {0};

	query_arg(&args, FLOAT8OID, Float8GetDatum(SLOWDOWN_FACTOR), false);
	query_arg(&args, FLOAT8OID, Float8GetDatum(SLOWDOWN_LEAST_MS), false);
	found = find_texts(psprintf("SELECT format('%%s: %%s ms, before %%s ms (restaurant %%s)', q.query, q.now_ms, q.before_ms, q.restaurant_id) AS text,"
								" CASE WHEN q.now_ms > $1 * q.before_ms AND q.now_ms > q.before_ms + $2 THEN q.before_at END AS time"
								" FROM %smenuca_query_slowdown() q ORDER BY q.query", migrate_schema()), &args);
	foreach(lc, found)
	{
		const Found *query = lfirst(lc);

		if (query->has_time)
			set_triggered(advice, query->text);
		else
			add_figure(advice, query->text);
	}
	if (found == NIL)
		set_unknown(advice, pstrdup("no query was measured before the changes"),
					migrate_call("SELECT * FROM menuca_record_queries('before');"));
}

/* A transaction that is rolled back is the nearest thing to an error that the server counts. */
static void
look_errors(const AdviceFacts *facts, Advice *advice)
{
	QueryArgs	args = {0};
	List	   *found;

	query_arg_int8(&args, facts->environment->id);
	query_arg(&args, FLOAT8OID, Float8GetDatum(ERRORS_PCT), false);
	found = find_texts(psprintf("SELECT format('%%s of %%s transactions rolled back, in %%s', f.rollbacks, f.commits + f.rollbacks, f.span) AS text,"
								" CASE WHEN f.rollbacks > $2 / 100 * (f.commits + f.rollbacks) THEN now() END AS time"
								" FROM %smenuca_monitor_figures($1, '24 hours', '24 hours') f"
								" WHERE f.samples >= 2 AND NOT f.counters_reset AND f.commits + f.rollbacks > 0", migrate_schema()), &args);
	found = list_concat(found, find_texts(psprintf("SELECT format('%%s of %%s requests of load run %%s failed', l.errors, l.requests, l.load_id) AS text,"
												   " CASE WHEN l.errors > $2 / 100 * l.requests THEN l.started_at END AS time"
												   " FROM %smenuca_load_run l WHERE l.environment_id = $1"
												   " ORDER BY l.load_id DESC LIMIT 1", migrate_schema()), &args));
	for (int i = 0; i < list_length(found); i++)
	{
		const Found *share = list_nth(found, i);

		if (share->has_time)
		{
			set_triggered(advice, share->text);
			advice->has_since = true;
			advice->since = share->time;
		}
		else
			add_figure(advice, share->text);
	}
	if (found == NIL)
		set_unknown(advice, pstrdup("there are no two samples since the last change, or the counters were reset between them"),
					migrate_call("SELECT menuca_monitor_sample();"));
}

static void
look_p95(const AdviceFacts *facts, Advice *advice)
{
	QueryArgs	args = {0};
	List	   *found;

	query_arg_int8(&args, facts->environment->id);
	query_arg(&args, FLOAT8OID, Float8GetDatum(P95_FACTOR), false);
	found = find_texts(psprintf("SELECT format('%%s ms in load run %%s, before the last change %%s ms in load run %%s%%s', c.p95_ms, c.load_id,"
								"  c.before_p95_ms, c.before_load_id, CASE WHEN c.of_menus THEN ', of menus' END) AS text,"
								" CASE WHEN c.p95_ms > $2 * c.before_p95_ms THEN c.started_at END AS time"
								" FROM %smenuca_load_comparison c WHERE c.environment_id = $1"
								"  AND c.p95_ms IS NOT NULL AND c.before_p95_ms IS NOT NULL ORDER BY c.load_id DESC LIMIT 1", migrate_schema()), &args);
	if (found == NIL)
		set_unknown(advice, pstrdup("there are no load runs from before the last change and after it that can be compared, with as many connections, and with the times of menus where items were inserted between: menuca-load makes them"), NULL);
	else
	{
		const Found *p95 = linitial(found);

		advice->figure = p95->text;
		advice->triggered = advice->has_since = p95->has_time;
		advice->since = p95->time;
	}
}

/* Before a fix nearly all groups are orphans; that is no reason to undo anything. */
static void
look_orphans(const AdviceFacts *facts, Advice *advice)
{
	QueryArgs	args = {0};
	List	   *found;
	ListCell   *lc;

	query_arg(&args, FLOAT8OID, Float8GetDatum(ORPHANS_PCT), false);
	found = find_texts(psprintf("SELECT format('%%s %%%% of %%s groups (%%s), before the fix %%s %%%%%%s', c.orphan_pct, c.groups, c.band,"
								"  c.orphan_pct_before, '; accepted up to ' || c.accepted_pct || ' %%') AS text,"
								" CASE WHEN c.orphan_pct > c.orphan_pct_before OR c.orphan_pct > greatest($1::numeric, c.accepted_pct)"
								"  THEN coalesce(c.fixed_at, now()) END AS time"
								" FROM %smenuca_orphan_change c ORDER BY c.target", migrate_schema()), &args);
	if (found == NIL)
		advice->figure = pstrdup("no fix is in force, so there is nothing to roll back");
	foreach(lc, found)
	{
		const Found *rate = lfirst(lc);

		if (!rate->has_time)
			add_figure(advice, rate->text);
		else
		{
			set_triggered(advice, rate->text);
			set_since_of_check(facts, "orphan_rate", advice);
		}
	}
}

static void
look_complaints(const AdviceFacts *facts, Advice *advice)
{
	QueryArgs	args = {0};
	List	   *found;
	const Found *issues;

	add_attested(facts, "complaints", advice);
	query_arg_int8(&args, facts->environment->id);
	query_arg_int8(&args, COMPLAINTS_PER_HOUR);
	found = find_texts(psprintf("SELECT format('%%s issues reported in the last hour', count(*)) AS text,"
								" CASE WHEN count(*) > $2 THEN min(i.reported_at) END AS time"
								" FROM %smenuca_issue i WHERE i.environment_id = $1 AND i.reported_at > now() - interval '1 hour'",
								migrate_schema()), &args);
	issues = linitial(found);
	if (!issues->has_time && advice->unknown)
		set_unknown(advice, psprintf("%s; %s", advice->figure, issues->text), NULL);
	else if (!issues->has_time)
		add_figure(advice, issues->text);
	else
	{
		set_triggered(advice, issues->text);
		advice->has_since = true;
		advice->since = issues->time;
	}
}

/* What a person has attested as FAILED triggers; that nobody has attested anything is said. */
static void
add_attested(const AdviceFacts *facts, const char *items, Advice *advice)
{
	QueryArgs	args = {0};
	List	   *found;
	ListCell   *lc;

	query_arg_int8(&args, facts->environment->id);
	query_arg_text(&args, items);
	found = find_texts(psprintf("SELECT format('%%s of ticket %%s: %%s by %%s%%s', s.item, s.ticket_no, s.result, s.who, ': ' || s.note) AS text,"
								" CASE s.result WHEN 'FAILED' THEN s.attested_at END AS time"
								" FROM %smenuca_checklist_state s WHERE s.environment_id = $1 AND s.counts"
								" AND s.item = ANY (string_to_array($2, ',')) ORDER BY s.attested_at", migrate_schema()), &args);
	foreach(lc, found)
	{
		const Found *attested = lfirst(lc);

		if (!attested->has_time)
			add_figure(advice, attested->text);
		else
		{
			set_triggered(advice, attested->text);
			if (!advice->has_since)
				advice->since = attested->time;
			advice->has_since = true;
		}
	}
	if (found == NIL)
		set_unknown(advice, pstrdup("nobody has attested anything"), NULL);
}

static void
set_unknown(Advice *advice, char *why, char *next_step)
{
	advice->unknown = true;
	advice->figure = why;
	advice->next_step = next_step;
}

/* The figures of what triggers come first. */
static void
set_triggered(Advice *advice, char *figure)
{
	advice->figure = advice->triggered ? psprintf("%s; %s", advice->figure, figure) : figure;
	advice->triggered = true;
	advice->unknown = false;
}

/* A figure that triggers nothing: of a trigger, it is no matter. */
static void
add_figure(Advice *advice, char *figure)
{
	if (advice->triggered)
		return;
	advice->figure = advice->figure ? psprintf("%s; %s", advice->figure, figure) : figure;
	advice->unknown = false;
}

/* The rows of a query that returns a text and a time. */
static List *
find_texts(const char *sql, QueryArgs *args)
{
	List	   *found;

	query_begin_snapshot();
	found = query_list(sql, args, make_found);
	query_end_snapshot();
	return found;
}

static void *
make_found(TupleTableSlot *slot)
{
	Found	   *found = palloc0(sizeof(Found));
	bool		isnull;

	found->text = slot_text_or_null_of(slot, "text");
	found->time = slot_time_of(slot, "time", &isnull);
	found->has_time = !isnull;
	return found;
}
