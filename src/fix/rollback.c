/*-------------------------------------------------------------------------
 *
 * rollback.c
 *	  Deleting what a run inserted, and nothing else.
 *
 * menuca_rollback(run_id, dry_run, force)
 *
 * The ledger has the key and the content hash of each row that the run
 * inserted, and of each row from before it.  First all of them are compared
 * with the table, and the rows that depend on the run's rows are counted; then
 * the run's rows are deleted by key; then everything is compared again, which
 * proves that the former state is restored, or shows what others have changed.
 *
 * A run may have parts: runs of the same transaction, whose rows depend on its
 * own.  They are rolled back before it, in the same way and transaction.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/int8_sort.h"
#include "base/preview.h"
#include "base/query.h"
#include "base/sqlstate.h"
#include "base/statement.h"
#include "base/table_lock.h"
#include "fix/rollback_dependants.h"
#include "fix/rollback_keys.h"
#include "fix/rollback_report.h"
#include "fix/rollback_state.h"
#include "fix/run_target.h"

PG_FUNCTION_INFO_V1(menuca_rollback);
PG_FUNCTION_INFO_V1(menuca_preview_rollback);

static void open_run_tables(Rollback *rollback);
static List *find_parts(const Rollback *rollback);
static bool run_table_exists(const Run *run);
static void require_not_rolled_back(const Run *run);
static void inspect_run(Rollback *rollback);
static char *changed_rows_text(const Rollback *rollback);
static char *repeated_keys_text(const Rollback *rollback);
static void report_dry_run(Rollback *rollback);
static void roll_back(Rollback *rollback);
static void delete_run_rows(Rollback *rollback);
static void delete_in_statements(void *arg);


/*
 * menuca_rollback(run_id bigint, dry_run, force): one row.  Unless forced, a
 * real rollback raises an error, and deletes nothing, when rows of the run
 * were changed or have dependants.
 */
Datum
menuca_rollback(PG_FUNCTION_ARGS)
{
	TimestampTz start = GetCurrentTimestamp();
	Rollback	rollback = {0};
	int64		run_id = run_argument(fcinfo, 0, migrate_call("To see all runs: SELECT run_id, status, inserted, started_at FROM menuca_runs ORDER BY 1; a dry run has no run id, since it wrote nothing."));

	rollback.dry_run = argument_bool(fcinfo, 1, "dry_run");
	rollback.force = argument_bool(fcinfo, 2, "force");
	rollback.real_call = given_call_for_real(fcinfo);
	rollback.forced_call = given_call_forced(fcinfo);
	if (!rollback.dry_run)
	{
		query_require_writable("menuca_rollback(dry_run := false)");
		query_require_read_committed("menuca_rollback(dry_run := false)");
		statement_require_first("menuca_rollback", psprintf("run %lld", (long long) run_id),
								rollback.real_call);
	}

	rollback.run = run_find(run_id);
	rollback.requested_run_id = rollback.run->id;
	open_run_tables(&rollback);
	if (rollback.dry_run)
		report_dry_run(&rollback);
	else
	{
		query_begin_snapshot();
		inspect_run(&rollback);
		query_end_snapshot();
		if (rollback_is_refused(&rollback))
			rollback_raise_refusal(&rollback);
		roll_back(&rollback);
		statement_allow_again("menuca_rollback");
	}

	PG_RETURN_DATUM(rollback_result(fcinfo, &rollback, start));
}

/* menuca_preview_rollback(run_id, force): its dry run, for who may only look. */
Datum
menuca_preview_rollback(PG_FUNCTION_ARGS)
{
	return preview_call(fcinfo, "menuca_rollback");
}

/*
 * Opens the tables of a run and of its parts.  A real rollback also reserves
 * and locks them, so that the counts stay true until it ends.
 */
static void
open_run_tables(Rollback *rollback)
{
	AclMode		rights = rollback->dry_run ? ACL_SELECT : ACL_SELECT | ACL_DELETE;
	ListCell   *lc;

	require_not_rolled_back(rollback->run);
	run_target_require(rollback->run);
	keyed_table_open(&rollback->table, rollback->run->target_schema, rollback->run->target, rights);
	if (rollback->dry_run)
		rollback->parts = find_parts(rollback);
	else
	{
		run_require_rights();
		keyed_table_reserve(&rollback->table, false);
		keyed_table_lock(&rollback->table);
		keyed_table_warn_foreign(&rollback->table);
		rollback_lock_dependants(rollback);
		query_begin_snapshot();

		/* Another session may have rolled it back before the lock was ours. */
		require_not_rolled_back(run_find(rollback->run->id));
		rollback->parts = find_parts(rollback);
		query_end_snapshot();
	}
	foreach(lc, rollback->parts)
		open_run_tables(lfirst(lc));
}

/*
 * Rollbacks of the parts of a run; a part whose table was dropped is skipped.
 */
static List *
find_parts(const Rollback *rollback)
{
	List	   *parts = NIL;
	ListCell   *lc;

	foreach(lc, run_parts(rollback->run->id))
	{
		Run		   *run = lfirst(lc);
		Rollback   *part;

		if (!run_table_exists(run))
		{
			ereport(NOTICE,
					(errmsg("%s has nothing left to delete: table %s.%s was dropped",
							rollback_run_label(run), run->target_schema, run->target)));
			continue;
		}
		part = palloc0(sizeof(Rollback));
		part->run = run;
		part->requested_run_id = rollback->requested_run_id;
		part->dry_run = rollback->dry_run;
		part->force = rollback->force;
		parts = lappend(parts, part);
	}
	return parts;
}

static bool
run_table_exists(const Run *run)
{
	Oid			schema = get_namespace_oid(run->target_schema, true);

	return OidIsValid(schema) && OidIsValid(get_relname_relid(run->target, schema));
}

static void
require_not_rolled_back(const Run *run)
{
	if (strcmp(run->status, "rolled_back") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("run %lld was already rolled back", (long long) run->id),
				 errdetail("None of its %s is left to delete; nothing was changed.",
						   format_things(run->inserted, "row")),
				 errhint("%s", migrate_call("SELECT run_id, rolled_back_at, rolled_back_by FROM menuca_runs WHERE run_id = %lld;",
											(long long) run->id))));
}

/*
 * Compares the ledger with the table, and collects the reasons against the
 * rollback, those of the parts first.
 */
static void
inspect_run(Rollback *rollback)
{
	int			kilobytes = maintenance_work_mem / 4;
	ListCell   *lc;

	foreach(lc, rollback->parts)
	{
		Rollback   *part = lfirst(lc);

		inspect_run(part);
		rollback->reasons = list_concat(rollback->reasons, part->reasons);
		rollback->blocked |= part->blocked;
	}

	rollback->keys = int8_sort_begin(1, kilobytes, false);
	reconcile(rollback->run, &rollback->table, maintenance_work_mem - kilobytes,
			  &rollback->before, rollback_keys_add, rollback);
	int8_sort_perform(rollback->keys);
	rollback->after = rollback->before;

	if (rollback->before.inserted_changed > 0)
		rollback->reasons = lappend(rollback->reasons, changed_rows_text(rollback));
	if (rollback->before.inserted_repeated > 0)
	{
		rollback->reasons = lappend(rollback->reasons, repeated_keys_text(rollback));
		rollback->blocked = true;
	}
	rollback_count_dependants(rollback);
}

/* "2 rows of the run were changed since: id 3, 7" */
static char *
changed_rows_text(const Rollback *rollback)
{
	uint64		changed = rollback->before.inserted_changed;
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	appendStringInfo(&text, "%s of the run %s changed since: ",
					 format_things(changed, "row"), changed == 1 ? "was" : "were");
	if (rollback->run->part_of != 0)
		appendStringInfo(&text, "table %s, ", rollback->table.display_name);
	appendStringInfo(&text, "%s ", rollback->table.id);
	foreach(lc, rollback->changed_keys)
		appendStringInfo(&text, "%s%s", foreach_current_index(lc) > 0 ? ", " : "",
						 (char *) lfirst(lc));
	if (changed > ROLLBACK_KEYS_NAMED)
		appendStringInfo(&text, " and %s more", format_count(changed - ROLLBACK_KEYS_NAMED));
	return text.data;
}

/* A DELETE by key would take the other rows, too, so force does not help. */
static char *
repeated_keys_text(const Rollback *rollback)
{
	uint64		repeated = rollback->before.inserted_repeated;

	return psprintf("%s of the run %s also on other rows of table %s, which a DELETE by key would take along: %s " INT64_FORMAT "%s",
					format_things(repeated, "key"), repeated == 1 ? "is" : "are",
					rollback->table.display_name, rollback->table.id,
					rollback->before.repeated_key,
					repeated == 1 ? "" : psprintf(" and %s more", format_count(repeated - 1)));
}

/* A dry run only inspects, and reports what would be done. */
static void
report_dry_run(Rollback *rollback)
{
	ListCell   *lc;

	inspect_run(rollback);
	foreach(lc, rollback->parts)
		rollback_announce(lfirst(lc));
	rollback_announce(rollback);
}

/*
 * Deletes the rows that a run inserted, those of its parts first, and proves
 * it.
 */
static void
roll_back(Rollback *rollback)
{
	ListCell   *lc;

	rollback->parts_restored = true;
	foreach(lc, rollback->parts)
	{
		roll_back(lfirst(lc));
		rollback->parts_restored &= rollback_is_restored(lfirst(lc));
	}

	delete_run_rows(rollback);

	query_begin_snapshot();
	reconcile(rollback->run, &rollback->table, maintenance_work_mem,
			  &rollback->after, NULL, NULL);
	query_end_snapshot();
	if (rollback->after.inserted_missing != rollback->after.inserted ||
		rollback->after.items + rollback->deleted != rollback->before.items)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("the rollback of run %lld does not add up",
						(long long) rollback->run->id),
				 errdetail("%s before, %s deleted, %s after; %s of the run still exist. The rollback was undone.",
						   format_things(rollback->before.items, rollback_noun(rollback->run)),
						   format_count(rollback->deleted),
						   format_count(rollback->after.items),
						   format_count(rollback->after.inserted - rollback->after.inserted_missing)),
				 errhint("A trigger on %s interferes: look at its DELETE triggers.",
						 rollback->table.display_name)));
	run_mark_rolled_back(rollback->run->id, rollback_figures_json(rollback, 0));
	rollback_announce(rollback);
}

static void
delete_run_rows(Rollback *rollback)
{
	int8_sort_rewind(rollback->keys);
	table_lock_rows(rollback->table.oid, delete_in_statements, rollback, "Nothing was changed.");
	int8_sort_end(rollback->keys);
}

static void
delete_in_statements(void *arg)
{
	Rollback   *rollback = arg;
	char	   *sql = psprintf("DELETE FROM %s i WHERE i.%s OPERATOR(pg_catalog.=) ANY ($1)",
							   rollback->table.name, rollback->table.id);
	int64	   *keys = palloc(sizeof(int64) * ROLLBACK_KEYS_PER_STATEMENT);
	int			n;

	while ((n = rollback_keys_next(rollback, keys)) > 0)
	{
		QueryArgs	args = {0};

		query_arg(&args, INT8ARRAYOID, query_int8_array(keys, NULL, n), false);
		rollback->deleted += query_write(sql, &args, NULL, NULL);
		pfree(DatumGetPointer(args.values[0]));
	}
	pfree(keys);
}
