/*-------------------------------------------------------------------------
 *
 * mysqldump_value.h
 *	  The literals of a dump.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_VALUE_H
#define MYSQLDUMP_VALUE_H

#include "mysql/mysqldump_reader.h"

/*
 * The quick way to read a tuple from behind its opening parenthesis to its
 * end.  The values must be at hand, follow each other without space, and be
 * as they are written: decimal numbers, NULL, strings without escapes.  They
 * point into the input, where they stay until more of it is read.  Of any
 * other tuple, nothing is consumed and false returned, which is no failure.
 */
extern bool mysqldump_read_plain_values(MysqldumpReader *reader);

/* Reads one literal as the tuple's next value. */
extern bool mysqldump_read_value(MysqldumpReader *reader);

/* Makes the values point to their text, which moves while a tuple is read. */
extern void mysqldump_finish_values(MysqldumpReader *reader);

#endif							/* MYSQLDUMP_VALUE_H */
