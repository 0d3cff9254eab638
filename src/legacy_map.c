/*-------------------------------------------------------------------------
 *
 * legacy_map.c
 *	  A parent table in memory, found by id and by legacy id: see
 *	  legacy_map.h.
 *
 * The rows stand in one array; two simplehash tables lead to them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "content_hash.h"
#include "legacy_map.h"
#include "query.h"

/* An entry of an index: a key and the number of its (first) row. */
typedef struct RowIndexEntry
{
	int64		key;
	uint32		row;
	char		status;
} RowIndexEntry;

#define SH_PREFIX row_index
#define SH_ELEMENT_TYPE RowIndexEntry
#define SH_KEY_TYPE int64
#define SH_KEY key
#define SH_HASH_KEY(tb, key) ((uint32) mix64((uint64) (key)))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* Rows allocated at first; the array doubles as it fills. */
#define INITIAL_ROWS 1024

static char *select_parent(const ParentTable *parent);
static void add_row(TupleTableSlot *slot, void *arg);
static void index_row(row_index_hash *index, LegacyMap *map, int64 key,
					  uint32 row);


LegacyMap *
legacy_map_read(const ParentTable *parent)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "menuca legacy map",
												  ALLOCSET_DEFAULT_SIZES);
	LegacyMap  *map = MemoryContextAllocZero(context, sizeof(LegacyMap));

	map->context = context;
	map->allocated = INITIAL_ROWS;
	map->rows = MemoryContextAlloc(context, sizeof(ParentRow) * INITIAL_ROWS);
	map->by_id = row_index_create(context, INITIAL_ROWS, NULL);
	map->by_legacy = row_index_create(context, INITIAL_ROWS, NULL);

	query_each(select_parent(parent), NULL, add_row, map);

	return map;
}

void
legacy_map_free(LegacyMap *map)
{
	MemoryContextDelete(map->context);
}

ParentRow *
legacy_map_by_id(LegacyMap *map, int64 id)
{
	RowIndexEntry *entry = row_index_lookup(map->by_id, id);

	return entry ? &map->rows[entry->row] : NULL;
}

uint32
legacy_map_first(LegacyMap *map, int64 legacy)
{
	RowIndexEntry *entry = row_index_lookup(map->by_legacy, legacy);

	return entry ? entry->row : LEGACY_MAP_END;
}

const char *
source_system_name(SourceSystem system)
{
	static const char *const names[SYSTEM_COUNT] = {"v1", "v2", "other"};

	return names[system];
}

/*
 * Without a source_system column a row counts as what its legacy ids say.
 */
static char *
select_parent(const ParentTable *parent)
{
	const char *legacy_v2 = parent->legacy_v2 ? parent->legacy_v2 : "NULL";
	char	   *system;

	if (parent->source_system)
		system = psprintf("CASE %s::text WHEN 'v1' THEN %d WHEN 'v2' THEN %d ELSE %d END",
						  parent->source_system, SYSTEM_V1, SYSTEM_V2, SYSTEM_OTHER);
	else
		system = psprintf("CASE WHEN %s IS NOT NULL THEN %d WHEN %s IS NOT NULL THEN %d ELSE %d END",
						  parent->legacy_v1, SYSTEM_V1, legacy_v2, SYSTEM_V2, SYSTEM_OTHER);

	return psprintf("SELECT %s::int8, %s::int8, %s::int8, %s, %s FROM %s",
					parent->id, parent->restaurant, parent->legacy_v1, system,
					parent->is_active ? psprintf("%s IS FALSE", parent->is_active) : "false",
					parent->name);
}

static void
add_row(TupleTableSlot *slot, void *arg)
{
	LegacyMap  *map = arg;
	ParentRow  *row;

	/* A row without an id cannot be referred to. */
	if (slot->tts_isnull[0])
		return;

	if (map->nrows == map->allocated)
	{
		if (map->nrows >= LEGACY_MAP_END / 2)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many combo groups or dishes to map: more than %u",
							map->nrows)));
		map->allocated *= 2;
		map->rows = repalloc_huge(map->rows, sizeof(ParentRow) * map->allocated);
	}

	row = &map->rows[map->nrows];
	memset(row, 0, sizeof(ParentRow));
	row->next = LEGACY_MAP_END;
	row->id = slot_int8(slot, 0);
	if (!slot->tts_isnull[1])
	{
		row->restaurant = slot_int8(slot, 1);
		row->flags |= PARENT_HAS_RESTAURANT;
	}
	row->system = DatumGetInt32(slot->tts_values[3]);
	if (!slot->tts_isnull[4] && DatumGetBool(slot->tts_values[4]))
		row->flags |= PARENT_INACTIVE;

	index_row(map->by_id, NULL, row->id, map->nrows);
	if (!slot->tts_isnull[2])
	{
		row->legacy = slot_int8(slot, 2);
		row->flags |= PARENT_HAS_LEGACY_ID;
		index_row(map->by_legacy, map, row->legacy, map->nrows);
	}
	map->nrows++;
}

/*
 * Enters a row into an index.  A key's second row goes behind its first in
 * the chain when a map is given.
 */
static void
index_row(row_index_hash *index, LegacyMap *map, int64 key, uint32 row)
{
	bool		found;
	RowIndexEntry *entry = row_index_insert(index, key, &found);

	if (!found)
		entry->row = row;
	else if (map)
	{
		map->rows[row].next = map->rows[entry->row].next;
		map->rows[entry->row].next = row;
	}
}
