/*-------------------------------------------------------------------------
 *
 * mysqldump_insert.h
 *	  INSERT statements and their tuples.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_INSERT_H
#define MYSQLDUMP_INSERT_H

#include "mysql/mysqldump_reader.h"

/*
 * Reads an INSERT from after its first word to its first tuple, or skips it if
 * it is not into the wanted table.
 */
extern bool mysqldump_read_insert(MysqldumpReader *reader);

/*
 * Advances to the next tuple's parenthesis, or ends the INSERT if it has no
 * more tuples.
 */
extern bool mysqldump_begin_tuple(MysqldumpReader *reader);

/* Reads the tuple whose parenthesis comes next. */
extern bool mysqldump_read_tuple(MysqldumpReader *reader);

#endif							/* MYSQLDUMP_INSERT_H */
