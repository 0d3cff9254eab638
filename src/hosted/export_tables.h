/*-------------------------------------------------------------------------
 *
 * export_tables.h
 *	  The tables that an export has to do with.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_TABLES_H
#define MENUCA_EXPORT_TABLES_H

#include "hosted/export_ids.h"
#include "target/junction.h"

/* A row of the export, by its key on the copy. */
typedef struct ExportKey
{
	int64		key;
	int64		ordinal;		/* of all rows that the export has for the
								 * table, from 1, in the order of its layers */
} ExportKey;

/* A table that the export writes to, or that its rows refer to. */
typedef struct ExportTable
{
	int			number;			/* from 1 */
	KeyedTable	table;
	char	   *schema;			/* names as they are */
	char	   *name;
	char	   *key;
	bool		is_written;
	bool		is_counted;		/* its number of rows decides a figure */
	const Target *target;		/* of a junction that is written to; else NULL */
	List	   *columns;		/* that tell which row it is: the key, the
								 * restaurant, legacy ids; of items and steps
								 * all that they refer to.  Quoted */
	List	   *bare_columns;	/* the same as they are */
	char	   *line;			/* an expression for these of a row t, as text */
	List	   *row_columns;	/* all columns, as they are; NIL unless it is
								 * written to */
	char	   *row;			/* an expression for these, as text */
	int			nkeys;
	ExportKey  *keys;			/* sorted by key */
	ExportIds	referred;		/* rows that the export refers to, sorted */
	ExportIds	others;			/* rows of runs that are not in the export,
								 * sorted */
} ExportTable;

/* The tables of an export; begins as {0}. */
typedef struct ExportTables
{
	const List *runs;			/* of the export */
	List	   *tables;			/* of ExportTables */
} ExportTables;

/*
 * The table of that name, which is looked up and locked against changes of its
 * definition unless it was before.  Raises an error when there is none, or the
 * caller may not read it.
 */
extern ExportTable *export_tables_get(ExportTables *tables, const char *schema, const char *name);

/* The same for a table that the export writes to. */
extern ExportTable *export_tables_get_written(ExportTables *tables, const char *schema, const char *name);

/* The ordinal of a row that the export inserts, by its key on the copy; 0 for others. */
extern int64 export_tables_ordinal(const ExportTable *table, int64 key);

/* Appends a layer's rows, by their keys. */
extern void export_tables_add_rows(ExportTable *table, const int64 *keys, int n);

/* Names as a list for a message: "id, restaurant_id". */
extern char *export_tables_list(const List *names);

#endif							/* MENUCA_EXPORT_TABLES_H */
