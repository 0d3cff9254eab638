/*-------------------------------------------------------------------------
 *
 * id_space.c
 *	  The ids of a staged table of the old system: see id_space.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/id_set.h"
#include "base/relation.h"
#include "base/scan.h"
#include "base/slot.h"
#include "source/id_space.h"
#include "source/staged_table.h"

/* Ids that the hash table has room for at first. */
#define INITIAL_IDS 1024

/* Columns of the scan. */
enum
{
	COLUMN_ID,
	COLUMN_FLAG
};

static void add_id(TupleTableSlot *slot, void *arg);


IdSpace *
id_space_read(Oid relid, const char *what, const char *setting, const char *name,
			  const char *flag_column)
{
	IdSpace    *space;
	ScanColumn	columns[] = {
		[COLUMN_ID] = {.type = SCAN_INT8},
		[COLUMN_FLAG] = {.type = SCAN_TEXT}
	};

	if (!OidIsValid(relid))
		relid = staged_table_find(setting, name);
	if (!OidIsValid(relid))
		return NULL;

	staged_table_require(relid, what);
	columns[COLUMN_ID].attnum = staged_integer_column(relid, what, "id",
													  "Its rows are identified by their ids.",
													  "Load the dump into a new table, or rename the column.");
	if (flag_column)
		columns[COLUMN_FLAG].attnum = staged_column_any_case(relid, flag_column);
	space = palloc0(sizeof(IdSpace));
	space->oid = relid;
	space->display_name = relation_display_name(relid);
	space->ids = id_set_create(CurrentMemoryContext, INITIAL_IDS, NULL);
	space->has_flags = columns[COLUMN_FLAG].attnum != InvalidAttrNumber;
	scan_each(relid, columns, lengthof(columns), false, add_id, space);
	return space;
}

bool
id_space_has(const IdSpace *space, int64 id)
{
	return id_set_lookup(space->ids, id) != NULL;
}

IdFlag
id_space_flag(const IdSpace *space, int64 id)
{
	const IdSetEntry *entry = id_set_lookup(space->ids, id);

	return entry ? (IdFlag) entry->flag : ID_FLAG_UNKNOWN;
}

void
id_space_free(IdSpace *space)
{
	id_set_destroy(space->ids);
	pfree(space->display_name);
	pfree(space);
}

static void
add_id(TupleTableSlot *slot, void *arg)
{
	IdSetEntry *entry;
	bool		found;
	IdFlag		flag;

	if (slot->tts_isnull[COLUMN_ID])
		return;
	entry = id_set_insert(((IdSpace *) arg)->ids, slot_int8(slot, COLUMN_ID), &found);
	flag = slot->tts_isnull[COLUMN_FLAG] ? ID_FLAG_UNKNOWN :
		id_space_flag_of_text(slot_text(slot, COLUMN_FLAG));
	if (!found || flag != ID_FLAG_UNKNOWN)
		entry->flag = flag;
}

IdFlag
id_space_flag_of_text(const char *text)
{
	bool		value;

	return !parse_bool(text, &value) ? ID_FLAG_UNKNOWN : value ? ID_FLAG_YES : ID_FLAG_NO;
}
