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

/* Reads one literal as the tuple's next value. */
extern bool mysqldump_read_value(MysqldumpReader *reader);

/*
 * Points the tuple's values to their text, once all of them are read: until
 * then the text may move.
 */
extern void mysqldump_finish_values(MysqldumpReader *reader);

/*
 * Reads one literal, with its introducer, as the tuple's last value, which has no
 * text yet.
 */
extern bool mysqldump_read_literal(MysqldumpReader *reader,
								   MysqldumpValue *value);

/* Reads strings in a row as the text of the tuple's last value. */
extern bool mysqldump_read_strings(MysqldumpReader *reader,
								   MysqldumpValue *value);

/*
 * Replaces hexadecimal digits by their bytes, whose number it returns.  An odd
 * number of digits is read as if a zero came before it.
 */
extern size_t mysqldump_decode_hex(char *digits, size_t len);

/* True for a hexadecimal digit. */
extern bool mysqldump_is_hex_digit(char c);

#endif							/* MYSQLDUMP_VALUE_H */
