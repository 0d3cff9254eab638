/*-------------------------------------------------------------------------
 *
 * source_row.h
 *	  What a source is, and its rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SOURCE_ROW_H
#define MENUCA_SOURCE_ROW_H

#include "access/attnum.h"

#include "source/source_system.h"

/* What a source's rows are. */
typedef enum SourceKind
{
	SOURCE_ROWS,				/* a dish of a group each: V1's combos */
	SOURCE_PHP_LISTS,			/* a group and the list of its dishes: V1's */
	SOURCE_JSON_LISTS			/* the same of V2, whose lists may have steps */
} SourceKind;

/* The columns' names; id and order may be NULL when the source has none. */
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
	SourceSystem system;		/* whose ids they are */
	char	   *name;			/* qualified and quoted, for SQL */
	char	   *display_name;
	SourceColumns columns;
	AttrNumber	id_attnum;		/* the same; 0 for one that is not named */
	AttrNumber	dish_attnum;
	AttrNumber	group_attnum;
	AttrNumber	order_attnum;
	int64		max_step;		/* greatest number of a step; these two only
								 * of JSON lists */
	struct ListedDishes *listed;	/* see source_json.h */
} Source;

/* A row of the source; ids that are not bigints count as NULL. */
typedef struct SourceRow
{
	int64		id;
	int64		dish;
	int64		group;
	int64		order;			/* 0 when NULL */
	int64		number;			/* of JSON lists: which row it is, from 1 */
	bool		has_id;
	bool		has_dish;
	bool		has_group;
} SourceRow;

typedef void (*SourceRowFn) (const SourceRow *row, void *arg);

#endif							/* MENUCA_SOURCE_ROW_H */
