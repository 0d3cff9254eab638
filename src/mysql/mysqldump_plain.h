/*-------------------------------------------------------------------------
 *
 * mysqldump_plain.h
 *	  The quick way to read a tuple of a dump.
 *
 * A tuple is plain when its values follow each other without a space and are
 * decimal numbers, NULL, or strings in single quotes without escapes.  Most
 * tuples of a dump are.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_PLAIN_H
#define MYSQLDUMP_PLAIN_H

#include "mysql/mysqldump_reader.h"

/*
 * Reads a plain tuple from after its opening parenthesis to its end, if all of
 * it is in the input's buffer.  Its values point into that buffer, and are
 * valid until more input is read.  Of any other tuple, consumes nothing and
 * returns false, which is not a failure: mysqldump_read_value() reads it.
 */
extern bool mysqldump_read_plain_values(MysqldumpReader *reader);

#endif							/* MYSQLDUMP_PLAIN_H */
