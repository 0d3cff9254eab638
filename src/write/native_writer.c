/*-------------------------------------------------------------------------
 *
 * native_writer.c
 *	  Writing planned items past the executor: see native_writer.h.
 *
 * Rows are formed (row_former.c), checked against the table's constraints,
 * stored many at a time, and entered into the indexes (item_indexes.c) unless
 * REINDEX rebuilds these at the end.  The rows that they refer to were locked
 * before (parent_lock.c).
 *
 * If an INSERT into the table would do anything beyond that, the executor writes:
 * see native_obstacle().
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/nodeModifyTable.h"
#include "miscadmin.h"
#include "nodes/nodes.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "base/compat.h"
#include "base/content_hash.h"
#include "base/direct_access.h"
#include "base/query.h"
#include "base/relation.h"
#include "write/item_indexes.h"
#include "write/native_writer.h"
#include "write/parent_lock.h"
#include "write/row_former.h"
#include "write/wal_ahead.h"

/* Rows that are stored at once: a few pages, which fit the processor's cache. */
#define CHUNK_ROWS 256

struct NativeWriter
{
	const Target *target;
	Relation	rel;
	EState	   *estate;
	ResultRelInfo *relinfo;
	RowFormer  *former;
	ContentHasher *hasher;
	ItemIndexes *indexes;		/* NULL: they will be rebuilt */
	Oid			group_key;		/* foreign key to the groups; InvalidOid: none */
	Oid			dish_key;		/* foreign key to the dishes, likewise */
	bool		has_constraints;
	bool		has_generated;	/* stored generated columns */
	MemoryContext chunk_context;
	TupleTableSlot *slots[CHUNK_ROWS];
};

static char *table_obstacle(const Target *target, Relation rel);
static char *trigger_obstacle(Relation rel);
static char *key_obstacle(const Target *target, Relation rel);
static char *parent_obstacle(Oid relid);
static bool is_key_to(const ForeignKeyCacheInfo *key, const ParentTable *parent,
					  AttrNumber column);
static char *index_obstacle(Relation rel);
static char *check_obstacle(Relation rel);
static void insert_chunk(NativeWriter *writer, const NewItem *items, int n,
						 KeyedRow *rows);
static void complete_row(NativeWriter *writer, TupleTableSlot *slot);


char *
native_obstacle(const Target *target)
{
	Relation	rel = relation_open_locked(target->table.oid);
	char	   *obstacle = table_obstacle(target, rel);

	if (obstacle == NULL)
		obstacle = trigger_obstacle(rel);
	if (obstacle == NULL)
		obstacle = key_obstacle(target, rel);
	if (obstacle == NULL)
		obstacle = index_obstacle(rel);
	if (obstacle == NULL)
		obstacle = check_obstacle(rel);
	if (obstacle == NULL)
		obstacle = row_former_obstacle(target, rel);
	if (obstacle == NULL)
		obstacle = direct_access_insert_obstacle(rel);
	table_close(rel, NoLock);
	return obstacle;
}

bool
native_is_allowed(const Target *target)
{
	Relation	rel = relation_open_locked(target->table.oid);
	bool		allowed = direct_access_may_insert(rel);

	table_close(rel, NoLock);
	return allowed;
}

NativeWriter *
native_begin(const Target *target, bool rebuild_indexes, UuidPool *uuid_pool,
			 int kilobytes)
{
	NativeWriter *writer = palloc0(sizeof(NativeWriter));
	AttrNumber	ordered[] = {target->table.id_attnum, target->group_attnum, InvalidAttrNumber};
	TupleConstr *constr;
	ListCell   *lc;

	writer->target = target;
	writer->rel = relation_open_locked(target->table.oid);
	writer->estate = CreateExecutorState();
	writer->relinfo = makeNode(ResultRelInfo);
	InitResultRelInfo(writer->relinfo, writer->rel, 0, NULL, 0);
	writer->former = row_former_make(target, writer->rel, uuid_pool);
	writer->hasher = content_hasher_of_stored(target->table.oid);
	if (!rebuild_indexes)
		writer->indexes = item_indexes_open(writer->relinfo, writer->estate,
											ordered, kilobytes);

	foreach(lc, RelationGetFKeyList(writer->rel))
	{
		const ForeignKeyCacheInfo *key = lfirst(lc);

		if (is_key_to(key, &target->groups, target->group_attnum))
			writer->group_key = key->conoid;
		else
			writer->dish_key = key->conoid;
	}
	constr = RelationGetDescr(writer->rel)->constr;
	writer->has_constraints = constr && (constr->has_not_null || constr->num_check > 0);
	writer->has_generated = constr && constr->has_generated_stored;
	writer->chunk_context = AllocSetContextCreate(CurrentMemoryContext,
												  "menuca chunk",
												  ALLOCSET_DEFAULT_SIZES);
	for (int i = 0; i < CHUNK_ROWS; i++)
		writer->slots[i] = table_slot_create(writer->rel, NULL);
	return writer;
}

void
native_reference(NativeWriter *writer, const int64 *groups, int ngroups,
				 const int64 *dishes, int ndishes)
{
	const Target *target = writer->target;

	/* Without a foreign key, an INSERT would lock nothing. */
	if (OidIsValid(writer->group_key))
		parent_lock_rows(target, &target->groups, writer->group_key, target->group,
						 groups, ngroups);
	if (OidIsValid(writer->dish_key))
		parent_lock_rows(target, &target->dishes, writer->dish_key, target->dish,
						 dishes, ndishes);
}

void
native_insert(NativeWriter *writer, const NewItem *items, int n, KeyedRow *rows)
{
	row_former_supply(writer->former, n);
	for (int i = 0; i < n; i += CHUNK_ROWS)
		insert_chunk(writer, items + i, Min(CHUNK_ROWS, n - i), rows + i);
}

void
native_end(NativeWriter *writer)
{
	bool		rebuild = writer->indexes == NULL;

	if (writer->indexes)
		item_indexes_finish(writer->indexes);
	for (int i = 0; i < CHUNK_ROWS; i++)
		ExecDropSingleTupleTableSlot(writer->slots[i]);
	FreeExecutorState(writer->estate);
	table_close(writer->rel, NoLock);

	CommandCounterIncrement();
	if (rebuild)
		query_write(psprintf("REINDEX TABLE %s", writer->target->table.name), NULL, NULL, NULL);
}

static char *
table_obstacle(const Target *target, Relation rel)
{
	Oid			relid = RelationGetRelid(rel);

	if (rel->rd_rel->relkind != RELKIND_RELATION)
		return psprintf("table %s is partitioned", target->table.display_name);
	if (rel->rd_rel->relispartition || has_subclass(relid) || has_superclass(relid))
		return psprintf("table %s inherits or is inherited from", target->table.display_name);
	if (rel->rd_rel->relrowsecurity)
		return psprintf("table %s has row security", target->table.display_name);
	if (rel->rd_rules != NULL)
		return psprintf("table %s has rules", target->table.display_name);
	if (menuca_has_virtual_columns(RelationGetDescr(rel)))
		return psprintf("table %s has virtual generated columns", target->table.display_name);

	/* The executor checks rights on columns. */
	if (!relation_may(relid, ACL_INSERT) &&
		pg_attribute_aclcheck_all(relid, GetUserId(), ACL_INSERT, ACLMASK_ANY) == ACLCHECK_OK)
		return psprintf("the INSERT privilege on table %s is for some columns only",
						target->table.display_name);
	return NULL;
}

/* Allows no triggers on INSERT but those of immediate foreign keys. */
static char *
trigger_obstacle(Relation rel)
{
	TriggerDesc *triggers = rel->trigdesc;

	for (int i = 0; triggers && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (!TRIGGER_FOR_INSERT(trigger->tgtype) || trigger->tgenabled == TRIGGER_DISABLED)
			continue;
		if (!trigger->tgisinternal)
			return psprintf("it has the trigger \"%s\"", trigger->tgname);
		if (RI_FKey_trigger_type(trigger->tgfoid) != RI_TRIGGER_FK)
			return psprintf("it has a deferrable constraint, by trigger \"%s\"", trigger->tgname);
		if (trigger->tgdeferrable)
			return psprintf("its foreign key to %s is deferrable",
							get_rel_name(trigger->tgconstrrelid));
	}
	return NULL;
}

/* Allows foreign keys only from group and dish to the ids of their tables. */
static char *
key_obstacle(const Target *target, Relation rel)
{
	char	   *obstacle;
	ListCell   *lc;

	foreach(lc, RelationGetFKeyList(rel))
	{
		const ForeignKeyCacheInfo *key = lfirst(lc);

		if (!is_key_to(key, &target->groups, target->group_attnum) &&
			!is_key_to(key, &target->dishes, target->dish_attnum))
			return psprintf("it has another foreign key, to %s", get_rel_name(key->confrelid));
		if (get_rel_relkind(key->confrelid) != RELKIND_RELATION)
			return psprintf("its foreign key leads to the partitioned table %s",
							get_rel_name(key->confrelid));
		if ((obstacle = parent_obstacle(key->confrelid)) != NULL)
			return psprintf("it has a foreign key to %s, and %s", get_rel_name(key->confrelid), obstacle);
	}
	return NULL;
}

/* A parent whose rows the server does not read from its heap is locked by its key. */
static char *
parent_obstacle(Oid relid)
{
	Relation	rel = table_open(relid, AccessShareLock);
	char	   *obstacle = direct_access_only_obstacle(rel);

	table_close(rel, NoLock);
	return obstacle;
}

static bool
is_key_to(const ForeignKeyCacheInfo *key, const ParentTable *parent,
		  AttrNumber column)
{
	return key->confrelid == parent->oid && key->nkeys == 1 &&
		key->conkey[0] == column && key->confkey[0] == parent->id_attnum;
}

static char *
index_obstacle(Relation rel)
{
	char	   *obstacle = NULL;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		Relation	index = try_relation_open(lfirst_oid(lc), AccessShareLock);

		/* A dry run does not keep others from dropping one concurrently. */
		if (index == NULL)
			continue;
		if (index->rd_index->indisexclusion)
			obstacle = psprintf("it has the exclusion constraint \"%s\"",
								RelationGetRelationName(index));
		else if (!index->rd_index->indimmediate)
			obstacle = psprintf("its unique constraint \"%s\" is deferrable",
								RelationGetRelationName(index));
		relation_close(index, NoLock);
	}
	return obstacle;
}

/* A check constraint that reads the table would miss rows not yet in the indexes. */
static char *
check_obstacle(Relation rel)
{
	TupleConstr *constr = RelationGetDescr(rel)->constr;

	for (int i = 0; constr && i < constr->num_check; i++)
	{
		if (row_former_may_read_tables(stringToNode(constr->check[i].ccbin)))
			return psprintf("its check constraint \"%s\" calls a function that may read tables",
							constr->check[i].ccname);
	}
	return NULL;
}

/* Forms, stores and indexes some rows. */
static void
insert_chunk(NativeWriter *writer, const NewItem *items, int n, KeyedRow *rows)
{
	MemoryContext old = MemoryContextSwitchTo(writer->chunk_context);

	for (int i = 0; i < n; i++)
	{
		TupleTableSlot *slot = writer->slots[i];

		rows[i].key = row_former_fill(writer->former, &items[i], slot);
		complete_row(writer, slot);
		rows[i].hash = content_hash(writer->hasher, slot);
	}

	table_multi_insert(writer->rel, writer->slots, n, GetCurrentCommandId(true), 0, NULL);
	if (writer->indexes)
		item_indexes_add(writer->indexes, writer->slots, n);
	wal_ahead();

	for (int i = 0; i < n; i++)
		ExecClearTuple(writer->slots[i]);
	MemoryContextSwitchTo(old);
	MemoryContextReset(writer->chunk_context);
}

/* Computes generated columns and checks constraints, as an INSERT does. */
static void
complete_row(NativeWriter *writer, TupleTableSlot *slot)
{
	CHECK_FOR_INTERRUPTS();
	slot->tts_tableOid = writer->target->table.oid;
	if (writer->has_generated)
		ExecComputeStoredGenerated(writer->relinfo, writer->estate, slot, CMD_INSERT);
	if (writer->has_constraints)
		ExecConstraints(writer->relinfo, slot, writer->estate);
	slot_getallattrs(slot);
	ResetPerTupleExprContext(writer->estate);
}
