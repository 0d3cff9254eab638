/*-------------------------------------------------------------------------
 *
 * staging.h
 *	  The staging table that a dump is loaded into.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_STAGING_H
#define MENUCA_STAGING_H

#include "utils/relcache.h"

#include "mysql/mysqldump.h"

/* What to do with the rows of a staging table that has some. */
typedef enum LoadMode
{
	LOAD_INTO_EMPTY,
	LOAD_APPEND,
	LOAD_REPLACE
} LoadMode;

/*
 * Opens the table into_table, creates it from the dump's CREATE TABLE of
 * table_name when it does not exist, and empties it when mode says so.  It
 * is locked against other writers until the transaction ends.  Raises an
 * error when that cannot be done, when the table holds rows that mode does
 * not allow for, or when rights are lacking.
 */
extern Relation staging_open(const MysqldumpReader *reader,
							 const char *table_name, const char *into_table,
							 LoadMode mode);

#endif							/* MENUCA_STAGING_H */
