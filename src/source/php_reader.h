/*-------------------------------------------------------------------------
 *
 * php_reader.h
 *	  The bytes of a PHP value, one after the other, and the errors in them.
 *
 * In the messages, thing is the part of the value that is being read ("an
 * array").
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PHP_READER_H
#define MENUCA_PHP_READER_H

#include "base/compat.h"

typedef struct PhpReader
{
	const char *bytes;
	size_t		length;
	size_t		at;				/* offset of the next byte, from 0 */
	int			depth;			/* number of arrays that are open */
} PhpReader;

#define PHP_HINT_DAMAGED \
	"Compare the value with the one in the old system: it may be damaged, or not written by PHP."

/* The next byte, which is not consumed; EOF at the end. */
static inline int
php_next_byte(const PhpReader *reader)
{
	return reader->at < reader->length ? (unsigned char) reader->bytes[reader->at] : EOF;
}

/* The number of bytes not consumed. */
static inline size_t
php_bytes_left(const PhpReader *reader)
{
	return reader->length - reader->at;
}

/* True for an ASCII digit; c may be EOF. */
static inline bool
php_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* Consumes the literal.  Raises an error (22P02) if it does not come next. */
extern void php_expect(PhpReader *reader, const char *literal, const char *thing);

/* Raises an error (22P02) if no digit comes next.  Consumes nothing. */
extern void php_require_digits(PhpReader *reader, const char *thing);

/*
 * Consumes the digits of a length or a count, and returns it.  Raises an error
 * (22P02) if there is none or it has more than 64 bits.
 */
extern uint64 php_read_count(PhpReader *reader, const char *thing);

/* Raises an error: the value ends in the middle of thing (22P02). */
pg_noreturn extern void php_refuse_cut(const PhpReader *reader, const char *thing);

/* Raises an error: the value is damaged at the next byte (22P02), by what. */
pg_noreturn extern void php_refuse_damage(const PhpReader *reader, const char *what);

/*
 * Raises an error with that SQLSTATE, message and hint, whose DETAIL has the
 * offset at (from 0) and the bytes there.
 */
pg_noreturn extern void php_refuse(const PhpReader *reader, size_t at, int sqlstate,
								   const char *message, const char *hint);

#endif							/* MENUCA_PHP_READER_H */
