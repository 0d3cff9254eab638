/*-------------------------------------------------------------------------
 *
 * rollback_dependants.c
 *	  Rows that depend on the rows that a rollback deletes: see rollback_dependants.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"

#include "base/column.h"
#include "base/extension.h"
#include "base/foreign_key.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "base/table_lock.h"
#include "fix/rollback_dependants.h"
#include "fix/rollback_keys.h"
#include "target/junction.h"

/* A foreign key to the run's table, or a junction that refers to it. */
typedef struct Dependency
{
	Oid			relid;
	char	   *table;			/* qualified and quoted */
	char	   *action;			/* ON DELETE; NULL without a foreign key */
	bool		blocks;			/* that is NO ACTION or RESTRICT */
	bool		of_items;		/* the table is a junction's */
	char	   *join;			/* condition between d (this table) and i (the
								 * run's table) */
} Dependency;

static List *find_dependencies(const Run *run, const KeyedTable *table);
static void *make_dependency(TupleTableSlot *slot);
static List *add_junctions(List *dependencies, const Run *run, const KeyedTable *table);
static Dependency *find_dependency(List *dependencies, Oid relid);
static uint64 count_dependent_rows(Rollback *rollback, const Dependency *dependency);
static char *dependent_rows_query(const Rollback *rollback, const Dependency *dependency);
static char *except_own_parts(const Rollback *rollback, const Dependency *dependency);
static bool has_steps_of_runs(const Rollback *rollback, const Dependency *dependency);


void
rollback_lock_dependants(const Rollback *rollback)
{
	ListCell   *lc;

	query_begin_snapshot();
	foreach(lc, find_dependencies(rollback->run, &rollback->table))
		table_lock_take(((Dependency *) lfirst(lc))->relid, ShareRowExclusiveLock, "Nothing was changed.");
	query_end_snapshot();
}

void
rollback_count_dependants(Rollback *rollback)
{
	ListCell   *lc;

	foreach(lc, find_dependencies(rollback->run, &rollback->table))
	{
		Dependency *dependency = lfirst(lc);
		uint64		count = count_dependent_rows(rollback, dependency);

		if (count == 0)
			continue;
		rollback->dependants += count;
		rollback->blocked |= dependency->blocks || dependency->of_items;
		rollback->holds_items |= dependency->of_items;
		rollback->holds_steps |= has_steps_of_runs(rollback, dependency);
		if (dependency->blocks && rollback->blocking_query == NULL)
			rollback->blocking_query = dependent_rows_query(rollback, dependency);
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

/* True if these are steps, some of which another run in effect has inserted. */
static bool
has_steps_of_runs(const Rollback *rollback, const Dependency *dependency)
{
	const Run  *run = rollback->run;
	const char *name = get_rel_name(dependency->relid);
	AttrNumber	key = relation_key_column(dependency->relid);
	const char *schema = migrate_schema();
	QueryArgs	args = {0};

	if (name == NULL || !junction_has_part(name, JUNCTION_STEPS) || key == InvalidAttrNumber ||
		get_rel_namespace(dependency->relid) != get_namespace_oid(run->target_schema, true))
		return false;
	query_arg_text(&args, run->target_schema);
	query_arg_text(&args, name);
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %s d JOIN %s i ON %s"
							   " WHERE EXISTS (SELECT FROM %smenuca_run_batch b WHERE b.run_id = %lld AND b.keys @> i.%s::int8)"
							   " AND EXISTS (SELECT FROM %smenuca_run_batch b JOIN %smenuca_run r USING (run_id)"
							   "  WHERE r.target_schema = $1 AND r.target = $2 AND r.status IN ('completed', 'gate_failed')"
							   "  AND r.part_of IS DISTINCT FROM %lld AND b.keys @> d.%s::int8))",
							   dependency->table, rollback->table.name, dependency->join,
							   schema, (long long) run->id, rollback->table.id, schema, schema, (long long) run->id,
							   column_quoted(dependency->relid, key)),
					  &args);
}

static List *
find_dependencies(const Run *run, const KeyedTable *table)
{
	QueryArgs	args = {0};
	List	   *dependencies;

	query_arg(&args, OIDOID, ObjectIdGetDatum(table->oid), false);
	dependencies = query_list(psprintf("SELECT child_oid, child_name, on_delete, blocks_delete, child_columns, parent_columns"
									   " FROM %smenuca_foreign_key WHERE parent_oid = $1"
									   " ORDER BY child_name, constraint_name", migrate_schema()),
							  &args, make_dependency);
	return add_junctions(dependencies, run, table);
}

/*
 * Adds the junctions, which may refer to the table without a foreign key.
 * Their items must not be deleted along with the run's rows, since they belong
 * to other runs of the ledger.
 */
static List *
add_junctions(List *dependencies, const Run *run, const KeyedTable *table)
{
	ListCell   *lc;

	foreach(lc, target_junctions_referring(run->target_schema, run->target))
	{
		const JunctionReference *junction = lfirst(lc);
		Dependency *dependency = find_dependency(dependencies, junction->relid);

		if (dependency == NULL)
		{
			dependency = palloc0(sizeof(Dependency));
			dependency->relid = junction->relid;
			dependency->join = psprintf("d.%s = i.%s", junction->column, table->id);
			dependencies = lappend(dependencies, dependency);
		}
		dependency->table = relation_quoted_name(junction->relid);
		dependency->of_items = true;
	}
	return dependencies;
}

static Dependency *
find_dependency(List *dependencies, Oid relid)
{
	ListCell   *lc;

	foreach(lc, dependencies)
	{
		Dependency *dependency = lfirst(lc);

		if (dependency->relid == relid)
			return dependency;
	}
	return NULL;
}

static void *
make_dependency(TupleTableSlot *slot)
{
	Dependency *dependency = palloc0(sizeof(Dependency));

	dependency->relid = slot_oid(slot, slot_attribute(slot, "child_oid"));
	dependency->table = slot_text_of(slot, "child_name");
	dependency->action = slot_text_of(slot, "on_delete");
	dependency->blocks = slot_bool_of(slot, "blocks_delete");
	dependency->join = foreign_key_condition(slot, "d", "i");
	return dependency;
}

static uint64
count_dependent_rows(Rollback *rollback, const Dependency *dependency)
{
	char	   *sql = psprintf("SELECT count(*) FROM %s d JOIN %s i ON %s WHERE i.%s = ANY ($1)%s",
							   dependency->table, rollback->table.name,
							   dependency->join, rollback->table.id,
							   except_own_parts(rollback, dependency));
	int64	   *keys = palloc(sizeof(int64) * ROLLBACK_KEYS_PER_STATEMENT);
	uint64		count = 0;
	int			n;

	relation_require(dependency->relid, ACL_SELECT);
	if (!query_has_rows(dependency->table))
		return 0;

	int8_sort_rewind(rollback->keys);
	while ((n = rollback_keys_next(rollback, keys)) > 0)
	{
		QueryArgs	args = {0};

		query_arg(&args, INT8ARRAYOID, query_int8_array(keys, NULL, n), false);
		count += query_int8(sql, &args);
		pfree(DatumGetPointer(args.values[0]));
	}
	pfree(keys);
	return count;
}

/* A query for people, by the ledger's keys, since these may be many. */
static char *
dependent_rows_query(const Rollback *rollback, const Dependency *dependency)
{
	return psprintf("SELECT d.* FROM %s d JOIN %s i ON %s WHERE EXISTS (SELECT FROM %smenuca_run_batch b"
					" WHERE b.run_id = %lld AND b.keys @> i.%s::int8)%s;",
					dependency->table, rollback->table.name, dependency->join, migrate_schema(),
					(long long) rollback->run->id, rollback->table.id,
					except_own_parts(rollback, dependency));
}

/*
 * A condition that leaves out the rows that the run's own parts inserted:
 * these are deleted before the rows that they depend on.
 */
static char *
except_own_parts(const Rollback *rollback, const Dependency *dependency)
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
