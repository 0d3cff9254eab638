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
 * Reads [name.]name from the last token on, and gets the token after it.
 * *wanted is true if that is the reader's table, false if there is no name.
 */
extern bool mysqldump_read_table(MysqldumpReader *reader, bool *wanted);

#endif							/* MYSQLDUMP_TABLE_H */
