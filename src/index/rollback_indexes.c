/*-------------------------------------------------------------------------
 *
 * rollback_indexes.c
 *	  Dropping the indexes that were created here, and no others.
 *
 * menuca_rollback_indexes(dry_run, lock_timeout, force)
 *
 * The ledger has their names and definitions.  An index of that name with
 * another definition is somebody else's; another object with the same
 * definition was created again, and is kept unless forced.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/given_call.h"
#include "base/guc_scope.h"
#include "base/preview.h"
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/sqlstate.h"
#include "base/statement.h"
#include "index/created_index.h"
#include "index/index_locks.h"

PG_FUNCTION_INFO_V1(menuca_rollback_indexes);
PG_FUNCTION_INFO_V1(menuca_preview_rollback_indexes);

typedef enum DropAction
{
	DROP_DROP,
	DROP_GONE,					/* it does not exist any more */
	DROP_CHANGED,				/* the name is used by something else */
	DROP_RECREATED				/* it is another object of that definition */
} DropAction;

static const char *const drop_action_names[] = {
	"drop", "gone", "changed", "recreated"
};

static DropAction drop_action(const CreatedIndex *entry, bool force);
static char *drop_statement(const CreatedIndex *entry, bool concurrently);
static char *missing_right(const List *entries, bool force);
static void drop_indexes(List *entries, bool force);
static void lock_indexed_tables(const List *entries, bool force);
static void require_unchanged(const CreatedIndex *entry);
static void return_dropped(ReturnSetInfo *rsinfo, const CreatedIndex *entry, bool force,
						   bool dry_run, const char *missing, const char *next_step);


/*
 * menuca_rollback_indexes(dry_run, lock_timeout, force): a row per index of the
 * ledger.  Without dry_run, drops all of them that are to be dropped, or raises
 * an error.
 */
Datum
menuca_rollback_indexes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	int			milliseconds = argument_milliseconds(fcinfo, 1, "lock_timeout");
	bool		force = argument_bool(fcinfo, 2, "force");
	List	   *entries;
	char	   *missing;
	char	   *real_call = given_call_for_real(fcinfo);
	char	   *next_step;
	ListCell   *lc;
	int			scope = index_locks_begin_timeout(milliseconds);

	if (!dry_run)
	{
		statement_require_first("menuca_rollback_indexes", "the indexes",
								real_call);
		created_index_begin_update("menuca_rollback_indexes(dry_run := false)");
	}
	InitMaterializedSRF(fcinfo, 0);
	entries = created_index_entries(menuca_target_schema);
	missing = missing_right(entries, force);
	if (!dry_run)
	{
		if (missing)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("the indexes that this extension created cannot be dropped"),
					 errdetail("%s Nothing was dropped.", missing),
					 errhint("Execute the GRANT, or call this as the owner of the tables.")));
		drop_indexes(entries, force);
		created_index_end_update();
		statement_allow_again("menuca_rollback_indexes");
	}
	next_step = !dry_run ? migrate_call("SELECT * FROM menuca_rollback_guide();") :
		missing ? migrate_call("SELECT * FROM menuca_grants(current_user, 'indexes');") : real_call;
	foreach(lc, entries)
		return_dropped(rsinfo, lfirst(lc), force, dry_run, missing, next_step);
	guc_scope_end(scope);
	return (Datum) 0;
}

/* menuca_preview_rollback_indexes(force): its dry run, for who may only look. */
Datum
menuca_preview_rollback_indexes(PG_FUNCTION_ARGS)
{
	return preview_call(fcinfo, "menuca_rollback_indexes");
}

static DropAction
drop_action(const CreatedIndex *entry, bool force)
{
	const PlannedIndex *current = entry->current;

	if (!OidIsValid(current->index))
		return DROP_GONE;
	if ((current->action != INDEX_EXISTS && current->action != INDEX_REBUILD) || current->exceeds)
		return DROP_CHANGED;
	if (!entry->announced && entry->same_database && entry->index != current->index && !force)
		return DROP_RECREATED;
	return DROP_DROP;
}

static char *
drop_statement(const CreatedIndex *entry, bool concurrently)
{
	if (get_rel_relkind(entry->current->index) == RELKIND_PARTITIONED_INDEX)
		concurrently = false;
	return psprintf("DROP INDEX%s %s;", concurrently ? " CONCURRENTLY" : "", entry->current->name);
}

/* The first right that the caller lacks to drop them, or NULL. */
static char *
missing_right(const List *entries, bool force)
{
	char	   *missing = created_index_missing_right();
	const ListCell *lc;

	foreach(lc, entries)
	{
		const CreatedIndex *entry = lfirst(lc);

		if (missing == NULL && drop_action(entry, force) == DROP_DROP)
			missing = index_locks_missing_right(entry->current->table, false);
	}
	return missing;
}

static void
drop_indexes(List *entries, bool force)
{
	int			dropped = 0;
	int			kept = 0;
	ListCell   *lc;

	lock_indexed_tables(entries, force);
	foreach(lc, entries)
	{
		CreatedIndex *entry = lfirst(lc);

		require_unchanged(entry);
		switch (drop_action(entry, force))
		{
			case DROP_DROP:
				query_write(drop_statement(entry, false), NULL, NULL, NULL);
				created_index_mark_dropped(entry);
				dropped++;
				break;
			case DROP_GONE:
				if (entry->announced)
					created_index_forget(entry);
				else
					created_index_mark_dropped(entry);
				break;
			default:
				kept++;
		}
	}
	ereport(NOTICE,
			(errmsg("%d of the indexes that this extension created were dropped, %d were kept", dropped, kept)));
}

static void
lock_indexed_tables(const List *entries, bool force)
{
	List	   *tables = NIL;
	const ListCell *lc;

	foreach(lc, entries)
	{
		const CreatedIndex *entry = lfirst(lc);

		if (drop_action(entry, force) == DROP_DROP)
			tables = list_append_unique_oid(tables, entry->current->table);
	}
	index_locks_take(tables, AccessExclusiveLock);
}

/* Another session may have replaced the index before its table was locked. */
static void
require_unchanged(const CreatedIndex *entry)
{
	const PlannedIndex *now = index_plan_one(menuca_target_schema, &entry->wanted);

	if (now->index != entry->current->index)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INDEX),
				 errmsg("index %s was dropped or created while this rollback waited", now->name),
				 errdetail("Nothing was dropped."),
				 errhint("%s", migrate_call("Check SELECT * FROM menuca_rollback_indexes(); then call it again."))));
}

static void
return_dropped(ReturnSetInfo *rsinfo, const CreatedIndex *entry, bool force, bool dry_run,
			   const char *missing, const char *next_step)
{
	const char *details[] = {
		[DROP_GONE] = "it does not exist any more",
		[DROP_CHANGED] = "its name is used by something else, which was not created here",
		[DROP_RECREATED] = migrate_call("it was created again, by somebody else or by REINDEX CONCURRENTLY. To drop it anyway: SELECT * FROM menuca_rollback_indexes(dry_run => false, force => true);")
	};
	DropAction	action = drop_action(entry, force);
	Datum		values[7];
	bool		nulls[7] = {0};

	values[0] = CStringGetTextDatum(entry->wanted.text.name);
	values[1] = CStringGetTextDatum(entry->wanted.table);
	values[2] = CStringGetTextDatum(drop_action_names[action]);
	values[3] = CStringGetTextDatum(action != DROP_DROP ? "kept" : !dry_run ? "dropped" :
									missing ? "refused" : "planned");
	values[4] = result_text(action == DROP_DROP ? missing : details[action], &nulls[4]);
	values[5] = result_text(action == DROP_DROP ? drop_statement(entry, dry_run) : NULL, &nulls[5]);
	values[6] = CStringGetTextDatum(next_step);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
