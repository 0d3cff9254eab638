/*-------------------------------------------------------------------------
 *
 * scan.h
 *	  Reading some columns of all rows of a table.
 *
 * The same as a SELECT without conditions, but where the server would scan exactly
 * this heap, it is read directly, past the executor: see direct_access.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SCAN_H
#define MENUCA_SCAN_H

#include "access/attnum.h"

#include "base/query.h"

/* The type that a column's values are handed out as. */
typedef enum ScanType
{
	SCAN_INT8,					/* of integers, or of numeric: NULL when it is
								 * no bigint */
	SCAN_BOOL,
	SCAN_TIMESTAMPTZ,
	SCAN_TEXT,					/* of any type, by its text */
	SCAN_BYTEA,
	SCAN_JSONB
} ScanType;

typedef struct ScanColumn
{
	AttrNumber	attnum;			/* InvalidAttrNumber: always NULL */
	ScanType	type;
} ScanColumn;

/*
 * Hands each row that the active query snapshot sees to fn, in a slot with the
 * given columns and, with whole_rows, all columns of the table behind them
 * (as in "SELECT a, b, t.* FROM t").  Slot and memory are as in query_each().
 * The caller holds a lock on the table, and has checked that the user may read
 * these columns and that row security hides no rows.  Returns the number of
 * rows.
 */
extern uint64 scan_each(Oid relid, const ScanColumn *columns, int ncolumns,
						bool whole_rows, QueryRowFn fn, void *arg);

#endif							/* MENUCA_SCAN_H */
