/*-------------------------------------------------------------------------
 *
 * rollback_guide.c
 *	  The way back: see rollback_guide.h.
 *
 * menuca_rollback_guide()	the calls that undo everything, in order
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "base/database_identity.h"
#include "utils/builtins.h"

#include "advice/rollback_guide.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "ledger/run_damage.h"
#include "runbook/ticket_environment.h"

PG_FUNCTION_INFO_V1(menuca_rollback_guide);

/* Where the calls go. */
typedef struct Guide
{
	RollbackCallFn fn;
	void	   *arg;
} Guide;

/* The rows of menuca_rollback_guide(). */
typedef struct GuideRows
{
	ReturnSetInfo *rsinfo;
	int			calls;			/* so far */
} GuideRows;

static void add_guide_row(RollbackOption option, const char *what, const char *statement, void *arg);
static void add_call(const Guide *guide, RollbackOption option, const char *what, const char *statement);
static void guide_hosted(Guide *guide);
static void guide_set(TupleTableSlot *slot, void *arg);
static void guide_run(TupleTableSlot *slot, void *arg);
static void guide_snapshot(TupleTableSlot *slot, void *arg);
static void guide_backup(TupleTableSlot *slot, void *arg);


/*
 * Returns the calls from the most recent change to the first one.  Snapshots
 * and the backup come last, since restoring one undoes everything at once.
 */
Datum
menuca_rollback_guide(PG_FUNCTION_ARGS)
{
	GuideRows	rows = {(ReturnSetInfo *) fcinfo->resultinfo, 0};

	InitMaterializedSRF(fcinfo, 0);
	rollback_guide_each(add_guide_row, &rows);
	return (Datum) 0;
}

/* A row of the result. */
static void
add_guide_row(pg_attribute_unused() RollbackOption option, const char *what, const char *statement, void *arg)
{
	GuideRows  *rows = arg;
	Datum		values[3];
	bool		nulls[3] = {0};

	values[0] = Int32GetDatum(++rows->calls);
	values[1] = CStringGetTextDatum(what);
	values[2] = CStringGetTextDatum(statement);
	tuplestore_putvalues(rows->rsinfo->setResult, rows->rsinfo->setDesc, values, nulls);
}

void
rollback_guide_each(RollbackCallFn fn, void *arg)
{
	Guide		guide = {fn, arg};
	ListCell   *lc;

	query_begin_snapshot();
	guide_hosted(&guide);
	query_each(psprintf("SELECT run_id, kind, inserted, target_schema, target FROM %smenuca_runs"
						" WHERE status <> 'rolled_back' AND inserted > 0 AND part_of IS NULL ORDER BY run_id DESC", migrate_schema()),
			   NULL, guide_run, &guide);
	foreach(lc, run_damage_lost_ids())
		add_call(&guide, ROLLBACK_ITEMS, psprintf("run %s: the ledger has lost it, but has the rows that it inserted", (char *) lfirst(lc)),
				 migrate_call("-- restore menuca_run from a backup, then: SELECT * FROM menuca_rollback(%s, dry_run => false);",
							  (char *) lfirst(lc)));
	if (query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_access_change WHERE undone_at IS NULL)", migrate_schema()), NULL))
		add_call(&guide, ROLLBACK_ACCESS, "row level security: policies and grants that were created here",
				 migrate_call("SELECT * FROM menuca_rollback_access(dry_run => false);"));
	if (query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_created_index WHERE status = 'created')", migrate_schema()), NULL))
		add_call(&guide, ROLLBACK_INDEXES, "indexes that were created here",
				 migrate_call("SELECT * FROM menuca_rollback_indexes(dry_run => false);"));
	query_each(psprintf("SELECT label FROM %smenuca_snapshots ORDER BY taken_at DESC", migrate_schema()),
			   NULL, guide_snapshot, &guide);
	query_each(psprintf("SELECT label, id, method, started, details ->> 'host' AS host, details ->> 'path' AS path"
						" FROM %smenuca_backups WHERE verified AND of_this_database"
						" AND isfinite(started) AND isfinite(finished)"
						" ORDER BY finished DESC, backup_no DESC LIMIT 1", migrate_schema()),
			   NULL, guide_backup, &guide);
	query_end_snapshot();
}

/* What the receipts say was changed in the hosted production; that comes before its copy. */
static void
guide_hosted(Guide *guide)
{
	QueryArgs	args = {0};

	if (ticket_hosted_production() == NULL)
		return;
	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	query_each(psprintf("SELECT r.set_name, r.kind, r.run_id, r.of_database, max(r.made_at) AS made_at"
						" FROM %smenuca_hosted_receipts r JOIN %smenuca_hosted_file f USING (kind, file)"
						" WHERE r.database_name = $1 AND r.system_identifier = $2 AND r.applies AND NOT f.is_before"
						" GROUP BY 1, 2, 3, 4 ORDER BY min(r.made_at) DESC, r.set_name", migrate_schema(), migrate_schema()),
			   &args, guide_set, guide);
}

static void
guide_set(TupleTableSlot *slot, void *arg)
{
	char	   *kind = slot_text_of(slot, "kind");
	char	   *what = psprintf("on production, database \"%s\": set %s, if it is applied (seen %s): execute its files of the rollback there",
								slot_text_of(slot, "of_database"), slot_text_of(slot, "set_name"),
								format_utc(slot_time_of(slot, "made_at", NULL)));

	add_call(arg, strcmp(kind, "fix") == 0 ? ROLLBACK_ITEMS : strcmp(kind, "indexes") == 0 ? ROLLBACK_INDEXES : ROLLBACK_ACCESS,
			 what, psprintf("%s WHERE file_name ~ 'rollback';",
							strcmp(kind, "fix") == 0 ?
							migrate_call("SELECT file_name, sql FROM menuca_export_fix(%lld, style => 'statements')",
										 (long long) slot_int8_or_zero_of(slot, "run_id")) :
							strcmp(kind, "indexes") == 0 ?
							migrate_call("SELECT file_name, sql FROM menuca_export_indexes(style => 'statements')") :
							migrate_call("SELECT file_name, sql FROM menuca_export_access(style => 'statements')")));
}

static void
guide_run(TupleTableSlot *slot, void *arg)
{
	Guide	   *guide = arg;

	long long	run_id = slot_int8_of(slot, "run_id");
	char	   *damage = run_damage(run_id);
	char	   *what = psprintf("%s: %lld inserted into %s", slot_text_of(slot, "kind"), (long long) slot_int8_of(slot, "inserted"),
								quote_qualified_identifier(slot_text_of(slot, "target_schema"), slot_text_of(slot, "target")));

	if (damage)
		add_call(guide, ROLLBACK_ITEMS, psprintf("%s; its ledger is damaged: %s", what, damage),
				 migrate_call("-- restore menuca_run, menuca_run_batch and menuca_run_baseline from a backup, then: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
							  run_id));
	else
		add_call(guide, ROLLBACK_ITEMS, what, migrate_call("SELECT * FROM menuca_rollback(%lld, dry_run => false);", run_id));
}

static void
guide_snapshot(TupleTableSlot *slot, void *arg)
{
	Guide	   *guide = arg;
	char	   *label = slot_text_of(slot, "label");

	add_call(guide, ROLLBACK_SNAPSHOT, psprintf("instead of all of the above: restore the tables from snapshot %s", label),
			 migrate_call("SELECT * FROM menuca_restore_snapshot(%s, dry_run => false);",
						  quote_literal_cstr(label)));
}

/* The last resort: restore the backup into another database. */
static void
guide_backup(TupleTableSlot *slot, void *arg)
{
	char	   *host = slot_text_or_null_of(slot, "host");
	char	   *path = slot_text_or_null_of(slot, "path");
	char	   *copy = format_shell_word(psprintf("%s_restored", database_identity_name()));

	add_call(arg, ROLLBACK_RESTORE,
			 psprintf("as a last resort: restore the whole database as of %s, from backup %s",
					  format_utc(slot_time_of(slot, "started", NULL)), slot_text_of(slot, "label")),
			 format_one_line(path == NULL ?
							 psprintf("-- restore %s, made by: %s", slot_text_of(slot, "id"), slot_text_of(slot, "method")) :
							 psprintf("-- in a shell on %s: createdb -T template0 %s && pg_restore --exit-on-error -d %s %s",
									  host ? host : "its host", copy, copy, format_shell_word(path))));
}

static void
add_call(const Guide *guide, RollbackOption option, const char *what, const char *statement)
{
	guide->fn(option, what, statement, guide->arg);
}
