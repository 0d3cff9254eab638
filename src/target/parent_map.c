/*-------------------------------------------------------------------------
 *
 * parent_map.c
 *	  The rows of a parent table in memory: see parent_map.h.
 *
 * The rows are in one array, sorted by id.  The indexes are built when all rows
 * have been read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/compare.h"
#include "base/content_hash.h"
#include "base/scan.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "target/parent_map.h"

/* Sparse keys: a key and the number of its (first) row. */
typedef struct SparseEntry
{
	int64		key;
	uint32		row;
	char		status;
} SparseEntry;

#define SH_PREFIX sparse
#define SH_ELEMENT_TYPE SparseEntry
#define SH_KEY_TYPE int64
#define SH_KEY key
#define SH_HASH_KEY(tb, key) ((uint32) mix64((uint64) (key)))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/*
 * Keys are close enough together when the range has at most this many numbers per
 * row: their bits then need no more memory than a hash table, whose entries of
 * 16 bytes fill half of it.
 */
#define NUMBERS_PER_ROW 128

/* Rows allocated at first; the array grows by half as it fills. */
#define INITIAL_ROWS 1024

/* The columns of a parent table, in the order in which they are read. */
enum
{
	COLUMN_ID,
	COLUMN_RESTAURANT,
	COLUMN_LEGACY_V1,
	COLUMN_LEGACY_V2,
	COLUMN_SOURCE_SYSTEM,
	COLUMN_IS_ACTIVE,
	COLUMN_IS_COMBO,
	COLUMN_COUNT
};

/* Sets a row's key; false if the row has none. */
typedef bool (*RowKeyFn) (const ParentRow *row, int64 *key);

/* State of parent_map_read(). */
typedef struct ReadState
{
	ParentMap  *map;
	bool		has_source_system;
	int			legacy_column;	/* the legacy id to index */
} ReadState;

static void sort_by_id(ParentMap *map);
static void require_own_ids(const ParentMap *map, const ParentTable *parent);
static int	compare_parent_ids(const void *a, const void *b);
static ParentIndex *build_index(ParentMap *map, RowKeyFn key_of, bool chained);
static uint32 find_range(ParentIndex *index, const ParentMap *map,
						 RowKeyFn key_of);
static void rank_keys(ParentIndex *index, ParentMap *map, RowKeyFn key_of);
static uint32 *place_of_key(ParentIndex *index, int64 key);
static bool id_of(const ParentRow *row, int64 *key);
static bool legacy_id_of(const ParentRow *row, int64 *key);
static void add_parent_row(TupleTableSlot *slot, void *arg);
static SourceSystem source_system_of(const ReadState *state,
									 const TupleTableSlot *slot);


ParentMap *
parent_map_read(const ParentTable *parent)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "menuca parent map",
												  ALLOCSET_DEFAULT_SIZES);
	ParentMap  *map = MemoryContextAllocZero(context, sizeof(ParentMap));
	ReadState	state = {
		map,
		parent->source_system_attnum != InvalidAttrNumber,
		parent->system == SYSTEM_V2 ? COLUMN_LEGACY_V2 : COLUMN_LEGACY_V1
	};
	ScanColumn	columns[COLUMN_COUNT] = {
		[COLUMN_ID] = {parent->id_attnum, SCAN_INT8},
		[COLUMN_RESTAURANT] = {parent->restaurant_attnum, SCAN_INT8},
		[COLUMN_LEGACY_V1] = {parent->legacy_v1_attnum, SCAN_INT8},
		[COLUMN_LEGACY_V2] = {parent->legacy_v2_attnum, SCAN_INT8},
		[COLUMN_SOURCE_SYSTEM] = {parent->source_system_attnum, SCAN_TEXT},
		[COLUMN_IS_ACTIVE] = {parent->is_active_attnum, SCAN_BOOL},
		[COLUMN_IS_COMBO] = {parent->is_combo_attnum, SCAN_BOOL}
	};

	map->context = context;
	map->allocated = INITIAL_ROWS;
	map->rows = MemoryContextAlloc(context, sizeof(ParentRow) * INITIAL_ROWS);

	scan_each(parent->oid, columns, COLUMN_COUNT, false, add_parent_row, &state);
	map->number_bits = map->nrows == 0 ? 0 : pg_leftmost_one_pos32(map->nrows) + 1;
	sort_by_id(map);
	require_own_ids(map, parent);
	map->by_id = build_index(map, id_of, false);
	map->by_legacy = build_index(map, legacy_id_of, true);

	return map;
}

int
parent_map_memory_left(const ParentMap *a, const ParentMap *b, int kilobytes)
{
	int64		remaining = kilobytes -
		(int64) (MemoryContextMemAllocated(a->context, true) / 1024) -
		(int64) (MemoryContextMemAllocated(b->context, true) / 1024);

	return (int) Max(remaining, kilobytes / 4);
}

void
parent_map_free(ParentMap *map)
{
	MemoryContextDelete(map->context);
}

/* Most tables are in this order already. */
static void
sort_by_id(ParentMap *map)
{
	for (uint32 i = 1; i < map->nrows; i++)
	{
		if (map->rows[i].id < map->rows[i - 1].id)
		{
			qsort(map->rows, map->nrows, sizeof(ParentRow), compare_parent_ids);
			return;
		}
	}
}

/* Partitions on other servers, and tables that inherit, can repeat an id. */
static void
require_own_ids(const ParentMap *map, const ParentTable *parent)
{
	for (uint32 i = 1; i < map->nrows; i++)
	{
		if (map->rows[i].id == map->rows[i - 1].id)
			ereport(ERROR,
					(errcode(ERRCODE_MENUCA_INTEGRITY),
					 errmsg("several rows of table %s have the same %s: " INT64_FORMAT,
							parent->name, parent->id, map->rows[i].id),
					 errdetail("An item with that reference would belong to all of them. Nothing was changed."),
					 errhint("To see all such rows: SELECT %s, count(*), array_agg(tableoid::regclass) FROM %s GROUP BY 1 HAVING count(*) > 1; give each row an id of its own.",
							 parent->id, parent->name)));
	}
}

static int
compare_parent_ids(const void *a, const void *b)
{
	return compare_int8(&((const ParentRow *) a)->id, &((const ParentRow *) b)->id);
}

/*
 * Builds an index over the rows that have such a key.  With chained, the rows of
 * one key are chained in their order.
 */
static ParentIndex *
build_index(ParentMap *map, RowKeyFn key_of, bool chained)
{
	ParentIndex *index = MemoryContextAllocZero(map->context, sizeof(ParentIndex));
	uint32		nkeys = find_range(index, map, key_of);
	int64		key;

	if (nkeys == 0)
		return index;
	if (index->range / NUMBERS_PER_ROW <= nkeys && index->range > 0)
		rank_keys(index, map, key_of);
	else
		index->sparse = sparse_create(map->context, nkeys, NULL);

	/* From the last to the first, so that a chain begins with the first. */
	for (uint32 row = map->nrows; row-- > 0;)
	{
		uint32	   *place;

		CHECK_FOR_INTERRUPTS();
		if (!key_of(&map->rows[row], &key))
			continue;
		place = place_of_key(index, key);
		if (chained)
			map->rows[row].next = *place;
		*place = row;
	}
	return index;
}

/* Finds the least key and the range; returns how many rows have a key. */
static uint32
find_range(ParentIndex *index, const ParentMap *map, RowKeyFn key_of)
{
	int64		greatest = 0;
	int64		key;
	uint32		nkeys = 0;

	for (uint32 row = 0; row < map->nrows; row++)
	{
		if (!key_of(&map->rows[row], &key))
			continue;
		if (nkeys == 0 || key < index->least)
			index->least = key;
		if (nkeys == 0 || key > greatest)
			greatest = key;
		nkeys++;
	}

	/* 0 when the range is all bigints */
	index->range = (uint64) greatest - (uint64) index->least + 1;
	return nkeys;
}

/* Sets the bits of the keys, counts them, and allocates the array of rows. */
static void
rank_keys(ParentIndex *index, ParentMap *map, RowKeyFn key_of)
{
	uint64		nwords = (index->range + 63) / 64;
	uint32		nkeys = 0;
	int64		key;

	index->words = MemoryContextAllocExtended(map->context, sizeof(ParentIndexWord) * nwords,
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 row = 0; row < map->nrows; row++)
	{
		uint64		place;

		if (!key_of(&map->rows[row], &key))
			continue;
		place = (uint64) key - (uint64) index->least;
		index->words[place / 64].bits |= UINT64CONST(1) << (place % 64);
	}
	for (uint64 i = 0; i < nwords; i++)
	{
		index->words[i].before = nkeys;
		nkeys += pg_popcount64(index->words[i].bits);
	}
	index->rows = MemoryContextAllocHuge(map->context, sizeof(uint32) * nkeys);
	memset(index->rows, 0xFF, sizeof(uint32) * nkeys);	/* PARENT_MAP_END */
}

/* The place for the number of a key's first row; PARENT_MAP_END at first. */
static uint32 *
place_of_key(ParentIndex *index, int64 key)
{
	SparseEntry *entry;
	bool		found;

	if (index->words)
	{
		uint64		place = (uint64) key - (uint64) index->least;
		const ParentIndexWord *word = &index->words[place / 64];
		uint64		bit = UINT64CONST(1) << (place % 64);

		return &index->rows[word->before + pg_popcount64(word->bits & (bit - 1))];
	}

	entry = sparse_insert(index->sparse, key, &found);
	if (!found)
		entry->row = PARENT_MAP_END;
	return &entry->row;
}

uint32
parent_map_find_sparse(const ParentIndex *index, int64 key)
{
	SparseEntry *entry;

	if (index->sparse == NULL)
		return PARENT_MAP_END;
	entry = sparse_lookup(index->sparse, key);
	return entry ? entry->row : PARENT_MAP_END;
}

static bool
id_of(const ParentRow *row, int64 *key)
{
	*key = row->id;
	return true;
}

static bool
legacy_id_of(const ParentRow *row, int64 *key)
{
	*key = row->legacy;
	return (row->flags & PARENT_HAS_LEGACY_ID) != 0;
}

static void
add_parent_row(TupleTableSlot *slot, void *arg)
{
	const ReadState *state = arg;
	ParentMap  *map = state->map;
	ParentRow  *row;

	/* A row without an id cannot be referred to. */
	if (slot->tts_isnull[COLUMN_ID])
		return;

	if (map->nrows == map->allocated)
	{
		/* A pair of row numbers must fit into 60 bits, see item_census.h. */
		if (map->nrows >= PARENT_MAP_END / 4)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many combo groups or dishes to map: more than %u",
							map->nrows)));
		map->allocated += map->allocated / 2;
		map->rows = repalloc_huge(map->rows, sizeof(ParentRow) * map->allocated);
	}

	row = &map->rows[map->nrows];
	memset(row, 0, sizeof(ParentRow));
	row->next = PARENT_MAP_END;
	row->id = slot_int8(slot, COLUMN_ID);
	if (!slot->tts_isnull[COLUMN_RESTAURANT])
	{
		row->restaurant = slot_int8(slot, COLUMN_RESTAURANT);
		row->flags |= PARENT_HAS_RESTAURANT;
	}
	row->system = source_system_of(state, slot);
	if (!slot->tts_isnull[COLUMN_IS_ACTIVE] &&
		!DatumGetBool(slot->tts_values[COLUMN_IS_ACTIVE]))
		row->flags |= PARENT_INACTIVE;
	if (!slot->tts_isnull[COLUMN_IS_COMBO] &&
		DatumGetBool(slot->tts_values[COLUMN_IS_COMBO]))
		row->flags |= PARENT_IS_COMBO;

	if (!slot->tts_isnull[state->legacy_column])
	{
		row->legacy = slot_int8(slot, state->legacy_column);
		row->flags |= PARENT_HAS_LEGACY_ID;
	}
	map->nrows++;
}

/* Without a column source_system, the legacy ids show the system. */
static SourceSystem
source_system_of(const ReadState *state, const TupleTableSlot *slot)
{
	const struct varlena *name;

	if (!state->has_source_system)
		return !slot->tts_isnull[COLUMN_LEGACY_V1] ? SYSTEM_V1 :
			!slot->tts_isnull[COLUMN_LEGACY_V2] ? SYSTEM_V2 : SYSTEM_OTHER;

	if (slot->tts_isnull[COLUMN_SOURCE_SYSTEM])
		return SYSTEM_OTHER;
	name = PG_DETOAST_DATUM_PACKED(slot->tts_values[COLUMN_SOURCE_SYSTEM]);
	if (VARSIZE_ANY_EXHDR(name) != 2)
		return SYSTEM_OTHER;
	return memcmp(VARDATA_ANY(name), "v1", 2) == 0 ? SYSTEM_V1 :
		memcmp(VARDATA_ANY(name), "v2", 2) == 0 ? SYSTEM_V2 : SYSTEM_OTHER;
}
