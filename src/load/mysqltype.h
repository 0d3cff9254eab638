/*-------------------------------------------------------------------------
 *
 * mysqltype.h
 *	  MySQL's types, values and character sets in PostgreSQL's terms.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MYSQLTYPE_H
#define MENUCA_MYSQLTYPE_H

#include "lib/stringinfo.h"

#include "mysql/mysqldump.h"

/* What a staging column wants to be given. */
typedef enum ValueKind
{
	VALUE_TEXT,					/* the value's characters */
	VALUE_NUMBER,				/* the same, and binary ones as a number */
	VALUE_DATE,					/* the same, with MySQL's zero dates as NULL */
	VALUE_BYTES,				/* bytea */
	VALUE_BITS					/* bit strings */
} ValueKind;

/* The PostgreSQL type that holds all values of a MySQL column. */
extern char *mysql_postgres_type(const MysqldumpColumn *column);

/* What a column of that (base) type wants. */
extern ValueKind mysql_value_kind(Oid type);

/* True for 0000-00-00 and dates with a zero month or day. */
extern bool mysql_is_zero_date(const MysqldumpValue *value);

/* Append a value in COPY's text format: as bytea, as a bit string. */
extern void mysql_append_bytes(StringInfo buf, const MysqldumpValue *value);
extern void mysql_append_bits(StringInfo buf, const MysqldumpValue *value);

/* A binary value as an unsigned decimal number; false beyond 64 bits. */
extern bool mysql_append_integer(StringInfo buf, const MysqldumpValue *value);

/*
 * The server's encoding of a MySQL character set; false when there is none.
 */
extern bool mysql_charset_encoding(const char *charset, int *encoding);

#endif							/* MENUCA_MYSQLTYPE_H */
