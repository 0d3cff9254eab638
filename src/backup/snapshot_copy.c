/*-------------------------------------------------------------------------
 *
 * snapshot_copy.c
 *	  Copying a table: see snapshot_copy.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/ruleutils.h"

#include "backup/snapshot_copy.h"
#include "base/direct_access.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/revoke.h"
#include "base/scan.h"

/* The copy that rows are inserted into. */
typedef struct CopyState
{
	Relation	copy;
	TupleTableSlot *slot;
	CommandId	command;
	BulkInsertState bulk;
} CopyState;

static Relation open_new_copy(Oid relid, const char *schema, const char *name);
static char *column_definitions(Oid relid);
static Form_pg_attribute next_column(TupleDesc desc, int *place);
static void require_as_made(Relation copy);
static void insert_row(TupleTableSlot *row, void *arg);


void
snapshot_copy_rows(Oid relid, const char *schema, const char *name)
{
	CopyState	state = {0};

	query_write(psprintf("CREATE TABLE %s (%s) USING heap", quote_qualified_identifier(schema, name),
						 column_definitions(relid)), NULL, NULL, NULL);
	CommandCounterIncrement();
	state.copy = open_new_copy(relid, schema, name);
	revoke_table_from_others(RelationGetRelid(state.copy));

	state.slot = table_slot_create(state.copy, NULL);
	state.command = GetCurrentCommandId(true);
	state.bulk = GetBulkInsertState();
	query_begin_snapshot();
	scan_each(relid, NULL, 0, true, insert_row, &state);
	query_end_snapshot();
	FreeBulkInsertState(state.bulk);
	table_finish_bulk_insert(state.copy, TABLE_INSERT_SKIP_FSM);
	ExecDropSingleTupleTableSlot(state.slot);
	table_close(state.copy, NoLock);
	CommandCounterIncrement();
}

/* A hook of the server may have made something else of the new table. */
static void
require_as_made(Relation copy)
{
	char	   *obstacle = direct_access_insert_obstacle(copy);

	if (obstacle)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the new copy %s is not an ordinary table", relation_display_name(RelationGetRelid(copy))),
				 errdetail("An event trigger or a hook of the server changes tables as they are created: %s. Nothing was changed.",
						   obstacle),
				 errhint("Let it ignore the tables of schema %s, or disable it for this call.",
						 quote_identifier(get_namespace_name(RelationGetNamespace(copy))))));
}

void
snapshot_copy_require_plain(Oid copy)
{
	Relation	rel = relation_lock_and_open(copy, ShareRowExclusiveLock);
	Oid			owner = rel->rd_rel->relowner;
	bool		plain = rel->rd_rel->relkind == RELKIND_RELATION && !rel->rd_rel->relhasindex &&
		!rel->rd_rel->relhasrules && !rel->rd_rel->relrowsecurity && !has_subclass(copy) &&
		(rel->rd_att->constr == NULL || rel->rd_att->constr->num_check == 0) &&
		RelationGetStatExtList(rel) == NIL;

	if (!plain && owner != GetUserId() && !superuser_arg(owner))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the copy %s is not as it was made", relation_display_name(copy)),
				 errdetail("Role \"%s\" owns it and has added an index, a rule, a policy, a constraint or statistics, which might run code of that role with your rights. Nothing was changed.",
						   GetUserNameFromId(owner, true)),
				 errhint("Let that role restore the snapshot, or drop what was added: \\d %s", relation_quoted_name(copy))));
	relation_close(rel, NoLock);
}

bool
snapshot_copy_has_columns_of(Oid copy, Oid relid)
{
	Relation	copied = relation_lock_and_open(copy, AccessShareLock);
	Relation	table = relation_lock_and_open(relid, AccessShareLock);
	Form_pg_attribute a;
	Form_pg_attribute b;
	int			i = 0;
	int			j = 0;

	do
	{
		a = next_column(RelationGetDescr(copied), &i);
		b = next_column(RelationGetDescr(table), &j);
	} while (a && b && strcmp(NameStr(a->attname), NameStr(b->attname)) == 0 &&
			 a->atttypid == b->atttypid && a->atttypmod == b->atttypmod &&
			 a->attcollation == b->attcollation && a->attgenerated == '\0');
	relation_close(table, NoLock);
	relation_close(copied, NoLock);
	return a == NULL && b == NULL;
}

/*
 * Opens the copy that was just created.  Rows are stored in it without a look at
 * what an event trigger may have added to it.
 */
static Relation
open_new_copy(Oid relid, const char *schema, const char *name)
{
	Oid			namespace = get_namespace_oid(schema, true);
	Oid			copy = OidIsValid(namespace) ? get_relname_relid(name, namespace) : InvalidOid;
	Relation	rel = OidIsValid(copy) ? try_relation_open(copy, RowExclusiveLock) : NULL;

	if (rel == NULL || rel->rd_rel->relkind != RELKIND_RELATION || !snapshot_copy_has_columns_of(copy, relid) ||
		rel->rd_rel->relhasindex || rel->rd_rel->relhastriggers || rel->rd_rel->relhasrules ||
		rel->rd_att->constr)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the copy %s.%s was changed while it was created", schema, name),
				 errdetail("An event trigger has dropped or renamed it, or changed its columns, or added an index, a trigger, a rule or a constraint. The rows would not fit it. Nothing was changed."),
				 errhint("See which one it is: SELECT evtname, evtfoid::regproc FROM pg_event_trigger WHERE evtevent = 'ddl_command_end'; have it ignore schemas of snapshots, such as %s.", schema)));
	require_as_made(rel);
	return rel;
}

/* The next column from a place on, which it moves; NULL after the last one. */
static Form_pg_attribute
next_column(TupleDesc desc, int *place)
{
	while (*place < desc->natts)
	{
		Form_pg_attribute att = TupleDescAttr(desc, (*place)++);

		if (!att->attisdropped)
			return att;
	}
	return NULL;
}

/* The columns with their types and collations, and nothing else of theirs. */
static char *
column_definitions(Oid relid)
{
	Relation	rel = relation_open_locked(relid);
	StringInfoData columns;

	initStringInfo(&columns);
	for (int i = 0; i < RelationGetDescr(rel)->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		if (att->attisdropped)
			continue;
		format_append(&columns, ", ", "%s %s%s", quote_identifier(NameStr(att->attname)),
					  format_type_extended(att->atttypid, att->atttypmod,
										   FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY),
					  !OidIsValid(att->attcollation) || att->attcollation == get_typcollation(att->atttypid) ? "" :
					  psprintf(" COLLATE %s", generate_collation_name(att->attcollation)));
	}
	table_close(rel, NoLock);
	return columns.data;
}

/* The columns of the row are those of the copy, in their order. */
static void
insert_row(TupleTableSlot *row, void *arg)
{
	CopyState  *state = arg;
	int			columns = RelationGetDescr(state->copy)->natts;

	Assert(row->tts_nvalid >= columns);
	ExecClearTuple(state->slot);
	memcpy(state->slot->tts_values, row->tts_values, sizeof(Datum) * columns);
	memcpy(state->slot->tts_isnull, row->tts_isnull, sizeof(bool) * columns);
	ExecStoreVirtualTuple(state->slot);
	table_tuple_insert(state->copy, state->slot, state->command, TABLE_INSERT_SKIP_FSM,
					   state->bulk);
}
