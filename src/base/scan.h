/*-------------------------------------------------------------------------
 *
 * scan.h
 *	  Reading some columns of all rows of a table.
 *
 * What a SELECT without any condition would do; but ordinary tables are read
 * from their storage at once, past the executor.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SCAN_H
#define MENUCA_SCAN_H

#include "access/attnum.h"

#include "base/query.h"

/* What a column is handed out as; the column must be of such a type. */
typedef enum ScanType
{
	SCAN_INT8,					/* integers, and numeric: NULL when no bigint */
	SCAN_BOOL,
	SCAN_TIMESTAMPTZ,
	SCAN_TEXT,					/* any type, by its text */
	SCAN_BYTEA,
	SCAN_JSONB
} ScanType;

typedef struct ScanColumn
{
	AttrNumber	attnum;			/* InvalidAttrNumber: NULL */
	ScanType	type;
} ScanColumn;

/*
 * Hands each row that the active snapshot sees to fn, in a slot with the
 * given columns and, with whole_rows, all columns of the table behind them
 * (as in "SELECT a, b, t.* FROM t").  Slot and memory are as in query_each().
 * The caller has locked the table, made sure that the user may read these
 * columns and that no row security hides rows.  Returns the number of rows.
 */
extern uint64 scan_each(Oid relid, const ScanColumn *columns, int ncolumns,
						bool whole_rows, QueryRowFn fn, void *arg);

#endif							/* MENUCA_SCAN_H */
