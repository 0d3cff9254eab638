/*-------------------------------------------------------------------------
 *
 * checks_mapping.c
 *	  Checks of the items against the source, and of the source against its run:
 *	  see checks_mapping.h.
 *
 * The plan says what each source row leads to today.  A run has recorded the same
 * for its day, as counts and checksums: as long as these agree, no row has to be
 * looked at.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/column.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/int8_sort.h"
#include "base/query.h"
#include "base/slot.h"
#include "check/accepted_change.h"
#include "check/check_judge.h"
#include "check/checks_mapping.h"
#include "check/item_origin.h"
#include "check/source_runs.h"
#include "check/validation_facts.h"

/* Share of the rows in percent that is a FAIL; less is a WARN or worth a line. */
#define MAX_CHANGED 1.0

static void judge_missing_source(const Facts *facts, Finding *finding);
static int64 *collect_items(const char *sql, QueryArgs *args, uint64 *n);
static void put_key(TupleTableSlot *slot, void *arg);
static void add_items_of_v2(Facts *facts, ItemOrigins *origins);
static char *of_v1(const Target *target, const char *keyword);
static char *wrong_items_query(const Facts *facts);
static bool run_rows_are_right(Facts *facts, const List *runs);
static bool other_items_are_outside(Facts *facts, const char *range);
static char *range_of_runs(const Facts *facts);
static int64 mapped_rows(const int64 *outcomes);
static int64 doubtful_rows(const int64 *outcomes);


/* 26: after a fix nothing is left to insert, unless items were deleted since. */
void
check_source_rows(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	uint64		missing;

	if (check_skip_without_source(facts, finding))
		return;
	missing = facts->plan->figures.outcomes[OUTCOME_INSERT];
	finding->status = missing == 0 ? CHECK_PASS : CHECK_FAIL;
	finding->expected = "no source row could be inserted";
	finding->actual = missing == 0 ? "none" : psprintf("%s of %s", format_count(missing),
													   format_things(facts->plan->figures.source_rows, "source row"));
	if (missing > 0)
	{
		finding->detail = "Either no fix was run since these rows can be mapped, or somebody has deleted or changed their items.";
		finding->remedy = migrate_call("To see them: SELECT * FROM menuca_plan_combos(%s) WHERE outcome = 'insert'; to insert them: SELECT * FROM menuca_fix_combos(%s);",
									   facts->arguments, facts->arguments);
	}
	finding->metadata = psprintf("{\"missing\": " UINT64_FORMAT "}", missing);
	if (accepted_change_has_run(facts))
		accepted_change_apply(facts, "source_rows", finding->metadata, finding);
}

/*
 * 27: an item of V1 that no source row leads to was made up, unless it is older
 * than the first run.  Items without a source system are the platform's own.
 */
void
check_unexplained_items(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Target *target = facts->target;
	UnexplainedPairs *pairs = &facts->unexplained;
	bool		knows_system = of_v1(target, "AND") != NULL;
	QueryArgs	args = {0};
	ItemOrigins origins;
	int64	   *items;
	uint64		n;
	uint64		unknown;
	uint64		old;

	if (check_skip_without_source(facts, finding))
		return;
	query_arg(&args, INT8ARRAYOID, query_int8_array(pairs->groups, NULL, pairs->n), false);
	query_arg(&args, INT8ARRAYOID, query_int8_array(pairs->dishes, NULL, pairs->n), false);
	items = collect_items(psprintf("SELECT i.%s::int8 FROM %s i JOIN unnest($1, $2) p (g, d) ON i.%s = p.g AND i.%s = p.d%s",
								   target->table.id, target->table.name, target->group, target->dish,
								   knows_system ? of_v1(target, "WHERE") : ""),
						  &args, &n);
	item_origins_count(target, items, n, &origins);
	if (knows_system)
		add_items_of_v2(facts, &origins);
	unknown = origins.count[ORIGIN_UNKNOWN];
	old = origins.count[ORIGIN_BASELINE];

	finding->status = unknown > 0 && origins.has_ledger && knows_system ? CHECK_FAIL :
		unknown > 0 || format_percentage(old, facts->census.items) > MAX_CHANGED ? CHECK_WARN : CHECK_PASS;
	finding->expected = "every item of V1 or V2 has a source row, was inserted by a run, or is older than the first run";
	finding->actual = unknown == 0 ? "none without" :
		psprintf("%s without%s", format_things(unknown, "item"),
				 origins.has_ledger ? "" : "; the ledger has no run, so they may be older than any");
	finding->detail = psprintf("%sWithout a source row, but in the ledger: %s from before the first run, %s of runs.%s",
							   unknown == 0 ? "" : psprintf("Their ids: %s. ", item_origins_text(&origins, ORIGIN_UNKNOWN)),
							   format_count(old), format_count(origins.count[ORIGIN_RUN]),
							   pairs->others == 0 ? "" : psprintf(" Not looked at: %s.", format_things(pairs->others, "further pair")));
	if (finding->status != CHECK_PASS)
		finding->remedy = psprintf("Compare them with the menu, and delete what is wrong: SELECT * FROM %s WHERE %s IN (%s);",
								   target->table.name, target->table.id,
								   item_origins_examples(&origins, unknown > 0 ? ORIGIN_UNKNOWN : ORIGIN_BASELINE));
	finding->metadata = psprintf("{\"unknown\": " UINT64_FORMAT ", \"older\": " UINT64_FORMAT ", \"of_runs\": " UINT64_FORMAT "}",
								 unknown, old, origins.count[ORIGIN_RUN]);
	accepted_change_apply(facts, "unexplained_items", psprintf("{\"items\": \"" UINT64_FORMAT "\"}", origins.fingerprint), finding);
}

/*
 * Of V2 all items are a run's: what claims to be V2's, and is newer than the first
 * run, was made up, too.  Only when the ledger misses some are they looked for.
 */
static void
add_items_of_v2(Facts *facts, ItemOrigins *origins)
{
	const Target *target = facts->target;
	const LedgerFacts *ledger = facts_ledger(facts);
	ItemOrigins of_v2;
	const char *range;
	int64	   *items;
	uint64		n;

	if (ledger->run_id == 0 || ledger->found.others == 0)
		return;
	range = range_of_runs(facts);
	items = collect_items(psprintf("SELECT i.%s::int8 FROM %s i WHERE i.source_system = 'v2'%s",
								   target->table.id, target->table.name,
								   range && other_items_are_outside(facts, range) ? psprintf(" AND (%s)", range) : ""),
						  NULL, &n);
	item_origins_count(target, items, n, &of_v2);
	if (of_v2.count[ORIGIN_UNKNOWN] == 0)
		return;
	for (int i = 0; i < of_v2.nexamples[ORIGIN_UNKNOWN] && origins->nexamples[ORIGIN_UNKNOWN] < ORIGIN_EXAMPLES; i++)
		origins->examples[ORIGIN_UNKNOWN][origins->nexamples[ORIGIN_UNKNOWN]++] = of_v2.examples[ORIGIN_UNKNOWN][i];
	origins->count[ORIGIN_UNKNOWN] += of_v2.count[ORIGIN_UNKNOWN];
	origins->fingerprint += of_v2.fingerprint;
}

/*
 * 28: an item remembers its source row by source_id.  Where the run's checksums
 * are those of today, the runs' items are right, and only the others are read.
 */
void
check_legacy_ids(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	ItemOrigins origins;
	const char *range = NULL;
	char	   *query;
	int64	   *items;
	uint64		n;
	uint64		wrong;

	if (check_skip_without_source(facts, finding))
		return;
	query = wrong_items_query(facts);
	if (query == NULL)
	{
		finding_skip(finding, "the items or the source have no ids of source rows", NULL);
		return;
	}

	if (run_rows_are_right(facts, source_runs_read(facts->target, facts->source)))
		range = range_of_runs(facts);
	if (range && other_items_are_outside(facts, range))
		query = psprintf("%s AND (%s)", query, range);
	items = collect_items(query, NULL, &n);
	item_origins_count(facts->target, items, n, &origins);
	wrong = n - origins.count[ORIGIN_BASELINE];

	finding->status = wrong > 0 ? CHECK_FAIL : n > 0 ? CHECK_WARN : CHECK_PASS;
	finding->expected = "group and dish of every item of V1 have the legacy ids of its source row";
	finding->actual = n == 0 ? "true for all of them" : psprintf("not true for %s", format_things(n, "item"));
	if (n > 0)
	{
		finding->detail = psprintf("Of runs: %s%s%s%s. From before the first run: %s. Neither: %s.",
								   format_count(origins.count[ORIGIN_RUN]), origins.count[ORIGIN_RUN] > 0 ? " (" : "",
								   item_origins_text(&origins, ORIGIN_RUN), origins.count[ORIGIN_RUN] > 0 ? ")" : "",
								   format_count(origins.count[ORIGIN_BASELINE]), format_count(origins.count[ORIGIN_UNKNOWN]));
		finding->remedy = "Find out who changed the legacy ids of groups or dishes, or the items, and restore them from the backup.";
	}
	finding->metadata = psprintf("{\"wrong_items\": " UINT64_FORMAT "}", n);
	accepted_change_apply(facts, "legacy_ids", psprintf("{\"items\": \"" UINT64_FORMAT "\"}", origins.fingerprint), finding);
}

/* 29: a source that was emptied is no source, but not the run's either. */
void
check_source_unchanged(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Source *source = facts->emptied ? facts->emptied : facts->source;
	PlanFigures none = {0};
	const PlanFigures *figures;
	const SourceRun *run;
	List	   *runs;

	if (source == NULL)
	{
		judge_missing_source(facts, finding);
		return;
	}
	runs = source_runs_read(facts->target, source);
	if (runs == NIL)
	{
		finding_skip(finding, "no run in effect has read this source by these columns", NULL);
		return;
	}

	run = linitial(runs);
	figures = facts->emptied ? &none : &facts->plan->figures;
	if ((uint64) run->source_rows != figures->source_rows ||
		(run->source_checksum && !source_runs_checksum_is(run->source_checksum, figures->source_checksum)))
		finding->status = CHECK_FAIL;
	finding->expected = psprintf("the %s that run %lld has read", format_things(run->source_rows, "row"), (long long) run->id);
	finding->actual = finding->status == CHECK_PASS ? "the same rows" :
		(uint64) run->source_rows != figures->source_rows ? format_things(figures->source_rows, "row") :
		"as many rows, but not the same";
	if (finding->status != CHECK_PASS)
	{
		finding->detail = "All checks against the source compare with other rows than the run did.";
		finding->remedy = psprintf("Load the dump that the run has read into %s again.", source->display_name);
	}
	finding->metadata = psprintf("{\"source_rows\": " UINT64_FORMAT ", \"rows_of_run\": %lld}",
								 figures->source_rows, (long long) run->source_rows);
	accepted_change_apply(facts, "source_unchanged",
						  psprintf("{\"source_checksum\": \"" UINT64_FORMAT "\"}", figures->source_checksum), finding);
}

/* A table that a run has read may be dropped after all was validated. */
static void
judge_missing_source(const Facts *facts, Finding *finding)
{
	QueryArgs	args = {0};
	char	   *source;

	query_arg_text(&args, facts->target->schema);
	query_arg_text(&args, facts->target->junction->name);
	source = query_text(psprintf("SELECT source FROM %smenuca_run WHERE kind = 'fix_combos' AND target_schema = $1 AND target = $2"
								 " AND status IN ('completed', 'gate_failed') AND inserted > 0 ORDER BY run_id DESC LIMIT 1",
								 migrate_schema()), &args);
	(void) check_skip_without_source(facts, finding);
	if (source == NULL)
		return;
	finding->status = CHECK_WARN;
	finding->expected = psprintf("the table %s, which a run has read", source);
	finding->actual = "no source is staged";
	finding->detail = "The items cannot be compared with the source.";
	accepted_change_apply(facts, "source_unchanged", "{\"source\": null}", finding);
}

/*
 * 30: rows that led to a group and a dish must still do.  When a dish is deleted
 * they cannot; but that they have become ambiguous, or lead elsewhere, means that
 * rows were added or that legacy ids or restaurants were changed.
 */
void
check_mapping_unchanged(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const PlanFigures *figures;
	const SourceRun *run;
	List	   *runs;
	int64		now[OUTCOME_COUNT];
	int64		lost;
	int64		doubtful;

	if (check_skip_without_source(facts, finding))
		return;
	runs = source_runs_read(facts->target, facts->source);
	figures = &facts->plan->figures;
	run = runs == NIL ? NULL : linitial(runs);
	if (run == NULL || (uint64) run->source_rows != figures->source_rows ||
		(run->source_checksum && !source_runs_checksum_is(run->source_checksum, figures->source_checksum)))
	{
		finding_skip(finding, run ? "the source is not what the run has read" :
					 "no run in effect has read this source by these columns", NULL);
		return;
	}

	for (int i = 0; i < OUTCOME_COUNT; i++)
		now[i] = (int64) figures->outcomes[i];
	lost = mapped_rows(run->outcomes) - mapped_rows(now);
	doubtful = doubtful_rows(now) - doubtful_rows(run->outcomes);
	if (doubtful > 0 || (lost > 0 && format_percentage(lost, figures->source_rows) > MAX_CHANGED) ||
		(lost == 0 && run->mapping_checksum && !source_runs_checksum_is(run->mapping_checksum, figures->mapping_checksum)))
		finding->status = CHECK_FAIL;
	else if (lost > 0)
		finding->status = CHECK_WARN;

	finding->expected = psprintf("%s lead to a group and a dish, the same as in run %lld",
								 format_things(mapped_rows(run->outcomes), "source row"), (long long) run->id);
	finding->actual = lost == 0 && finding->status == CHECK_FAIL ? "as many, but some of them to others" :
		psprintf("%s%s", format_count(mapped_rows(now)),
				 doubtful > 0 ? psprintf("; ambiguous or of several restaurants: %s more than then", format_count(doubtful)) : "");
	if (finding->status != CHECK_PASS)
	{
		finding->detail = doubtful > 0 ? "Groups or dishes were added with a legacy id that another one has, or changed their restaurant." :
			lost > 0 ? "Groups or dishes were deleted, or have lost their legacy ids." :
			"Legacy ids or restaurants of groups or dishes were exchanged.";
		finding->remedy = migrate_call("SELECT * FROM menuca_explain_unmapped(%s); and compare groups and dishes with the backup.", facts->arguments);
	}
	finding->metadata = psprintf("{\"mapped\": %lld, \"mapped_by_run\": %lld, \"doubtful\": %lld}",
								 (long long) mapped_rows(now), (long long) mapped_rows(run->outcomes), (long long) doubtful_rows(now));
	accepted_change_apply(facts, "mapping_unchanged",
						  psprintf("{\"mapping_checksum\": \"" UINT64_FORMAT "\"}", figures->mapping_checksum), finding);
}


static int64
mapped_rows(const int64 *outcomes)
{
	return outcomes[OUTCOME_INSERT] + outcomes[OUTCOME_ALREADY_PRESENT] + outcomes[OUTCOME_DUPLICATE];
}

static int64
doubtful_rows(const int64 *outcomes)
{
	return outcomes[OUTCOME_AMBIGUOUS_GROUP] + outcomes[OUTCOME_AMBIGUOUS_DISH] + outcomes[OUTCOME_CROSS_RESTAURANT];
}

/* The keys that a query returns, in ascending order. */
static int64 *
collect_items(const char *sql, QueryArgs *args, uint64 *n)
{
	Int8Sort   *sort = int8_sort_begin(1, maintenance_work_mem / 4, false);
	const int64 *key;
	int64	   *keys;

	*n = query_each(sql, args, put_key, sort);
	int8_sort_perform(sort);
	keys = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * Max(*n, 1));
	for (uint64 i = 0; (key = int8_sort_next(sort)) != NULL; i++)
		keys[i] = *key;
	int8_sort_end(sort);
	return keys;
}

static void
put_key(TupleTableSlot *slot, void *arg)
{
	int64		key = slot_int8(slot, 0);

	int8_sort_put(arg, &key);
}

/* The condition that an item i is V1's; NULL when items do not say whose they are. */
static char *
of_v1(const Target *target, const char *keyword)
{
	AttrNumber	attnum = column_find(target->table.oid, "source_system");
	Oid			type = attnum == InvalidAttrNumber ? InvalidOid : column_base_type(target->table.oid, attnum, NULL);

	return type != TEXTOID && type != VARCHAROID ? NULL :
		psprintf(" %s i.source_system = 'v1'", keyword);
}

/* NULL when items or source rows have no ids to find one another by. */
static char *
wrong_items_query(const Facts *facts)
{
	const Target *target = facts->target;
	const Source *source = facts->source;
	char	   *system = of_v1(target, "AND");
	AttrNumber	source_id = column_find(target->table.oid, "source_id");
	Oid			type = source_id == InvalidAttrNumber ? InvalidOid : column_base_type(target->table.oid, source_id, NULL);

	if ((type != INT8OID && type != INT4OID && type != NUMERICOID) || source->columns.id == NULL || system == NULL)
		return NULL;
	return psprintf("SELECT i.%s::int8 FROM %s i JOIN %s s ON s.%s = i.source_id JOIN %s g ON g.%s = i.%s JOIN %s d ON d.%s = i.%s"
					" WHERE (g.legacy_v1_id::int8 IS DISTINCT FROM s.%s OR d.legacy_v1_id::int8 IS DISTINCT FROM s.%s)%s",
					target->table.id, target->table.name, source->name, quote_identifier(source->columns.id),
					target->groups.name, target->groups.id, target->group,
					target->dishes.name, target->dishes.id, target->dish,
					quote_identifier(source->columns.group), quote_identifier(source->columns.dish), system);
}

/*
 * True if no item of a run was changed since, and every source row leads to the
 * group and the dish that it led to when the run inserted it.
 */
static bool
run_rows_are_right(Facts *facts, const List *runs)
{
	const PlanFigures *figures = &facts->plan->figures;
	const LedgerFacts *ledger = facts_ledger(facts);
	const ListCell *lc;

	foreach(lc, runs)
	{
		const SourceRun *run = lfirst(lc);

		if (!source_runs_checksum_is(run->source_checksum, figures->source_checksum) ||
			!source_runs_checksum_is(run->mapping_checksum, figures->mapping_checksum))
			return false;
	}
	return runs != NIL && ledger->run_id != 0 && ledger->found.nchanged == 0;
}

/* The condition that an item i lies beyond the keys of all runs; or NULL. */
static char *
range_of_runs(const Facts *facts)
{
	QueryArgs	args = {0};

	query_arg_text(&args, facts->target->schema);
	query_arg_text(&args, facts->target->junction->name);
	query_arg_text(&args, facts->target->table.id);
	return query_text(psprintf("SELECT format('i.%%1$s < %%2$s OR i.%%1$s >= %%3$s', $3, min(lower(b.keys)), max(upper(b.keys)))"
							   " FROM %smenuca_run r JOIN %smenuca_run_batch b USING (run_id)"
							   " WHERE r.target_schema = $1 AND r.target = $2 AND r.inserted > 0"
							   " AND r.status IN ('completed', 'gate_failed')"
							   " HAVING min(lower(b.keys)) IS NOT NULL AND max(upper(b.keys)) IS NOT NULL",
							   migrate_schema(), migrate_schema()), &args);
}

/* True if the items beyond that range are all those that no run inserted. */
static bool
other_items_are_outside(Facts *facts, const char *range)
{
	const Reconciliation *found = &facts_ledger(facts)->found;
	uint64		outside = query_int8(psprintf("SELECT count(*) FROM %s i WHERE %s", facts->target->table.name, range), NULL);

	return found->inserted - found->inserted_missing + found->earlier + outside == found->items;
}
