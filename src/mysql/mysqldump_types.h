/*-------------------------------------------------------------------------
 *
 * mysqldump_types.h
 *	  Types that the reader of a dump takes and returns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_TYPES_H
#define MYSQLDUMP_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Fills buf with up to len bytes and returns their number; 0 means end of
 * input.  In the server it may raise an error, since the reader holds no
 * resource but memory.
 */
typedef size_t (*MysqldumpReadFn) (void *arg, char *buf, size_t len);

typedef enum MysqldumpStatus
{
	MYSQLDUMP_TUPLE,			/* a tuple was read: see its values */
	MYSQLDUMP_END,				/* the input ended where it should */
	MYSQLDUMP_ERROR				/* damaged or unsupported: see the message */
} MysqldumpStatus;

typedef enum MysqldumpKind
{
	MYSQLDUMP_NULL,
	MYSQLDUMP_NUMBER,			/* sign, digits, fraction, exponent, as
								 * written */
	MYSQLDUMP_STRING,			/* '...' or "...", escapes resolved */
	MYSQLDUMP_BYTES,			/* 0x... or x'...', decoded to bytes */
	MYSQLDUMP_BITS				/* b'...' or 0b..., as characters 0 and 1 */
} MysqldumpKind;

/* One value of a tuple.  Valid until the next call of mysqldump_next(). */
typedef struct MysqldumpValue
{
	MysqldumpKind kind;
	const char *data;			/* not NUL-terminated; NULL for SQL NULL */
	size_t		len;			/* in bytes */
	const char *charset;		/* introducer in lower case without its
								 * underscore ("binary", "utf8mb4"), or NULL;
								 * BYTES with one other than binary are text */
} MysqldumpValue;

/*
 * Converts a name with bytes beyond ASCII from the dump's character set ("" if
 * none was declared) to the caller's, with a NUL at its end.  Returns false when
 * it is not valid there, or has size bytes or more.
 */
typedef bool (*MysqldumpNameFn) (void *arg, const char *charset, const char *name,
								 char *to, size_t size);

/* One column of the table's CREATE TABLE. */
typedef struct MysqldumpColumn
{
	char	   *name;			/* in the caller's character set */
	char	   *type;			/* base type in lower case: "int", "varchar" */
	char	   *charset;		/* its CHARACTER SET or the table's, in lower
								 * case; NULL: not known */
	int			length;			/* first number in parentheses, or -1 */
	int			scale;			/* second number in parentheses, or -1 */
	bool		is_unsigned;
	bool		is_binary;		/* CHARACTER SET binary */
	bool		is_generated;	/* GENERATED ALWAYS AS; MySQL omits it from
								 * tuples, MariaDB does not */
	bool		has_default;	/* DEFAULT other than NULL */
	bool		is_auto_increment;
} MysqldumpColumn;

typedef struct MysqldumpReader MysqldumpReader;

#endif							/* MYSQLDUMP_TYPES_H */
