/*-------------------------------------------------------------------------
 *
 * row_prints.h
 *	  Prints of a table's rows, which show later how many of them have changed.
 *
 * A print is made of some columns: of those that never change, of the names, of
 * the prices.  Rows are spread over buckets by their ids, and each bucket has a sum
 * of the rows' hashes.  A row that changes changes its bucket, so the buckets
 * that differ tell how many rows have changed, exactly if they are few.  For many
 * rows there are buckets of a sample, and buckets by content tell whether values
 * were only exchanged between rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ROW_PRINTS_H
#define MENUCA_ROW_PRINTS_H

#include "lib/stringinfo.h"

/* What a print is of. */
typedef enum RowAspect
{
	ROW_IDENTITY,				/* whose the row is and where it came from */
	ROW_NAMES,
	ROW_PRICES,
	ROW_RULES,
	ROW_VISIBILITY,				/* is_active, or the status */
	ROW_REST					/* descriptions, courses, positions */
} RowAspect;

#define ROW_ASPECTS (ROW_REST + 1)

#define PRINT_BUCKETS 64
#define PRINT_VALUES 32

typedef struct RowPrint
{
	bool		exists;			/* else the table has no such column */
	uint16		rows[PRINT_BUCKETS];
	uint8		sample[PRINT_BUCKETS];
	uint8		values[PRINT_VALUES];
} RowPrint;

typedef struct RowPrints
{
	int			sample_bits;	/* one row in 2 ^ sample_bits is in the sample */
	int64		nrows;			/* that the prints are of */
	RowPrint	of[ROW_ASPECTS];
} RowPrints;

/* How many rows have changed. */
typedef struct RowChanges
{
	uint64		rows;			/* about that many; exact if they are few */
	bool		exchanged;		/* by content, the rows are the same */
} RowChanges;

/* The name of an aspect: "identity", "names", ... */
extern const char *row_aspect_name(RowAspect aspect);

/* The sample for a table of that many rows: at least 64 of them. */
extern int	row_prints_sample_bits(int64 rows);

/*
 * Makes the prints of a table that has an integer key and that the caller may read:
 * of all rows or, if max_id is not NULL, of those whose id is at most that.
 */
extern void row_prints_take(const char *schema, const char *table, const int64 *max_id,
							int sample_bits, RowPrints *prints);

/* Appends the prints as a JSON object of texts, by the aspects' names. */
extern void row_prints_json(const RowPrints *prints, StringInfo buf);

/* Reads one back; false when the text is no print. */
extern bool row_print_parse(const char *text, RowPrint *print, int *sample_bits);

/*
 * Compares the print of then, of that many rows, with that of now.  Rows that were
 * deleted since are no changes, and hide as many.
 */
extern void row_print_compare(const RowPrint *then, int64 rows_then,
							  const RowPrints *now, RowAspect aspect, RowChanges *changes);

#endif							/* MENUCA_ROW_PRINTS_H */
