/*-------------------------------------------------------------------------
 *
 * mysqldump_value.h
 *	  The values of a tuple.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_VALUE_H
#define MYSQLDUMP_VALUE_H

#include "mysql/mysqldump_reader.h"

/* Reads one value as the tuple's next one. */
extern bool mysqldump_read_value(MysqldumpReader *reader);

/*
 * Points the tuple's values to their text, once all of them are read: until
 * then the text may move.
 */
extern void mysqldump_finish_values(MysqldumpReader *reader);

#endif							/* MYSQLDUMP_VALUE_H */
