/*-------------------------------------------------------------------------
 *
 * rollback_indexes.c
 *	  Dropping the indexes that were created here, and no others.
 *
 * menuca_rollback_indexes(dry_run, lock_timeout, force)
 *
 * The ledger says which ones those are.  One that is there by the same name
 * but has another definition is somebody else's; one that has the definition
 * but is another object was created again, and is left unless forced.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/arguments.h"
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/sqlstate.h"
#include "index/created_index.h"
#include "index/index_locks.h"

PG_FUNCTION_INFO_V1(menuca_rollback_indexes);

typedef enum DropAction
{
	DROP_DROP,
	DROP_GONE,					/* it is not there */
	DROP_CHANGED,				/* the name stands for something else */
	DROP_RECREATED				/* by another object of that definition */
} DropAction;

static const char *const drop_action_names[] = {
	"drop", "gone", "changed", "recreated"
};

static DropAction drop_action(const CreatedIndex *entry, bool force);
static char *drop_statement(const CreatedIndex *entry, bool concurrently);
static char *lacking_rights(const List *entries, bool force);
static void drop_all(List *entries, bool force, int milliseconds);
static void emit(ReturnSetInfo *rsinfo, const CreatedIndex *entry, bool force,
				 bool dry_run, const char *lacking);


/*
 * menuca_rollback_indexes(dry_run, lock_timeout, force): a row per index of the
 * ledger.  In earnest it is all or nothing.
 */
Datum
menuca_rollback_indexes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	int			milliseconds = argument_milliseconds(fcinfo, 1, "lock_timeout");
	bool		force = argument_bool(fcinfo, 2, "force");
	List	   *entries;
	char	   *lacking;
	ListCell   *lc;
	int			level = index_limit_waits(milliseconds);

	if (!dry_run)
		created_index_claim("menuca_rollback_indexes(dry_run := false)", milliseconds);
	InitMaterializedSRF(fcinfo, 0);
	entries = created_index_entries(menuca_target_schema);
	lacking = lacking_rights(entries, force);
	if (!dry_run)
	{
		if (lacking)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("the indexes that were created here cannot be dropped"),
					 errdetail("%s Nothing was dropped.", lacking),
					 errhint("Or call this as the owner of the tables.")));
		drop_all(entries, force, milliseconds);
		created_index_end_claim();
	}
	foreach(lc, entries)
		emit(rsinfo, lfirst(lc), force, dry_run, lacking);
	index_unlimit_waits(level);
	return (Datum) 0;
}

static DropAction
drop_action(const CreatedIndex *entry, bool force)
{
	const PlannedIndex *there = entry->there;

	if (!OidIsValid(there->index))
		return DROP_GONE;
	if ((there->action != INDEX_EXISTS && there->action != INDEX_REBUILD) || there->more)
		return DROP_CHANGED;
	if (!entry->announced && entry->same_database && entry->index != there->index && !force)
		return DROP_RECREATED;
	return DROP_DROP;
}

static char *
drop_statement(const CreatedIndex *entry, bool concurrently)
{
	if (get_rel_relkind(entry->there->index) == RELKIND_PARTITIONED_INDEX)
		concurrently = false;
	return psprintf("DROP INDEX%s %s;", concurrently ? " CONCURRENTLY" : "", entry->there->name);
}

/* What the caller lacks to drop them, or NULL. */
static char *
lacking_rights(const List *entries, bool force)
{
	char	   *ledger = created_index_lacking_right();
	ListCell   *lc;

	if (ledger)
		return ledger;

	foreach(lc, entries)
	{
		const CreatedIndex *entry = lfirst(lc);
		char	   *lacking;

		if (drop_action(entry, force) != DROP_DROP)
			continue;
		lacking = index_lacking_right(entry->there->table, false);
		if (lacking)
			return lacking;
	}
	return NULL;
}

static void
drop_all(List *entries, bool force, int milliseconds)
{
	List	   *tables = NIL;
	int			dropped = 0;
	int			left = 0;
	ListCell   *lc;

	foreach(lc, entries)
	{
		const CreatedIndex *entry = lfirst(lc);

		if (drop_action(entry, force) == DROP_DROP)
			tables = list_append_unique_oid(tables, entry->there->table);
	}
	index_lock_tables(tables, AccessExclusiveLock, milliseconds);

	foreach(lc, entries)
	{
		CreatedIndex *entry = lfirst(lc);
		PlannedIndex *now = index_plan_one(menuca_target_schema, &entry->wanted);

		/* Before the lock was ours, somebody may have been at it. */
		if (now->index != entry->there->index)
			ereport(ERROR,
					(errcode(ERRCODE_MENUCA_INDEX),
					 errmsg("index %s was dropped or created while this rollback waited", now->name),
					 errdetail("Nothing was dropped."),
					 errhint("Look at SELECT * FROM menuca_rollback_indexes(); and call it again.")));
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
				left++;
		}
	}
	ereport(NOTICE,
			(errmsg("%d of the indexes that were created here are dropped, %d are left", dropped, left)));
}

static void
emit(ReturnSetInfo *rsinfo, const CreatedIndex *entry, bool force, bool dry_run,
	 const char *lacking)
{
	static const char *const details[] = {
		[DROP_GONE] = "it is not there any more",
		[DROP_CHANGED] = "the name stands for something else now, which was not created here",
		[DROP_RECREATED] = "an index of this definition was created again since: by somebody else, or by REINDEX CONCURRENTLY. force => true drops it"
	};
	DropAction	action = drop_action(entry, force);
	Datum		values[6];
	bool		nulls[6] = {0};

	values[0] = CStringGetTextDatum(entry->wanted.text.name);
	values[1] = CStringGetTextDatum(entry->wanted.table);
	values[2] = CStringGetTextDatum(drop_action_names[action]);
	values[3] = CStringGetTextDatum(action != DROP_DROP ? "left" : !dry_run ? "dropped" :
									lacking ? "refused" : "planned");
	values[4] = result_text(action == DROP_DROP ? lacking : details[action], &nulls[4]);
	values[5] = result_text(action == DROP_DROP ? drop_statement(entry, dry_run) : NULL, &nulls[5]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
