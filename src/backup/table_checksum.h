/*-------------------------------------------------------------------------
 *
 * table_checksum.h
 *	  Number and checksum of a table's rows, whatever their order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TABLE_CHECKSUM_H
#define MENUCA_TABLE_CHECKSUM_H

typedef struct TableChecksum
{
	uint64		rows;
	char	   *checksum;		/* a sum of 64-bit hashes, in digits */
} TableChecksum;

/*
 * Reads all rows that the active snapshot sees.  Raises an error when the
 * caller may not read them all.
 */
extern TableChecksum table_checksum(Oid relid);

/* True if both are of the same rows. */
extern bool table_checksum_equal(const TableChecksum *a, const TableChecksum *b);

#endif							/* MENUCA_TABLE_CHECKSUM_H */
