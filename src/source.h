/*-------------------------------------------------------------------------
 *
 * source.h
 *	  The source: a staged table of the old system.
 *
 * Its rows say which legacy dish belongs to which legacy group.  Columns are
 * bound by name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SOURCE_H
#define MENUCA_SOURCE_H

#include "access/attnum.h"

#include "compat.h"

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
	bool		of_lists;		/* see source_open_lists() */
	char	   *name;			/* qualified and quoted, for SQL */
	char	   *display_name;
	SourceColumns columns;
	AttrNumber	id_attnum;		/* the same; 0 for one that is not named */
	AttrNumber	dish_attnum;
	AttrNumber	group_attnum;
	AttrNumber	order_attnum;
} Source;

/* A row of the source; ids that are not bigints count as NULL. */
typedef struct SourceRow
{
	int64		id;
	int64		dish;
	int64		group;
	int64		order;			/* 0 when NULL */
	bool		has_id;
	bool		has_dish;
	bool		has_group;
} SourceRow;

typedef void (*SourceRowFn) (const SourceRow *row, void *arg);

/*
 * Opens a source.  An invalid relid means the table named by the setting
 * menuca.source_table.  Raises an error when the table or a column is
 * missing, is not a table, is not of an integer type, or may not be read by
 * the caller.  missing_ok: returns NULL instead when relid is invalid and
 * the setting's table does not exist.
 */
extern Source *source_open(Oid relid, const SourceColumns *columns,
						   bool missing_ok);

/*
 * Opens a source whose rows hold a group and the list of the dishes that it
 * offers: V1's combo_groups.  columns names the group's id and the list, a
 * bytea that PHP's serialize() wrote; errors as source_open().  An invalid
 * relid means the table named by the setting menuca.combo_groups_table.
 */
extern Source *source_open_lists(Oid relid, const SourceColumns *columns);

/* The table of a former run, by its name; errors as source_open(). */
extern Source *source_open_by_name(const char *name,
								   const SourceColumns *columns);

/*
 * Reads all rows, as the active snapshot sees them; of lists, a row for each
 * dish of each list.  Returns their number.  Raises an error on a list that
 * cannot be read.
 */
extern uint64 source_read(const Source *source, SourceRowFn fn, void *arg);

/* Raises an error that says how to fill an empty source. */
pg_noreturn extern void source_raise_empty(const Source *source);

#endif							/* MENUCA_SOURCE_H */
