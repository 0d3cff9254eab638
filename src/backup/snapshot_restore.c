/*-------------------------------------------------------------------------
 *
 * snapshot_restore.c
 *	  Restores a snapshot.
 *
 * menuca_restore_snapshot(label, dry_run, force, disable_triggers)
 *
 * Only rows that differ are written, in three phases: first, rows that the
 * snapshot does not have are deleted, from referring tables before referenced
 * ones, so that their keys are free; then rows are updated and inserted, in
 * referenced tables before referring ones; last, rows are deleted that a row
 * referred to in the first phase.  Primary keys and sequences become the
 * snapshot's.  Finally every table is read and must have the recorded
 * checksum; otherwise everything is undone.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "backup/snapshot_copy.h"
#include "backup/snapshot_diff.h"
#include "backup/snapshot_rows.h"
#include "backup/snapshot_runs.h"
#include "backup/snapshot_triggers.h"
#include "base/arguments.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/hooked_table.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "base/statement.h"
#include "base/table_lock.h"

PG_FUNCTION_INFO_V1(menuca_restore_snapshot);

/* A call: its arguments, and the comparison that it acts on. */
typedef struct Restore
{
	TableSnapshot *snapshot;
	bool		dry_run;
	bool		force;
	bool		disable_triggers;
	char	   *next_step;
	List	   *diffs;			/* of TableDiff, referenced tables first */
	bool		refused;
	SnapshotRuns runs;
} Restore;


static void open_tables(Restore *restore);
static void lock_for_restore(Restore *restore);
static void warn_of_foreign_rows(const Restore *restore);
static void compare_tables(Restore *restore);
static bool must_refuse(const Restore *restore);
static void refuse_restore(const Restore *restore);
static bool is_blocked(const Restore *restore);
static char *next_restore_call(FunctionCallInfo fcinfo, const Restore *restore);
static void restore_tables(Restore *restore);
static void set_sequences(const TableDiff *diff);
static void set_sequence(const char *name, const TableDiff *diff);
static void verify_tables(const Restore *restore);
static int64 record_restore(const Restore *restore);
static void report_restore(const Restore *restore);
static void put_restore_row(ReturnSetInfo *rsinfo, const Restore *restore, const TableDiff *diff);


/*
 * menuca_restore_snapshot(label, dry_run, force, disable_triggers) returns one
 * row per table.  Without dry_run, raises an error (MC010) and changes nothing
 * if there is a reason against it.
 */
Datum
menuca_restore_snapshot(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *label = argument_text(fcinfo, 0, "label");
	Restore		restore = {0};
	ListCell   *lc;

	restore.dry_run = argument_bool(fcinfo, 1, "dry_run");
	restore.force = argument_bool(fcinfo, 2, "force");
	restore.disable_triggers = argument_bool(fcinfo, 3, "disable_triggers");
	if (!restore.dry_run)
	{
		query_require_writable("menuca_restore_snapshot(dry_run := false)");
		query_require_read_committed("menuca_restore_snapshot(dry_run := false)");
		statement_require_first("menuca_restore_snapshot", psprintf("snapshot \"%s\"", label),
								given_call_for_real(fcinfo));
	}

	restore.snapshot = snapshot_find(label);
	open_tables(&restore);
	if (restore.dry_run)
		compare_tables(&restore);
	else
	{
		(void) migrate_require_table("menuca_run", ACL_SELECT);
		(void) migrate_require_table("menuca_snapshot_restore", ACL_SELECT);
		lock_for_restore(&restore);
		warn_of_foreign_rows(&restore);
		query_begin_snapshot();
		compare_tables(&restore);
		query_end_snapshot();
		if (restore.refused)
			refuse_restore(&restore);
		restore_tables(&restore);
		verify_tables(&restore);
		snapshot_runs_mark(restore.snapshot, record_restore(&restore));
		statement_allow_again("menuca_restore_snapshot");
	}

	report_restore(&restore);
	restore.next_step = next_restore_call(fcinfo, &restore);
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, restore.diffs)
		put_restore_row(rsinfo, &restore, lfirst(lc));
	return (Datum) 0;
}

/* Opens the tables, and sorts them by their current foreign keys. */
static void
open_tables(Restore *restore)
{
	TableSnapshot *snapshot = restore->snapshot;
	ListCell   *lc;

	foreach(lc, snapshot->tables)
		snapshot_table_open(snapshot, lfirst(lc),
							restore->dry_run ? ACL_SELECT :
							ACL_SELECT | ACL_INSERT | ACL_UPDATE | ACL_DELETE);
	snapshot->tables = snapshot_tables_in_order(snapshot->tables);
}

/*
 * Excludes runs and all other writers, and new rows of other tables that refer
 * to rows to delete.
 */
static void
lock_for_restore(Restore *restore)
{
	ListCell   *lc;
	ListCell   *rc;

	foreach(lc, restore->snapshot->tables)
		keyed_table_reserve(&((SnapshotTable *) lfirst(lc))->table, false);
	foreach(lc, restore->snapshot->tables)
	{
		SnapshotTable *table = lfirst(lc);
		Oid			namespace = get_namespace_oid(restore->snapshot->schema, true);
		Oid			copy = OidIsValid(namespace) ? get_relname_relid(table->name, namespace) : InvalidOid;

		keyed_table_lock(&table->table);
		if (OidIsValid(copy))
			snapshot_copy_require_plain(copy);
	}

	query_begin_snapshot();
	foreach(lc, restore->snapshot->tables)
	{
		foreach(rc, snapshot_referrers(restore->snapshot, lfirst(lc)))
			table_lock_take(((Referrer *) lfirst(rc))->relid, ShareRowExclusiveLock, "Nothing was changed.");
	}
	query_end_snapshot();
}

static void
warn_of_foreign_rows(const Restore *restore)
{
	ListCell   *lc;

	foreach(lc, restore->snapshot->tables)
		keyed_table_warn_foreign(&((SnapshotTable *) lfirst(lc))->table);
}

static void
compare_tables(Restore *restore)
{
	ListCell   *lc;

	foreach(lc, restore->snapshot->tables)
		restore->diffs = lappend(restore->diffs, snapshot_diff(restore->snapshot, lfirst(lc)));
	restore->runs = snapshot_runs_concerned(restore->snapshot);
	restore->refused = must_refuse(restore);
}

/* Reasons are overridden by force, except those that block. */
static bool
must_refuse(const Restore *restore)
{
	ListCell   *lc;

	foreach(lc, restore->diffs)
	{
		const TableDiff *diff = lfirst(lc);

		if (diff->blocked || (diff->reasons && !restore->force))
			return true;
	}
	return false;
}

static void
refuse_restore(const Restore *restore)
{
	StringInfoData detail;
	ListCell   *lc;
	ListCell   *rc;

	initStringInfo(&detail);
	foreach(lc, restore->diffs)
	{
		const TableDiff *diff = lfirst(lc);

		foreach(rc, diff->reasons)
			appendStringInfo(&detail, "%s.\n", (char *) lfirst(rc));
	}
	appendStringInfoString(&detail, "Nothing was changed.");

	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_SNAPSHOT),
			 errmsg("snapshot \"%s\" was not restored", restore->snapshot->label),
			 errdetail_internal("%s", detail.data),
			 is_blocked(restore) ?
			 errhint("%s", migrate_call("A snapshot can only be restored as a whole. Undo these changes of the tables, or insert the missing rows that are referred to. To undo single runs, look at them: SELECT run_id, kind, target, status, inserted FROM menuca_runs; the copies can be read in schema %s.",
										restore->snapshot->schema)) :
			 errhint("%s", migrate_call("Look at these rows. If they may be deleted or changed: SELECT * FROM menuca_restore_snapshot(%s, dry_run => false, force => true);",
										quote_literal_cstr(restore->snapshot->label)))));
}

/* True if even force does not help. */
static bool
is_blocked(const Restore *restore)
{
	ListCell   *lc;

	foreach(lc, restore->diffs)
	{
		if (((TableDiff *) lfirst(lc))->blocked)
			return true;
	}
	return false;
}

/* What blocks a restore are changes since, which runs have made or people. */
static char *
next_restore_call(FunctionCallInfo fcinfo, const Restore *restore)
{
	if (!restore->dry_run)
		return migrate_call("SELECT * FROM menuca_validate();");
	if (!restore->refused)
		return given_call_for_real(fcinfo);
	return is_blocked(restore) ? migrate_call("SELECT * FROM menuca_rollback_guide();") : given_call_forced(fcinfo);
}

static void
restore_tables(Restore *restore)
{
	List	   *enable = NIL;
	ListCell   *lc;
	int			n = list_length(restore->diffs);

	if (restore->disable_triggers)
	{
		foreach(lc, restore->diffs)
			enable = list_concat(enable, snapshot_triggers_disable(&((TableDiff *) lfirst(lc))->table->table));
	}

	for (int i = n - 1; i >= 0; i--)
		snapshot_rows_delete(list_nth(restore->diffs, i), false);
	foreach(lc, restore->diffs)
		snapshot_rows_restore(lfirst(lc));
	for (int i = n - 1; i >= 0; i--)
		snapshot_rows_delete(list_nth(restore->diffs, i), true);

	/* ALTER TABLE fails while deferred constraints are unchecked. */
	query_write("SET CONSTRAINTS ALL IMMEDIATE", NULL, NULL, NULL);
	foreach(lc, enable)
		query_write(lfirst(lc), NULL, NULL, NULL);
	foreach(lc, restore->diffs)
		set_sequences(lfirst(lc));
}

static void
set_sequences(const TableDiff *diff)
{
	QueryArgs	args = {0};
	ListCell   *lc;

	query_arg_json(&args, diff->table->sequences);
	query_arg_json(&args, diff->sequences);
	foreach(lc, query_texts("SELECT e.key FROM jsonb_each($1) e WHERE e.value <> $2 -> e.key"
							" ORDER BY e.key", &args))
		set_sequence(lfirst(lc), diff);
}

/*
 * setval() alone is not undone by an abort.  ALTER SEQUENCE RESTART, which
 * only the owner may do, gives the sequence new storage, which an abort
 * discards; distributed servers do not alter sequences.
 */
static void
set_sequence(const char *name, const TableDiff *diff)
{
	Oid			oid = snapshot_sequence_oid(name);
	QueryArgs	args = {0};

	relation_require(oid, ACL_UPDATE);
	if (relation_is_owned(oid) && !hooked_table(diff->table->table.oid))
		query_write(psprintf("ALTER SEQUENCE %s RESTART", name), NULL, NULL, NULL);
	query_arg_text(&args, name);
	query_arg_json(&args, diff->table->sequences);
	query_write("SELECT pg_catalog.setval($1::pg_catalog.regclass,"
				" ($2 OPERATOR(pg_catalog.->) $1 OPERATOR(pg_catalog.->>) 'last_value')::pg_catalog.int8,"
				" ($2 OPERATOR(pg_catalog.->) $1 OPERATOR(pg_catalog.->>) 'is_called')::pg_catalog.bool)",
				&args, NULL, NULL);
}

/* Compares each table's checksum with the one that the snapshot recorded. */
static void
verify_tables(const Restore *restore)
{
	ListCell   *lc;

	query_begin_snapshot();
	foreach(lc, restore->diffs)
	{
		const SnapshotTable *table = ((TableDiff *) lfirst(lc))->table;
		TableChecksum content = table_checksum(table->table.oid);

		if (!table_checksum_equal(&content, &table->content))
			ereport(ERROR,
					(errcode(ERRCODE_MENUCA_INTEGRITY),
					 errmsg("restoring snapshot \"%s\" failed: table %s differs from its copy",
							restore->snapshot->label, table->table.display_name),
					 errdetail("The table has %s with checksum %s, the copy has %s with checksum %s. Everything was undone.",
							   format_things(content.rows, "row"), content.checksum,
							   format_things(table->content.rows, "row"), table->content.checksum),
					 errhint("%s", migrate_call("A trigger on one of the tables may change the rows that are written, such as a time of the last change. The tables' owner can disable the triggers: SELECT * FROM menuca_restore_snapshot(%s, dry_run => false, disable_triggers => true);",
												quote_literal_cstr(restore->snapshot->label)))));
	}
	query_end_snapshot();
}

/* Inserts the restore into the list of restores; returns its number. */
static int64
record_restore(const Restore *restore)
{
	StringInfoData figures;
	QueryArgs	args = {0};
	int64		number = 0;
	ListCell   *lc;

	initStringInfo(&figures);
	json_begin(&figures);
	foreach(lc, restore->diffs)
	{
		const TableDiff *diff = lfirst(lc);
		StringInfoData counts;

		initStringInfo(&counts);
		json_begin(&counts);
		json_count(&counts, "deleted", diff->to_delete);
		json_count(&counts, "inserted", diff->to_insert);
		json_count(&counts, "updated", diff->to_update);
		json_count(&counts, "dependants", diff->dependants);
		json_end(&counts);
		json_raw(&figures, diff->table->name, counts.data);
	}
	json_end(&figures);

	query_arg_int8(&args, restore->snapshot->number);
	query_arg_text(&args, restore->snapshot->label);
	query_arg(&args, BOOLOID, BoolGetDatum(restore->force), false);
	query_arg_json(&args, figures.data);
	query_arg_text(&args, restore->runs.undone ? restore->runs.undone : "");
	query_arg_text(&args, restore->runs.restored ? restore->runs.restored : "");
	migrate_write("menuca_snapshot_restore",
				  psprintf("INSERT INTO %smenuca_snapshot_restore"
						   " (snapshot_no, label, forced, figures, runs_undone, runs_restored)"
						   " VALUES ($1, $2, $3, $4, pg_catalog.string_to_array($5, ', ')::pg_catalog.int8[],"
						   " pg_catalog.string_to_array($6, ', ')::pg_catalog.int8[])"
						   " RETURNING restore_no", migrate_schema()),
				  &args, slot_store_int8, &number);
	return number;
}

/* Tells the caller what was restored, or what a dry run found. */
static void
report_restore(const Restore *restore)
{
	const SnapshotRuns *runs = &restore->runs;
	uint64		deleted = 0;
	uint64		inserted = 0;
	uint64		updated = 0;
	bool		compared = true;
	ListCell   *lc;
	ListCell   *rc;

	foreach(lc, restore->diffs)
	{
		const TableDiff *diff = lfirst(lc);

		deleted += diff->to_delete;
		inserted += diff->to_insert;
		updated += diff->to_update;
		compared &= diff->compared;
	}
	if (compared)
		ereport(NOTICE,
				(restore->dry_run ?
				 errmsg("dry run: restoring snapshot \"%s\" would delete %s, insert %s and update %s",
						restore->snapshot->label, format_things(deleted, "row"),
						format_count(inserted), format_count(updated)) :
				 errmsg("snapshot \"%s\" was restored: %s deleted, %s inserted, %s updated",
						restore->snapshot->label, format_things(deleted, "row"),
						format_count(inserted), format_count(updated)),
				 runs->undone || runs->restored ?
				 errdetail("In the ledger, %s%s%s.",
						   runs->undone ?
						   psprintf("run %s %s rolled back", runs->undone, restore->dry_run ? "would be" : "is") : "",
						   runs->undone && runs->restored ? ", and " : "",
						   runs->restored ?
						   psprintf("run %s, whose rows come back, %s its former status", runs->restored,
									restore->dry_run ? "would have" : "has") : "") : 0));

	if (restore->dry_run && restore->refused)
	{
		foreach(lc, restore->diffs)
		{
			foreach(rc, ((TableDiff *) lfirst(lc))->reasons)
				ereport(NOTICE,
						(errmsg("the restore would be refused: %s", (char *) lfirst(rc))));
		}
	}
}

static void
put_restore_row(ReturnSetInfo *rsinfo, const Restore *restore, const TableDiff *diff)
{
	Datum		values[11];
	bool		nulls[11] = {0};
	const char *status = !restore->dry_run ? "restored" : restore->refused ? "refused" : "planned";

	values[0] = CStringGetTextDatum(diff->table->name);
	values[1] = CStringGetTextDatum(status);
	values[2] = Int64GetDatum(diff->table->content.rows);
	values[3] = Int64GetDatum(diff->rows_now);
	values[4] = Int64GetDatum(diff->to_delete);
	values[5] = Int64GetDatum(diff->to_insert);
	values[6] = Int64GetDatum(diff->to_update);
	nulls[4] = nulls[5] = nulls[6] = nulls[7] = !diff->compared;
	values[7] = Int64GetDatum(diff->dependants);
	values[8] = DirectFunctionCall1(jsonb_in, CStringGetDatum(diff->table->sequences));
	values[9] = result_text_array(diff->reasons);
	values[10] = CStringGetTextDatum(restore->next_step);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
