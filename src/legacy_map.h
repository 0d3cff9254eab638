/*-------------------------------------------------------------------------
 *
 * legacy_map.h
 *	  Legacy id -> (id, restaurant), duplicates included.
 *
 * A map holds one parent table, combo_groups or dishes, in memory: every row
 * with its id, restaurant and legacy id, found by either id.  A legacy id is
 * not unique, so rows of one legacy id form a chain.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LEGACY_MAP_H
#define MENUCA_LEGACY_MAP_H

#include "target.h"

/* No further row. */
#define LEGACY_MAP_END PG_UINT32_MAX

/* What is known of a row. */
#define PARENT_HAS_RESTAURANT	0x01
#define PARENT_HAS_LEGACY_ID	0x02
#define PARENT_INACTIVE			0x04
#define PARENT_HAS_ITEMS		0x08	/* in the junction's table */
#define PARENT_GETS_ITEMS		0x10	/* once the plan is carried out */
#define PARENT_REFERENCED		0x20	/* the source names its legacy id */
#define PARENT_COVERED			0x40	/* and that identifies it */
#define PARENT_GETS_NEW			0x80	/* new items, that is */

/* Where a row came from; anything but v1 and v2 counts as other. */
typedef enum SourceSystem
{
	SYSTEM_V1,
	SYSTEM_V2,
	SYSTEM_OTHER
} SourceSystem;

#define SYSTEM_COUNT (SYSTEM_OTHER + 1)

typedef struct ParentRow
{
	int64		id;
	int64		restaurant;
	int64		legacy;
	uint32		next;			/* row of the same legacy id */
	uint8		system;			/* a SourceSystem */
	uint8		flags;
} ParentRow;

typedef struct RowIndex RowIndex;

typedef struct LegacyMap
{
	uint32		nrows;
	ParentRow  *rows;
	RowIndex   *by_id;
	RowIndex   *by_legacy;
	MemoryContext context;
	uint32		allocated;
} LegacyMap;

/*
 * Reads a parent table, as the active snapshot sees it, into a map in the
 * current memory context.  Raises an error on a table of more than 2^32 - 2
 * rows.
 */
extern LegacyMap *legacy_map_read(const ParentTable *parent);

/* Releases the map's memory. */
extern void legacy_map_free(LegacyMap *map);

/* The row of that id, or NULL. */
extern ParentRow *legacy_map_by_id(LegacyMap *map, int64 id);

/*
 * The number of the first row of that legacy id, or LEGACY_MAP_END; rows[n].next
 * leads to the others.
 */
extern uint32 legacy_map_first(LegacyMap *map, int64 legacy);

/* "v1", "v2" or "other". */
extern const char *source_system_name(SourceSystem system);

#endif							/* MENUCA_LEGACY_MAP_H */
