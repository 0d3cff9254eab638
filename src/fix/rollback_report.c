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
#include "base/results.h"
#include "base/sqlstate.h"
#include "fix/rollback_report.h"

static char *later_runs_call(const Rollback *rollback);
static char *blocking_query(const Rollback *rollback);
static char *next_rollback_call(const Rollback *rollback);


const char *
rollback_noun(const Run *run)
{
	return strcmp(run->kind, "backfill_dishes") == 0 ? "row" :
		run->part_of == 0 ? "item" : "step";
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
			 errhint("%s", migrate_call("Look at these rows; if they may be deleted: SELECT * FROM menuca_rollback(%lld, dry_run => false, force => true);",
										(long long) rollback->requested_run_id))));
}

/* The call that shows the runs which may have inserted items of new dishes. */
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

Datum
rollback_result(FunctionCallInfo fcinfo, const Rollback *rollback,
				TimestampTz start)
{
	TupleDesc	desc;
	Datum		values[20];
	bool		nulls[20] = {0};
	const Reconciliation *after = &rollback->after;
	const char *status = !rollback->dry_run ? "rolled_back" :
		rollback_is_refused(rollback) ? "refused" : "planned";
	uint64		deleted = rollback->dry_run ? rollback->nkeys : rollback->deleted;

	desc = result_row_type(fcinfo, "ibt" "iiiiiiiiiiiii" "bvat");

	values[0] = Int64GetDatum(rollback->run->id);
	values[1] = BoolGetDatum(rollback->dry_run);
	values[2] = CStringGetTextDatum(status);
	values[3] = Int64GetDatum(rollback->before.inserted);
	values[4] = Int64GetDatum(deleted);
	values[5] = Int64GetDatum(rollback->before.inserted_missing);
	values[6] = Int64GetDatum(rollback->before.inserted_changed);
	values[7] = Int64GetDatum(rollback->dependants);
	values[8] = Int64GetDatum(rollback->run->items_before);
	values[9] = Int64GetDatum(rollback->before.items);
	values[10] = Int64GetDatum(rollback->before.items - deleted);
	values[11] = Int64GetDatum(after->baseline);
	values[12] = Int64GetDatum(after->baseline_intact);
	values[13] = Int64GetDatum(after->baseline_changed);
	values[14] = Int64GetDatum(after->baseline_missing);
	values[15] = Int64GetDatum(after->others);
	values[16] = BoolGetDatum(rollback_is_restored(rollback));
	nulls[16] = rollback->dry_run;
	values[17] = result_elapsed(start);
	values[18] = result_text_array(rollback->reasons);
	values[19] = CStringGetTextDatum(next_rollback_call(rollback));

	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}
