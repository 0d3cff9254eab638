/*-------------------------------------------------------------------------
 *
 * mysqldump_literal.h
 *	  The literals of a dump.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_LITERAL_H
#define MYSQLDUMP_LITERAL_H

#include "mysql/mysqldump_reader.h"

/*
 * Reads one literal, with its introducer, as the tuple's last value, which has no
 * text yet.  *found is false, and nothing is read, if none comes next.
 */
extern bool mysqldump_read_literal(MysqldumpReader *reader,
								   MysqldumpValue *value, bool *found);

/* Reads strings in a row as the text of the tuple's last value. */
extern bool mysqldump_read_strings(MysqldumpReader *reader,
								   MysqldumpValue *value);

/*
 * Replaces hexadecimal digits by their bytes, whose number it returns.  An odd
 * number of digits is read as if a zero came before it.
 */
extern size_t mysqldump_decode_hex(char *digits, size_t len);

/* Consumes the word (in lower case) if it is the next one. */
extern bool mysqldump_accept_word(MysqldumpReader *reader, const char *word);

/* True for a hexadecimal digit. */
extern bool mysqldump_is_hex_digit(char c);

#endif							/* MYSQLDUMP_LITERAL_H */
