/*-------------------------------------------------------------------------
 *
 * export_layer.h
 *	  The rows of a run, as an export has them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_LAYER_H
#define MENUCA_EXPORT_LAYER_H

#include "hosted/export_tables.h"
#include "ledger/run_ledger.h"

/* A column of a run's rows. */
typedef struct ExportColumn
{
	char	   *name;			/* quoted */
	char	   *bare_name;
	char	   *type;			/* as in a cast */
	AttrNumber	attnum;
	bool		is_integer;
	ExportTable *parent;		/* that it refers to by key; NULL: none */
	bool		of_export;		/* some rows refer to rows of the export */
	bool		is_constant;	/* all rows have the same value */
	char	  **values;			/* a text or NULL for each row; of a reference
								 * to a row of the export, minus its ordinal */
} ExportColumn;

/* The rows that one run inserted. */
typedef struct ExportLayer
{
	int			number;			/* from 1, in the order of the runs */
	const Run  *run;
	ExportTable *table;
	int			nrows;
	int64	   *keys;			/* on the copy, ascending: the rows' order */
	int			ncolumns;
	ExportColumn *columns;
} ExportLayer;

/*
 * Reads the rows of a run and notes which rows of other tables they refer to.
 * Columns that the other database fills by itself are left to it: the key, generated
 * ones, and those whose default is a sequence or not immutable.  Values are as their
 * types' output functions write them with the settings of the moment.  Raises an
 * error when a row is not as the ledger has it, or refers to one that the other
 * database will not have.
 */
extern ExportLayer *export_layer_read(ExportTables *tables, const Run *run, int number);

#endif							/* MENUCA_EXPORT_LAYER_H */
