/*-------------------------------------------------------------------------
 *
 * source_row.h
 *	  A source and its rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SOURCE_ROW_H
#define MENUCA_SOURCE_ROW_H

#include "access/attnum.h"

#include "source/source_system.h"

/* The content of a source's rows. */
typedef enum SourceKind
{
	SOURCE_ROWS,				/* a dish of a group: V1's combos */
	SOURCE_PHP_LISTS,			/* a group and the list of its dishes: V1's */
	SOURCE_JSON_LISTS			/* the same, perhaps by step: V2's */
} SourceKind;

/* The columns' names; id and order are NULL when the source has none. */
typedef struct SourceColumns
{
	char	   *id;
	char	   *dish;
	char	   *group;
	char	   *order;
} SourceColumns;

typedef struct Source
{
	Oid			oid;
	SourceKind	kind;
	SourceSystem system;		/* the old system that the ids are of */
	char	   *name;			/* qualified and quoted, for SQL */
	char	   *display_name;
	SourceColumns columns;
	AttrNumber	id_attnum;		/* their numbers; 0: not named */
	AttrNumber	dish_attnum;
	AttrNumber	group_attnum;
	AttrNumber	order_attnum;
	int64		max_step;		/* largest number of a step; JSON lists only */
	struct ListedDishes *listed;	/* see source_json.h; JSON lists only */
} Source;

/* A row of the source; ids that are not bigints count as NULL. */
typedef struct SourceRow
{
	int64		id;
	int64		dish;
	int64		group;
	int64		order;			/* 0 when NULL */
	int64		number;			/* of the row, from 1; JSON lists only */
	bool		has_id;
	bool		has_dish;
	bool		has_group;
} SourceRow;

/* Called with each row, which is valid until it returns. */
typedef void (*SourceRowFn) (const SourceRow *row, void *arg);

#endif							/* MENUCA_SOURCE_ROW_H */
