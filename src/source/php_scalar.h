/*-------------------------------------------------------------------------
 *
 * php_scalar.h
 *	  PHP's null, booleans, numbers and strings, as JSON.
 *
 * Each function reads one value from its first byte to its end, and raises an
 * error when it is damaged or cut (22P02).
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PHP_SCALAR_H
#define MENUCA_PHP_SCALAR_H

#include "utils/jsonb.h"

#include "source/php_reader.h"

/* N; and b:0; or b:1; */
extern void php_read_null(PhpReader *reader, JsonbValue *value);
extern void php_read_boolean(PhpReader *reader, JsonbValue *value);

/* i:5; as a number.  Raises an error when it exceeds 64 bits (22003). */
extern void php_read_integer(PhpReader *reader, JsonbValue *value);

/* The same, returned as it is. */
extern int64 php_read_int64(PhpReader *reader);

/*
 * d:0.5; as a number with all of its digits.  Raises an error when it is
 * infinite, not a number or too large for PHP (22003), or too long (54000).
 */
extern void php_read_double(PhpReader *reader, JsonbValue *value);

/*
 * s:3:"abc"; in the database's encoding.  Raises an error when it is not UTF-8
 * (22021) or cannot be text in this database (22P05).
 */
extern void php_read_string(PhpReader *reader, JsonbValue *value);

#endif							/* MENUCA_PHP_SCALAR_H */
