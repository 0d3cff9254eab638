/*-------------------------------------------------------------------------
 *
 * mysql_types.h
 *	  MySQL's types, values and character sets, mapped to PostgreSQL's.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MYSQL_TYPES_H
#define MENUCA_MYSQL_TYPES_H

#include "lib/stringinfo.h"

#include "mysql/mysqldump_types.h"

/* How a value of the dump is written for a staging column. */
typedef enum ValueKind
{
	VALUE_TEXT,					/* the value's characters */
	VALUE_NUMBER,				/* the same, but binary values as a number */
	VALUE_DATE,					/* the same, but MySQL's zero dates as NULL */
	VALUE_BYTES,				/* as bytea */
	VALUE_BITS					/* as a bit string */
} ValueKind;

/*
 * The name of the PostgreSQL type that holds all values of a MySQL column;
 * "text" for a type that is not known.
 */
extern char *mysql_postgres_type(const MysqldumpColumn *column);

/* How values are written for a column of that base type. */
extern ValueKind mysql_value_kind(Oid type);

/* True for 0000-00-00 and for dates and timestamps with a zero month or day. */
extern bool mysql_is_zero_date(const MysqldumpValue *value);

/* Appends a value as bytea, in COPY's text format. */
extern void mysql_append_bytes(StringInfo buf, const MysqldumpValue *value);

/* Appends a value as a bit string, in COPY's text format. */
extern void mysql_append_bits(StringInfo buf, const MysqldumpValue *value);

/*
 * Appends a binary value as an unsigned decimal number.  Returns false, and
 * appends nothing, when it has more than 64 bits.
 */
extern bool mysql_append_integer(StringInfo buf, const MysqldumpValue *value);

/*
 * Sets *encoding to the server's encoding for a MySQL character set (in lower
 * case); returns false when it is not known.
 */
extern bool mysql_charset_encoding(const char *charset, int *encoding);

#endif							/* MENUCA_MYSQL_TYPES_H */
