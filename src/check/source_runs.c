/*-------------------------------------------------------------------------
 *
 * source_runs.c
 *	  The runs that read the source: see source_runs.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/extension.h"
#include "base/query.h"
#include "base/slot.h"
#include "check/source_runs.h"

static void *make_source_run(TupleTableSlot *slot);


List *
source_runs_read(const Target *target, const Source *source)
{
	const SourceColumns *columns = &source->columns;
	QueryArgs	args = {0};
	StringInfoData outcomes;

	initStringInfo(&outcomes);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		appendStringInfo(&outcomes, ", coalesce((outcomes ->> '%s')::int8, 0)", plan_outcome_name((Outcome) i));

	query_arg_text(&args, target->schema);
	query_arg_text(&args, target->junction->name);
	query_arg_text(&args, source->name);
	query_arg_text(&args, columns->id);
	query_arg_text(&args, columns->dish);
	query_arg_text(&args, columns->group);
	query_arg_text(&args, columns->order);
	return query_list(psprintf("SELECT run_id, coalesce((outcomes ->> 'source_rows')::int8, 0),"
							   " figures_before ->> 'source_checksum', figures_before ->> 'mapping_checksum'%s"
							   " FROM %smenuca_run WHERE kind = 'fix_combos' AND target_schema = $1 AND target = $2 AND source = $3"
							   " AND status IN ('completed', 'gate_failed') AND inserted > 0"
							   " AND parameters ->> 'id_column' IS NOT DISTINCT FROM $4 AND parameters ->> 'dish_column' = $5"
							   " AND parameters ->> 'group_column' = $6 AND parameters ->> 'order_column' IS NOT DISTINCT FROM $7"
							   " ORDER BY run_id DESC", outcomes.data, migrate_schema()),
					  &args, make_source_run);
}

static void *
make_source_run(TupleTableSlot *slot)
{
	SourceRun  *run = palloc0(sizeof(SourceRun));

	run->id = slot_int8(slot, 0);
	run->source_rows = slot_int8(slot, 1);
	run->source_checksum = slot_text_or_null(slot, 2);
	run->mapping_checksum = slot_text_or_null(slot, 3);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		run->outcomes[i] = slot_int8(slot, 4 + i);
	return run;
}

bool
source_runs_checksum_is(const char *recorded, uint64 checksum)
{
	return recorded && strcmp(recorded, psprintf(UINT64_FORMAT, checksum)) == 0;
}
