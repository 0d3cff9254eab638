/*-------------------------------------------------------------------------
 *
 * mysql_charset.h
 *	  MySQL's character sets, mapped to the server's encodings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MYSQL_CHARSET_H
#define MENUCA_MYSQL_CHARSET_H

#include "lib/stringinfo.h"

/*
 * Sets *encoding to the server's encoding for a MySQL character set (in lower
 * case); returns false when it is not known.  PG_WIN1252 stands for latin1, which
 * mysql_append_latin1() converts.
 */
extern bool mysql_charset_encoding(const char *charset, int *encoding);

/*
 * The first character of valid text in MySQL's character set that the server's
 * encoding for it has another meaning for; NULL if there is none.
 */
extern const char *mysql_differing_character(const char *charset, const char *data,
											 size_t len);

/*
 * Appends text in MySQL's latin1 as UTF-8.  Each byte is a character there: the
 * five that windows-1252 lacks are U+0081, U+008D, U+008F, U+0090 and U+009D.
 */
extern void mysql_append_latin1(StringInfo buf, const char *data, size_t len);

/*
 * True for valid UTF-8 with characters beyond ASCII all of which look like UTF-8
 * that was taken for latin1, such as U+00C3 U+00A9 for the two bytes of U+00E9.
 */
extern bool mysql_is_garbled(const char *data, size_t len);

#endif							/* MENUCA_MYSQL_CHARSET_H */
