/*-------------------------------------------------------------------------
 *
 * parent_map.h
 *	  The rows of a parent table in memory, found by id and by legacy id.
 *
 * A parent is a group or a dish, which items refer to.  A map holds every row of
 * combo_groups or of dishes with its id, restaurant and legacy id.  A legacy id
 * is not unique, so the rows with one legacy id form a chain.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PARENT_MAP_H
#define MENUCA_PARENT_MAP_H

#include "port/pg_bitutils.h"

#include "target/junction.h"

/* There is no row, or no further row in a chain. */
#define PARENT_MAP_END PG_UINT32_MAX

/* Flags of a row. */
#define PARENT_HAS_RESTAURANT	0x01
#define PARENT_HAS_LEGACY_ID	0x02
#define PARENT_INACTIVE			0x04
#define PARENT_HAS_ITEMS		0x08	/* in the junction's table */
#define PARENT_GETS_ITEMS		0x10	/* has items after the planned run */
#define PARENT_REFERENCED		0x20	/* the source has its legacy id */
#define PARENT_COVERED			0x40	/* a source row identifies it by that */
#define PARENT_GETS_NEW			0x80	/* the planned run adds items */
#define PARENT_IS_COMBO			0x100	/* a dish that is a combo product */
#define PARENT_CROSSED			0x200	/* a source row pairs this dish with a
										 * group of another restaurant */

typedef struct ParentRow
{
	int64		id;
	int64		restaurant;
	int64		legacy;
	uint32		next;			/* number of the next row with the same legacy
								 * id, or PARENT_MAP_END */
	uint8		system;			/* a SourceSystem */
	uint16		flags;
} ParentRow;

/*
 * Finds the (first) row of a key.  Ids come from sequences and are close
 * together, so there is a bit for each number between the least and the greatest
 * key, set if the key exists; the number of set bits before it is the place of
 * its row in an array.  That is so small that it stays in the processor's cache.
 * When keys are too far apart, a hash table is used.
 */
typedef struct ParentIndexWord
{
	uint64		bits;			/* of 64 numbers */
	uint32		before;			/* bits that are set in the words before */
} ParentIndexWord;

typedef struct ParentIndex
{
	int64		least;
	uint64		range;			/* numbers from the least to the greatest */
	ParentIndexWord *words;		/* NULL: sparse */
	uint32	   *rows;			/* by the rank of their keys */
	struct sparse_hash *sparse;
} ParentIndex;

typedef struct ParentMap
{
	uint32		nrows;
	int			number_bits;	/* of a row's number, at most */
	ParentRow  *rows;			/* by id */
	ParentIndex *by_id;
	ParentIndex *by_legacy;
	MemoryContext context;
	uint32		allocated;
} ParentMap;

/*
 * Reads a parent table, as the active query snapshot sees it, into a map in the
 * current memory context.  Its legacy ids are those of the system that the
 * parent was opened for.  Raises an error when the table has more than 2^30 - 1
 * rows.
 */
extern ParentMap *parent_map_read(const ParentTable *parent);

/*
 * The memory for a sort beside two maps, in kilobytes: the given kilobytes less
 * the maps' memory, but at least a quarter of them.
 */
extern int	parent_map_memory_left(const ParentMap *a, const ParentMap *b, int kilobytes);

/* Releases the map's memory. */
extern void parent_map_free(ParentMap *map);

/* The number of a row in the map, from 0. */
static inline uint32
parent_map_number(const ParentMap *map, const ParentRow *row)
{
	return row - map->rows;
}

/* The same as parent_index_find(), for an index with a hash table. */
extern uint32 parent_map_find_sparse(const ParentIndex *index, int64 key);

/* The number of the (first) row with that key, or PARENT_MAP_END. */
static inline uint32
parent_index_find(const ParentIndex *index, int64 key)
{
	/* Unsigned, since the difference may be beyond a bigint. */
	uint64		place = (uint64) key - (uint64) index->least;
	const ParentIndexWord *word;
	uint64		bit;

	if (index->words == NULL)
		return parent_map_find_sparse(index, key);
	if (place >= index->range)
		return PARENT_MAP_END;

	word = &index->words[place / 64];
	bit = UINT64CONST(1) << (place % 64);
	if ((word->bits & bit) == 0)
		return PARENT_MAP_END;
	return index->rows[word->before + pg_popcount64(word->bits & (bit - 1))];
}

/* The row with that id, or NULL. */
static inline ParentRow *
parent_map_by_id(ParentMap *map, int64 id)
{
	uint32		row = parent_index_find(map->by_id, id);

	return row == PARENT_MAP_END ? NULL : &map->rows[row];
}

/*
 * The number of the first row with that legacy id, or PARENT_MAP_END; rows[n].next
 * is the number of the next one.
 */
static inline uint32
parent_map_first(const ParentMap *map, int64 legacy)
{
	return parent_index_find(map->by_legacy, legacy);
}

#endif							/* MENUCA_PARENT_MAP_H */
