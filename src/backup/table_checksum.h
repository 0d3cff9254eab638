/*-------------------------------------------------------------------------
 *
 * table_checksum.h
 *	  Number and checksum of a table's rows, independent of their order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TABLE_CHECKSUM_H
#define MENUCA_TABLE_CHECKSUM_H

typedef struct TableChecksum
{
	uint64		rows;
	char	   *checksum;		/* sum of the rows' 64-bit hashes, in digits */
} TableChecksum;

/*
 * Reads all rows of a table or materialized view that the active query
 * snapshot sees.  Raises an error if it is neither, or the caller may not read
 * all of its rows.
 */
extern TableChecksum table_checksum(Oid relid);

/* True if both were made from the same rows. */
extern bool table_checksum_equal(const TableChecksum *a, const TableChecksum *b);

#endif							/* MENUCA_TABLE_CHECKSUM_H */
