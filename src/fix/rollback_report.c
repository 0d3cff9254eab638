/*-------------------------------------------------------------------------
 *
 * rollback_report.c
 *	  What a rollback reports: see rollback_report.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/json.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/sqlstate.h"
#include "fix/rollback_report.h"

static char *later_runs_call(const Rollback *rollback);
static char *blocking_query(const Rollback *rollback);
static char *next_rollback_call(const Rollback *rollback);
static void announce_briefly(const Rollback *rollback);
static uint64 deleted_rows(const Rollback *rollback);
static char *part_figures(const Rollback *rollback);


const char *
rollback_noun(const Run *run)
{
	return strcmp(run->kind, "backfill_dishes") == 0 ? "row" :
		run->part_of == 0 && strcmp(run->kind, "fix_combo_steps") != 0 ? "item" : "step";
}

char *
rollback_run_label(const Run *run)
{
	if (run->part_of == 0)
		return psprintf("run %lld", (long long) run->id);
	return psprintf("run %lld, a part of run %lld,", (long long) run->id,
					(long long) run->part_of);
}

void
rollback_raise_refusal(const Rollback *rollback)
{
	StringInfoData detail;
	ListCell   *lc;

	initStringInfo(&detail);
	foreach(lc, rollback->reasons)
		appendStringInfo(&detail, "%s.\n", (char *) lfirst(lc));
	appendStringInfoString(&detail, "Nothing was deleted.");

	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ROLLBACK),
			 errmsg("rollback of run %lld is refused: rows of the run were changed or have dependants",
					(long long) rollback->requested_run_id),
			 errdetail_internal("%s", detail.data),
			 rollback->holds_items ?
			 errhint("First roll back the runs that inserted these items: %s force does not delete items of other runs.",
					 later_runs_call(rollback)) :
			 rollback->before.inserted_repeated > 0 ?
			 errhint("%s", keyed_table_repeats_hint(&rollback->table)) :
			 rollback->blocked ?
			 errhint("To see what is in the way: %s first delete rows that depend by NO ACTION or RESTRICT keys; force does not do that.",
					 blocking_query(rollback)) :
			 rollback->holds_steps ?
			 errhint("First roll back the runs that inserted these steps: %s",
					 later_runs_call(rollback)) :
			 errhint("%s", migrate_call("Look at these rows; if they may be deleted: SELECT * FROM menuca_rollback(%lld, dry_run => false, force => true);",
										(long long) rollback->requested_run_id))));
}

/*
 * The call that shows the runs which may have inserted items of new dishes, or steps
 * of new items.
 */
static char *
later_runs_call(const Rollback *rollback)
{
	return migrate_call("SELECT run_id, target, inserted FROM menuca_runs WHERE run_id > %lld AND status IN ('completed', 'gate_failed') ORDER BY run_id DESC;",
						(long long) rollback->run->id);
}

/* The query that shows what blocks the rollback, or one of its parts'. */
static char *
blocking_query(const Rollback *rollback)
{
	ListCell   *lc;

	if (rollback->before.inserted_repeated > 0)
		return keyed_table_repeats_query(&rollback->table);
	if (rollback->blocking_query)
		return rollback->blocking_query;
	foreach(lc, rollback->parts)
	{
		const Rollback *part = lfirst(lc);

		if (part->blocked)
			return blocking_query(part);
	}
	return later_runs_call(rollback);
}

/*
 * A forced rollback is proposed as a dry run: it deletes rows that somebody has
 * changed, or that are no run's.
 */
static char *
next_rollback_call(const Rollback *rollback)
{
	if (!rollback->dry_run)
		return migrate_call("SELECT * FROM menuca_rollback_guide();");
	if (!rollback_is_refused(rollback))
		return rollback->real_call;
	if (rollback->holds_items)
		return later_runs_call(rollback);
	if (rollback->blocked)
		return blocking_query(rollback);
	if (rollback->holds_steps)
		return later_runs_call(rollback);
	return rollback->forced_call;
}

bool
rollback_is_restored(const Rollback *rollback)
{
	return !rollback->dry_run && rollback->parts_restored &&
		rollback->after.inserted_missing == rollback->after.inserted &&
		rollback->after.baseline_intact == rollback->after.baseline;
}

void
rollback_announce(const Rollback *rollback)
{
	const Reconciliation *after = &rollback->after;

	if (!menuca_details)
	{
		if (rollback->run->id == rollback->requested_run_id)
			announce_briefly(rollback);
		return;
	}
	if (rollback->dry_run)
	{
		ereport(NOTICE,
				(errmsg("dry run: rolling back %s would delete %s of %s that it inserted and leave %s",
						rollback_run_label(rollback->run), format_count(rollback->nkeys),
						format_things(after->inserted, "row"),
						format_things(after->items - rollback->nkeys, rollback_noun(rollback->run)))));

		/* The reasons of a part are among those of the requested run. */
		if (rollback->run->id == rollback->requested_run_id && rollback_is_refused(rollback))
		{
			ListCell   *lc;

			foreach(lc, rollback->reasons)
				ereport(NOTICE,
						(errmsg("a real rollback would be refused: %s", (char *) lfirst(lc))));
		}
		return;
	}

	ereport(NOTICE,
			(errmsg("%s is rolled back: %s deleted, %s left",
					rollback_run_label(rollback->run),
					format_things(rollback->deleted, "row"),
					format_things(after->items, rollback_noun(rollback->run))),
			 errdetail("Rows from before the run: %s; unchanged: %s, changed since: %s, deleted since: %s. Added by others: %s.",
					   format_count(after->baseline),
					   format_count(after->baseline_intact),
					   format_count(after->baseline_changed),
					   format_count(after->baseline_missing),
					   format_count(after->others))));
}

/* One line for the run and its parts. */
static void
announce_briefly(const Rollback *rollback)
{
	const Reconciliation *after = &rollback->after;
	uint64		of_parts = 0;
	uint64		changed = after->baseline_changed;
	uint64		missing = after->baseline_missing;
	char	   *parts = "";
	ListCell   *lc;

	foreach(lc, rollback->parts)
	{
		const Rollback *part = lfirst(lc);

		of_parts += deleted_rows(part);
		changed += part->after.baseline_changed;
		missing += part->after.baseline_missing;
	}
	if (rollback->parts)
		parts = psprintf(" and %s of its parts", format_things(of_parts, "row"));
	if (rollback->dry_run)
		ereport(NOTICE,
				(errmsg("dry run: rolling back %s would delete %s of %s that it inserted%s and leave %s; %s",
						rollback_run_label(rollback->run), format_count(rollback->nkeys),
						format_things(after->inserted, "row"), parts,
						format_things(after->items - rollback->nkeys, rollback_noun(rollback->run)),
						!rollback_is_refused(rollback) ? "planned" :
						psprintf("refused for %s", format_things(list_length(rollback->reasons), "reason")))));
	else
		ereport(NOTICE,
				(errmsg("%s is rolled back: %s%s deleted, %s left; %s",
						rollback_run_label(rollback->run),
						format_things(rollback->deleted, "row"), parts,
						format_things(after->items, rollback_noun(rollback->run)),
						rollback_is_restored(rollback) ? "the state before the run is restored" :
						psprintf("of the rows from before the run, others have changed %s and deleted %s",
								 format_count(changed), format_count(missing)))));
}

Datum
rollback_result(FunctionCallInfo fcinfo, const Rollback *rollback,
				TimestampTz start)
{
	TupleDesc	desc;
	Datum		values[9];
	bool		nulls[9] = {0};
	const char *status = !rollback->dry_run ? "rolled_back" :
		rollback_is_refused(rollback) ? "refused" : "planned";

	desc = result_row_type(fcinfo, "it" "iii" "b" "at" "j");
	values[0] = Int64GetDatum(rollback->run->id);
	values[1] = CStringGetTextDatum(status);
	values[2] = Int64GetDatum(deleted_rows(rollback));
	values[3] = Int64GetDatum(rollback->before.inserted_changed);
	values[4] = Int64GetDatum(rollback->dependants);
	values[5] = BoolGetDatum(rollback_is_restored(rollback));
	nulls[5] = rollback->dry_run;
	values[6] = result_text_array(rollback->reasons);
	values[7] = CStringGetTextDatum(next_rollback_call(rollback));
	values[8] = result_json(rollback_figures_json(rollback, start));

	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* Rows that were deleted or, in a dry run, would be. */
static uint64
deleted_rows(const Rollback *rollback)
{
	return rollback->dry_run ? rollback->nkeys : rollback->deleted;
}

char *
rollback_figures_json(const Rollback *rollback, TimestampTz start)
{
	const Reconciliation *after = &rollback->after;
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_bool(&buf, "dry_run", rollback->dry_run);
	json_count(&buf, "inserted", rollback->before.inserted);
	json_count(&buf, "already_gone", rollback->before.inserted_missing);
	json_count(&buf, "items_before", rollback->run->items_before);
	json_count(&buf, "items_now", rollback->before.items);
	json_count(&buf, "items_after", rollback->before.items - deleted_rows(rollback));
	json_count(&buf, "baseline_rows", after->baseline);
	json_count(&buf, "baseline_intact", after->baseline_intact);
	json_count(&buf, "baseline_changed", after->baseline_changed);
	json_count(&buf, "baseline_missing", after->baseline_missing);
	json_count(&buf, "added_by_others", after->others);
	if (rollback->parts)
		json_raw(&buf, "parts", part_figures(rollback));
	if (start != 0)
		json_seconds(&buf, "elapsed", start);
	json_end(&buf);
	return buf.data;
}

/* An array of objects, one per part of the run. */
static char *
part_figures(const Rollback *rollback)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '[');
	foreach(lc, rollback->parts)
	{
		const Rollback *part = lfirst(lc);

		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&buf, ", ");
		json_begin(&buf);
		json_count(&buf, "run_id", part->run->id);
		json_text(&buf, "table", part->table.display_name);
		json_count(&buf, "deleted", deleted_rows(part));
		json_count(&buf, "changed", part->before.inserted_changed);
		json_count(&buf, "dependants", part->dependants);
		json_end(&buf);
	}
	appendStringInfoChar(&buf, ']');
	return buf.data;
}
