/*-------------------------------------------------------------------------
 *
 * rollback.c
 *	  Deleting what a run inserted, and nothing else.
 *
 * menuca_rollback(run_id, dry_run, force)
 *
 * The ledger says which rows the run inserted and how each one, and each row
 * from before, looked.  First all of them are compared with what is there
 * and the rows that depend on them are counted; then the run's rows are
 * deleted by key; then everything is compared again, which proves that the
 * state is back, or says what others have done to it.
 *
 * A run may have parts: runs of the same transaction, whose rows depend on its
 * own.  They are rolled back before it, in the same way and transaction.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/int8_sort.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/sqlstate.h"
#include "ledger/reconcile.h"
#include "ledger/run_ledger.h"
#include "plan/gate.h"
#include "target/junction.h"

PG_FUNCTION_INFO_V1(menuca_rollback);

/* Keys that one DELETE takes, or one count of dependants looks at. */
#define KEYS_PER_STATEMENT 10000

/* How many keys a message names. */
#define KEYS_NAMED 10

typedef struct Rollback
{
	Run		   *run;
	int64		asked;			/* the run that is to be rolled back: this one
								 * or the one that it is a part of */
	KeyedTable	table;
	bool		dry_run;
	bool		force;
	Int8Sort   *keys;			/* of the run's rows that are there */
	uint64		nkeys;
	List	   *changed_keys;	/* the first ones, as text */
	Reconciliation before;
	Reconciliation after;
	uint64		dependants;
	bool		blocked;		/* by some of them, even when forced */
	bool		holds_items;	/* these are items, which other runs inserted */
	uint64		deleted;
	List	   *reasons;		/* against going on */
	List	   *parts;			/* Rollbacks of its parts */
	bool		parts_restored; /* as far as there are some */
} Rollback;

/* A foreign key that references the table, or a junction that refers to it. */
typedef struct Dependency
{
	Oid			relid;
	char	   *table;
	char	   *action;
	bool		blocks;			/* it forbids the DELETE */
	bool		of_items;		/* it is a junction's */
	char	   *join;			/* condition between d (the table) and i */
} Dependency;

/* State of dependencies(): where the list belongs. */
typedef struct DependencyState
{
	MemoryContext context;
	List	   *list;
} DependencyState;

static void prepare(Rollback *rollback);
static void look(Rollback *rollback);
static void carry_out(Rollback *rollback);
static List *find_parts(const Rollback *rollback);
static bool table_exists(const Run *run);
static const char *noun(const Run *run);
static char *label(const Run *run);
static void inspect(Rollback *rollback);
static void collect_key(int64 key, bool changed, void *arg);
static void lock_dependants(const Run *run, const KeyedTable *table);
static void count_dependants(Rollback *rollback);
static List *dependencies(const Run *run, const KeyedTable *table);
static void add_junctions(DependencyState *state, const Run *run, const KeyedTable *table);
static Dependency *find_dependency(List *list, Oid relid);
static void add_dependency(TupleTableSlot *slot, void *arg);
static uint64 count_dependants_of(Rollback *rollback, const Dependency *dependency);
static char *but_own(const Rollback *rollback, const Dependency *dependency);
static int	next_keys(Rollback *rollback, int64 *keys);
static void check_status(const Run *run);
static void refuse(Rollback *rollback);
static void delete_rows(Rollback *rollback);
static bool is_restored(const Rollback *rollback);
static void announce(const Rollback *rollback);
static Datum rollback_result(FunctionCallInfo fcinfo, const Rollback *rollback,
							 TimestampTz start);


/*
 * menuca_rollback(run_id bigint, dry_run, force): one row.  In earnest, raises
 * an error, and has deleted nothing, when rows of the run were changed or have
 * dependants, unless forced.
 */
Datum
menuca_rollback(PG_FUNCTION_ARGS)
{
	TimestampTz start = GetCurrentTimestamp();
	Rollback	rollback = {0};

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("run id must not be NULL"),
				 errdetail("A dry run has no run id: it wrote nothing, so there is nothing to roll back."),
				 errhint("SELECT run_id, status, inserted, started_at FROM menuca_runs ORDER BY 1;")));
	rollback.dry_run = argument_bool(fcinfo, 1, "dry_run");
	rollback.force = argument_bool(fcinfo, 2, "force");
	if (!rollback.dry_run)
	{
		query_require_writable("menuca_rollback(dry_run := false)");
		query_require_read_committed("menuca_rollback(dry_run := false)");
	}

	rollback.run = run_find(PG_GETARG_INT64(0));
	rollback.asked = rollback.run->id;
	prepare(&rollback);
	if (rollback.dry_run)
		look(&rollback);
	else
	{
		query_begin_snapshot();
		inspect(&rollback);
		query_end_snapshot();
		if (rollback.reasons && (!rollback.force || rollback.blocked))
			refuse(&rollback);
		carry_out(&rollback);
	}

	PG_RETURN_DATUM(rollback_result(fcinfo, &rollback, start));
}

/*
 * Opens the tables of a run and of its parts; in earnest, claims and locks
 * them, so that what is counted from now on stays so.
 */
static void
prepare(Rollback *rollback)
{
	AclMode		rights = rollback->dry_run ? ACL_SELECT : ACL_SELECT | ACL_DELETE;
	ListCell   *lc;

	check_status(rollback->run);
	keyed_table_open(&rollback->table, rollback->run->target_schema, rollback->run->target, rights);
	if (rollback->dry_run)
		rollback->parts = find_parts(rollback);
	else
	{
		run_require_rights();
		keyed_table_reserve(&rollback->table, false);
		keyed_table_lock(&rollback->table);
		lock_dependants(rollback->run, &rollback->table);
		query_begin_snapshot();
		check_status(run_find(rollback->run->id));	/* nobody was faster */
		rollback->parts = find_parts(rollback);
		query_end_snapshot();
	}
	foreach(lc, rollback->parts)
		prepare(lfirst(lc));
}

/* A dry run: only looks, and says what would be done. */
static void
look(Rollback *rollback)
{
	ListCell   *lc;

	inspect(rollback);
	foreach(lc, rollback->parts)
		announce(lfirst(lc));
	announce(rollback);
}

/* Deletes what a run inserted, its parts' rows first, and proves it. */
static void
carry_out(Rollback *rollback)
{
	ListCell   *lc;

	rollback->parts_restored = true;
	foreach(lc, rollback->parts)
	{
		carry_out(lfirst(lc));
		rollback->parts_restored &= is_restored(lfirst(lc));
	}

	delete_rows(rollback);
	run_mark_rolled_back(rollback->run->id);

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
				 errdetail("%s before, %s deleted, %s after; %s of the run are still there. All of it was undone.",
						   format_things(rollback->before.items, noun(rollback->run)),
						   format_count(rollback->deleted),
						   format_count(rollback->after.items),
						   format_count(rollback->after.inserted - rollback->after.inserted_missing)),
				 errhint("A trigger on %s interferes: look at its DELETE triggers.",
						 rollback->table.display_name)));
	announce(rollback);
}

/* The parts that are to be rolled back with a run. */
static List *
find_parts(const Rollback *rollback)
{
	List	   *parts = NIL;
	ListCell   *lc;

	foreach(lc, run_parts(rollback->run->id))
	{
		Run		   *run = lfirst(lc);
		Rollback   *part;

		if (!table_exists(run))
		{
			ereport(NOTICE,
					(errmsg("%s has nothing left to delete: table %s.%s was dropped",
							label(run), run->target_schema, run->target)));
			continue;
		}
		part = palloc0(sizeof(Rollback));
		part->run = run;
		part->asked = rollback->asked;
		part->dry_run = rollback->dry_run;
		part->force = rollback->force;
		parts = lappend(parts, part);
	}
	return parts;
}

static bool
table_exists(const Run *run)
{
	Oid			schema = get_namespace_oid(run->target_schema, true);

	return OidIsValid(schema) && OidIsValid(get_relname_relid(run->target, schema));
}

/* What a row of the run's table is called. */
static const char *
noun(const Run *run)
{
	return strcmp(run->kind, "backfill_dishes") == 0 ? "row" :
		run->part_of == 0 ? "item" : "step";
}

/* A run, and of which one it is a part. */
static char *
label(const Run *run)
{
	if (run->part_of == 0)
		return psprintf("run %lld", (long long) run->id);
	return psprintf("run %lld, a part of run %lld,", (long long) run->id,
					(long long) run->part_of);
}

/*
 * Compares the ledger with what is there, and collects what speaks against,
 * that of the parts first.
 */
static void
inspect(Rollback *rollback)
{
	int			kilobytes = maintenance_work_mem / 4;
	ListCell   *lc;

	foreach(lc, rollback->parts)
	{
		Rollback   *part = lfirst(lc);

		inspect(part);
		rollback->reasons = list_concat(rollback->reasons, part->reasons);
		rollback->blocked |= part->blocked;
	}

	rollback->keys = int8_sort_begin(1, kilobytes, false);
	reconcile(rollback->run, &rollback->table, maintenance_work_mem - kilobytes,
			  &rollback->before, collect_key, rollback);
	int8_sort_perform(rollback->keys);
	rollback->after = rollback->before;

	if (rollback->before.inserted_changed > 0)
	{
		StringInfoData names;

		initStringInfo(&names);
		foreach(lc, rollback->changed_keys)
			appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", (char *) lfirst(lc));
		rollback->reasons = lappend(rollback->reasons,
									psprintf("%s of the run %s changed since: %s%s %s%s",
											 format_things(rollback->before.inserted_changed, "row"),
											 rollback->before.inserted_changed == 1 ? "was" : "were",
											 rollback->run->part_of == 0 ? "" :
											 psprintf("table %s, ", rollback->table.display_name),
											 rollback->table.id, names.data,
											 rollback->before.inserted_changed <= KEYS_NAMED ? "" :
											 psprintf(" and %s more",
													  format_count(rollback->before.inserted_changed - KEYS_NAMED))));
	}
	count_dependants(rollback);
}

static void
collect_key(int64 key, bool changed, void *arg)
{
	Rollback   *rollback = arg;

	int8_sort_put(rollback->keys, &key);
	rollback->nkeys++;
	if (changed && list_length(rollback->changed_keys) < KEYS_NAMED)
		rollback->changed_keys = lappend(rollback->changed_keys,
										 psprintf(INT64_FORMAT, key));
}

/* Between counting and deleting, nobody may add a row that depends. */
static void
lock_dependants(const Run *run, const KeyedTable *table)
{
	ListCell   *lc;

	query_begin_snapshot();
	foreach(lc, dependencies(run, table))
		LockRelationOid(((Dependency *) lfirst(lc))->relid, ShareRowExclusiveLock);
	query_end_snapshot();
}

/* Rows of other tables that a DELETE would take along or be stopped by. */
static void
count_dependants(Rollback *rollback)
{
	ListCell   *lc;

	foreach(lc, dependencies(rollback->run, &rollback->table))
	{
		Dependency *dependency = lfirst(lc);
		uint64		count = count_dependants_of(rollback, dependency);

		if (count == 0)
			continue;
		rollback->dependants += count;
		rollback->blocked |= dependency->blocks || dependency->of_items;
		rollback->holds_items |= dependency->of_items;
		rollback->reasons = lappend(rollback->reasons,
									dependency->of_items ?
									psprintf("%s of table %s refer%s to rows of the run",
											 format_things(count, "item"), dependency->table,
											 count == 1 ? "s" : "") :
									psprintf("%s of table %s depend%s on rows of the run (ON DELETE %s)",
											 format_things(count, "row"), dependency->table,
											 count == 1 ? "s" : "", dependency->action));
	}
}

static List *
dependencies(const Run *run, const KeyedTable *table)
{
	QueryArgs	args = {0};
	DependencyState state = {CurrentMemoryContext, NIL};

	query_arg(&args, OIDOID, ObjectIdGetDatum(table->oid), false);
	query_each("SELECT c.conrelid, c.conrelid::regclass::text,"
			   " CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'"
			   "  WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END,"
			   " c.confdeltype IN ('a', 'r'),"
			   " (SELECT string_agg(format('d.%I = i.%I', a.attname, f.attname), ' AND ' ORDER BY k.n)"
			   "  FROM unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(con, conf, n)"
			   "  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.con"
			   "  JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = k.conf)"
			   " FROM pg_constraint c"
			   " WHERE c.contype = 'f' AND c.confrelid = $1 AND c.conparentid = 0"
			   " ORDER BY 2",
			   &args, add_dependency, &state);
	add_junctions(&state, run, table);
	return state.list;
}

/*
 * Items may refer to the table without a foreign key; and with one, they are
 * not to be taken along, since the ledger has them as other runs' rows.
 */
static void
add_junctions(DependencyState *state, const Run *run, const KeyedTable *table)
{
	ListCell   *lc;

	foreach(lc, target_junctions_referring(run->target_schema, run->target))
	{
		const JunctionReference *junction = lfirst(lc);
		Dependency *dependency = find_dependency(state->list, junction->relid);

		if (dependency == NULL)
		{
			dependency = palloc0(sizeof(Dependency));
			dependency->relid = junction->relid;
			dependency->join = psprintf("d.%s = i.%s", junction->column, table->id);
			state->list = lappend(state->list, dependency);
		}
		dependency->table = relation_quoted_name(junction->relid);
		dependency->of_items = true;
	}
}

static Dependency *
find_dependency(List *list, Oid relid)
{
	ListCell   *lc;

	foreach(lc, list)
	{
		Dependency *dependency = lfirst(lc);

		if (dependency->relid == relid)
			return dependency;
	}
	return NULL;
}

static void
add_dependency(TupleTableSlot *slot, void *arg)
{
	DependencyState *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);
	Dependency *dependency = palloc0(sizeof(Dependency));

	dependency->relid = DatumGetObjectId(slot->tts_values[0]);
	dependency->table = TextDatumGetCString(slot->tts_values[1]);
	dependency->action = TextDatumGetCString(slot->tts_values[2]);
	dependency->blocks = DatumGetBool(slot->tts_values[3]);
	dependency->join = TextDatumGetCString(slot->tts_values[4]);
	state->list = lappend(state->list, dependency);
	MemoryContextSwitchTo(old);
}

static uint64
count_dependants_of(Rollback *rollback, const Dependency *dependency)
{
	char	   *any = psprintf("SELECT EXISTS (SELECT FROM %s)", dependency->table);
	char	   *sql = psprintf("SELECT count(*) FROM %s d JOIN %s i ON %s WHERE i.%s = ANY ($1)%s",
							   dependency->table, rollback->table.name,
							   dependency->join, rollback->table.id,
							   but_own(rollback, dependency));
	int64	   *keys = palloc(sizeof(int64) * KEYS_PER_STATEMENT);
	uint64		count = 0;
	int			n;

	relation_require(dependency->relid, ACL_SELECT);
	if (!query_bool(any, NULL))
		return 0;

	int8_sort_rewind(rollback->keys);
	while ((n = next_keys(rollback, keys)) > 0)
	{
		QueryArgs	args = {0};

		query_arg(&args, INT8ARRAYOID, query_int8_array(keys, NULL, n), false);
		count += query_int8(sql, &args);
		pfree(DatumGetPointer(args.values[0]));
	}
	pfree(keys);
	return count;
}

/*
 * A condition that leaves out what the run's own parts inserted: these rows
 * are deleted before what they depend on.
 */
static char *
but_own(const Rollback *rollback, const Dependency *dependency)
{
	StringInfoData condition;
	ListCell   *lc;

	initStringInfo(&condition);
	foreach(lc, rollback->parts)
	{
		const Rollback *part = lfirst(lc);

		if (part->table.oid == dependency->relid)
			appendStringInfo(&condition,
							 " AND NOT EXISTS (SELECT FROM %smenuca_run_batch b"
							 "  WHERE b.run_id = %lld AND b.keys @> d.%s::int8)",
							 migrate_schema(), (long long) part->run->id, part->table.id);
	}
	return condition.data;
}

/* Fetches keys for one statement; returns how many, 0 at the end. */
static int
next_keys(Rollback *rollback, int64 *keys)
{
	const int64 *key;
	int			n = 0;

	while (n < KEYS_PER_STATEMENT && (key = int8_sort_next(rollback->keys)) != NULL)
		keys[n++] = *key;
	return n;
}

static void
check_status(const Run *run)
{
	if (strcmp(run->status, "rolled_back") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("run %lld was rolled back already", (long long) run->id),
				 errdetail("None of its %s is left to be deleted; nothing was changed.",
						   format_things(run->inserted, "row")),
				 errhint("SELECT run_id, rolled_back_at, rolled_back_by FROM menuca_runs WHERE run_id = %lld;",
						 (long long) run->id)));
}

static void
refuse(Rollback *rollback)
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
					(long long) rollback->asked),
			 errdetail_internal("%s", detail.data),
			 rollback->holds_items ?
			 errhint("Roll back first the runs that inserted these items: SELECT run_id, target, inserted FROM menuca_runs WHERE run_id > %lld AND status IN ('completed', 'gate_failed') ORDER BY run_id DESC; force does not take items along.",
					 (long long) rollback->run->id) :
			 rollback->blocked ?
			 errhint("Look at these rows. Those of NO ACTION and RESTRICT keys must be deleted first; force does not do that.") :
			 errhint("Look at these rows; if they may go, call menuca_rollback(%lld, dry_run => false, force => true).",
					 (long long) rollback->asked)));
}

static void
delete_rows(Rollback *rollback)
{
	char	   *sql = psprintf("DELETE FROM %s i WHERE i.%s OPERATOR(pg_catalog.=) ANY ($1)",
							   rollback->table.name, rollback->table.id);

	int64	   *keys = palloc(sizeof(int64) * KEYS_PER_STATEMENT);
	int			n;

	int8_sort_rewind(rollback->keys);
	while ((n = next_keys(rollback, keys)) > 0)
	{
		QueryArgs	args = {0};

		query_arg(&args, INT8ARRAYOID, query_int8_array(keys, NULL, n), false);
		rollback->deleted += query_write(sql, &args, NULL, NULL);
		pfree(DatumGetPointer(args.values[0]));
	}
	int8_sort_end(rollback->keys);
	pfree(keys);
}

static bool
is_restored(const Rollback *rollback)
{
	return !rollback->dry_run && rollback->parts_restored &&
		rollback->after.inserted_missing == rollback->after.inserted &&
		rollback->after.baseline_intact == rollback->after.baseline;
}

static void
announce(const Rollback *rollback)
{
	const Reconciliation *after = &rollback->after;

	if (rollback->dry_run)
	{
		ereport(NOTICE,
				(errmsg("dry run: rolling back %s would delete %s of %s it inserted and leave %s",
						label(rollback->run), format_count(rollback->nkeys),
						format_things(after->inserted, "row"),
						format_things(after->items - rollback->nkeys, noun(rollback->run)))));

		/* Those of a part are among those of the run that was asked for. */
		if (rollback->run->id == rollback->asked && (!rollback->force || rollback->blocked))
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
					label(rollback->run),
					format_things(rollback->deleted, "row"),
					format_things(after->items, noun(rollback->run))),
			 errdetail("Rows from before the run: %s; as they were: %s, changed since: %s, deleted since: %s. Added by others: %s.",
					   format_count(after->baseline),
					   format_count(after->baseline_intact),
					   format_count(after->baseline_changed),
					   format_count(after->baseline_missing),
					   format_count(after->others))));
}

static Datum
rollback_result(FunctionCallInfo fcinfo, const Rollback *rollback,
				TimestampTz start)
{
	TupleDesc	desc;
	Datum		values[19];
	bool		nulls[19] = {0};
	const Reconciliation *after = &rollback->after;
	const char *status = !rollback->dry_run ? "rolled_back" :
		rollback->reasons && (!rollback->force || rollback->blocked) ? "refused" : "planned";
	uint64		deleted = rollback->dry_run ? rollback->nkeys : rollback->deleted;

	desc = result_row_type(fcinfo, lengthof(values));

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
	values[16] = BoolGetDatum(is_restored(rollback));
	nulls[16] = rollback->dry_run;
	values[17] = result_elapsed(start);
	values[18] = result_text_array(rollback->reasons);

	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}
