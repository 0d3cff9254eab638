/*-------------------------------------------------------------------------
 *
 * php_unserialize.h
 *	  Values that PHP's serialize() wrote, as JSON.
 *
 * V1 keeps lists of dishes, options and rules in blobs of this format.  Read
 * are null, booleans, integers, doubles, strings and arrays.  Objects, enums,
 * references and escaped strings are refused by name: JSON has none of them,
 * and V1's blobs neither.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PHP_UNSERIALIZE_H
#define MENUCA_PHP_UNSERIALIZE_H

#include "utils/jsonb.h"

/* The most bytes that are read, which is the size of a MEDIUMBLOB. */
#define PHP_MAX_BYTES (16 * 1024 * 1024)

/* The most arrays inside each other. */
#define PHP_MAX_DEPTH 512

/* The most characters of a double; PHP writes about 25. */
#define PHP_MAX_DOUBLE_LENGTH 1000

/*
 * The value that the given bytes hold.
 *
 * An array is a JSON array when its keys, in PHP's order, are 0, 1, 2 and so
 * on, and else an object.  Of a key that comes twice the last value counts.
 * Strings must be UTF-8, whatever the database's encoding, and are converted
 * to it.  A double is the number that its text says, digit for digit, except
 * that one too small for PHP is 0.
 *
 * The result, and what was needed to make it, is allocated in the current
 * memory context; the bytes are not needed any more.  Raises an error, whose
 * DETAIL has the offset from 0 and the bytes there, for anything that is not
 * one whole value (22P02), is of a kind that is not read (0A000), is not a
 * number of JSON or of 64 bits (22003), is not text (22021, 22P05), or is
 * beyond a limit (54000).
 */
extern Jsonb *php_unserialize(const char *bytes, size_t length);

#endif							/* MENUCA_PHP_UNSERIALIZE_H */
