/*-------------------------------------------------------------------------
 *
 * mysqldump_table.h
 *	  The name of the table that a statement is about.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_TABLE_H
#define MYSQLDUMP_TABLE_H

#include "mysql/mysqldump_reader.h"

/*
 * Reads [name.]name from the last token on, and gets the token behind it.
 * wanted: it is the reader's table; without a name there, it is not.
 */
extern bool mysqldump_read_table(MysqldumpReader *reader, bool *wanted);

#endif							/* MYSQLDUMP_TABLE_H */
