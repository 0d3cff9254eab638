/*-------------------------------------------------------------------------
 *
 * mysql_types.h
 *	  MySQL's types and values, mapped to PostgreSQL's.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MYSQL_TYPES_H
#define MENUCA_MYSQL_TYPES_H

#include <limits.h>

#include "lib/stringinfo.h"

#include "mysql/mysqldump_types.h"

/* How a value of the dump is written for a staging column. */
typedef enum ValueKind
{
	VALUE_TEXT,					/* the value's characters */
	VALUE_NUMBER,				/* the same, but binary values as a number */
	VALUE_DATE,					/* the same, but MySQL's zero dates as NULL */
	VALUE_TIMESTAMP,			/* likewise */
	VALUE_TIMESTAMPTZ,			/* likewise, with the dump's time zone */
	VALUE_TIME,					/* of a time or an interval */
	VALUE_BYTES,				/* as bytea */
	VALUE_BITS					/* as a bit string */
} ValueKind;

/* A scale without a limit. */
#define MYSQL_ANY_SCALE	INT_MAX

/*
 * The name of the PostgreSQL type that holds all values of a MySQL column;
 * "text" for a type that is not known.  zoned: the dump says the time zone of
 * its TIMESTAMPs.
 */
extern char *mysql_postgres_type(const MysqldumpColumn *column, bool zoned);

/* The number of bits of a BIT column; 0 for all other types. */
extern int	mysql_bit_width(const MysqldumpColumn *column);

/* How values are written for a column of that base type. */
extern ValueKind mysql_value_kind(Oid type);

/*
 * The digits after the point that a column of that base type keeps: others are
 * rounded.  Less than 0 if it rounds to tens or hundreds, MYSQL_ANY_SCALE if
 * there is no limit.
 */
extern int	mysql_kept_scale(Oid type, int32 typmod);

/*
 * NULL, or the type to use instead of that base type, which changes values
 * without an error: name truncates, money rounds, and timetz adds the session's
 * time zone.
 */
extern const char *mysql_lossy_type(Oid type, int32 typmod);

/* True for CHAR, VARCHAR, TEXT, BINARY, VARBINARY, BLOB and their sizes. */
extern bool mysql_is_string_type(const char *type);

/*
 * True if MySQL, which gets this number for a string, stores it as it is written;
 * 007, +1, 1e3, .5 and -0 are stored otherwise.
 */
extern bool mysql_is_stored_number(const char *data, size_t len);

/*
 * True if a number, or the seconds of a timestamp, has more digits after its
 * point than scale, zeros at the end aside.
 */
extern bool mysql_exceeds_scale(const char *data, size_t len, int scale);

/* True for varbit, whose values differ in length. */
extern bool mysql_type_varies(Oid type);

/* True if the bytes are decimal digits. */
extern bool mysql_is_digits(const char *data, size_t len);

/* Appends a value as bytea, in COPY's text format. */
extern void mysql_append_bytes(StringInfo buf, const MysqldumpValue *value);

/*
 * Appends len bits as hexadecimal bytes, as many as width bits need.
 */
extern void mysql_append_packed_bits(StringInfo buf, const char *digits, size_t len,
									 size_t width);

/*
 * Sets buf to the bits of a value, as characters 0 and 1 without leading zeros.
 * A BIT is dumped as b'101', as 0x05, as the raw bytes, or as a number.  Returns
 * false for a number that is negative, has a fraction or more than 64 bits.
 */
extern bool mysql_bit_digits(StringInfo buf, const MysqldumpValue *value);

/*
 * Appends bits as an unsigned decimal number.  Returns false, and appends
 * nothing, when there are more than 64.
 */
extern bool mysql_append_integer(StringInfo buf, const char *digits, size_t len);

#endif							/* MENUCA_MYSQL_TYPES_H */
