/*-------------------------------------------------------------------------
 *
 * snapshot_runs.c
 *	  Runs in the ledger that a snapshot's restore undoes or brings back: see
 *	  snapshot_runs.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "backup/snapshot_runs.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/query.h"

/* Runs r of the tables $2 of schema $1; %s is the ledger's schema. */
#define RUNS_OF_TABLES \
	" FROM %smenuca_run r" \
	" WHERE r.target_schema OPERATOR(pg_catalog.=) $1" \
	" AND r.target OPERATOR(pg_catalog.=) ANY ($2)"

static void add_table_args(QueryArgs *args, const TableSnapshot *snapshot);


char *
snapshot_runs_now(const TableSnapshot *snapshot)
{
	QueryArgs	args = {0};

	add_table_args(&args, snapshot);
	return query_text(psprintf("SELECT coalesce(jsonb_object_agg(r.run_id, r.status), '{}')::text" RUNS_OF_TABLES,
							   migrate_schema()), &args);
}

char *
snapshot_unfinished_runs(const TableSnapshot *snapshot)
{
	QueryArgs	args = {0};

	add_table_args(&args, snapshot);
	return query_text(psprintf("SELECT string_agg(r.run_id::text, ', ' ORDER BY r.run_id)" RUNS_OF_TABLES
							   " AND r.status = 'running'", migrate_schema()), &args);
}

SnapshotRuns
snapshot_runs_concerned(const TableSnapshot *snapshot)
{
	const char *ledger = migrate_schema();
	SnapshotRuns runs;
	QueryArgs	args = {0};

	query_arg_int8(&args, snapshot->number);
	runs.undone = query_text(psprintf("SELECT string_agg(run_id::text, ', ' ORDER BY run_id) FROM %smenuca_snapshot_run"
									  " WHERE snapshot_no = $1 AND is_undone", ledger), &args);
	runs.restored = query_text(psprintf("SELECT string_agg(run_id::text, ', ' ORDER BY run_id) FROM %smenuca_snapshot_run"
										" WHERE snapshot_no = $1 AND comes_back", ledger), &args);
	return runs;
}

void
snapshot_runs_mark(const TableSnapshot *snapshot, int64 restore)
{
	const char *ledger = migrate_schema();
	char	   *note = psprintf("snapshot \"%s\" was restored (restore %lld)",
								snapshot->label, (long long) restore);
	QueryArgs	args = {0};

	query_arg_int8(&args, snapshot->number);
	query_arg_text(&args, psprintf("its rows came back: %s", note));
	migrate_write("menuca_run",
				  psprintf("UPDATE %smenuca_run r SET status = s.recorded_status, rolled_back_by = NULL,"
						   " rolled_back_at = NULL, note = $2 FROM %smenuca_snapshot_run s"
						   " WHERE s.snapshot_no OPERATOR(pg_catalog.=) $1 AND s.comes_back"
						   " AND r.run_id OPERATOR(pg_catalog.=) s.run_id", ledger, ledger),
				  &args, NULL, NULL);

	args.count--;
	query_arg_text(&args, psprintf("its rows were deleted: %s", note));
	migrate_write("menuca_run",
				  psprintf("UPDATE %smenuca_run r SET status = 'rolled_back', rolled_back_by = session_user,"
						   " rolled_back_at = pg_catalog.clock_timestamp(), note = $2 FROM %smenuca_snapshot_run s"
						   " WHERE s.snapshot_no OPERATOR(pg_catalog.=) $1 AND s.is_undone"
						   " AND r.run_id OPERATOR(pg_catalog.=) s.run_id", ledger, ledger),
				  &args, NULL, NULL);
}

/* Adds $1 and $2 of RUNS_OF_TABLES. */
static void
add_table_args(QueryArgs *args, const TableSnapshot *snapshot)
{
	query_arg_text(args, snapshot->target_schema);
	query_arg(args, TEXTARRAYOID, snapshot_table_names(snapshot->tables), false);
}
