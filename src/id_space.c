/*-------------------------------------------------------------------------
 *
 * id_space.c
 *	  The ids of a staged table of the old system: see id_space.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"

#include "id_set.h"
#include "id_space.h"
#include "scan.h"
#include "staged_table.h"
#include "target.h"

#define INITIAL_IDS 1024

static void add_id(TupleTableSlot *slot, void *arg);


IdSpace *
id_space_read(Oid relid, const char *what, const char *setting, const char *name)
{
	IdSpace    *space;
	ScanColumn	id = {.type = SCAN_INT8};

	if (!OidIsValid(relid))
		relid = RangeVarGetRelid(parse_table_name(setting, name), NoLock, true);
	if (!OidIsValid(relid))
		return NULL;

	staged_table_require(relid, what);
	id.attnum = staged_integer_column(relid, what, "id",
									  "Its rows are known by their ids.",
									  "Load the dump into a new table, or rename the column.");
	space = palloc(sizeof(IdSpace));
	space->oid = relid;
	space->display_name = relation_display_name(relid);
	space->ids = id_set_create(CurrentMemoryContext, INITIAL_IDS, NULL);
	scan_each(relid, &id, 1, false, add_id, space);
	return space;
}

bool
id_space_has(const IdSpace * space, int64 id)
{
	return id_set_lookup(space->ids, id) != NULL;
}

static void
add_id(TupleTableSlot *slot, void *arg)
{
	bool		found;

	if (!slot->tts_isnull[0])
		id_set_insert(((IdSpace *) arg)->ids, slot_int8(slot, 0), &found);
}
