/*-------------------------------------------------------------------------
 *
 * php_unserialize.h
 *	  Values that PHP's serialize() wrote, as JSON.
 *
 * V1 keeps lists of dishes, options and rules in blobs of this format.  Null,
 * booleans, integers, doubles, strings and arrays are read.  Objects, enums,
 * references and escaped strings are refused by name: JSON does not have them,
 * and neither do V1's blobs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PHP_UNSERIALIZE_H
#define MENUCA_PHP_UNSERIALIZE_H

#include "utils/jsonb.h"

/* The most bytes that are read: the size of a MEDIUMBLOB. */
#define PHP_MAX_BYTES (16 * 1024 * 1024)

/* The most levels of nested arrays. */
#define PHP_MAX_DEPTH 512

/*
 * Converts the bytes to the value that they hold.
 *
 * An array becomes a JSON array when its keys, in PHP's order, are 0, 1, 2 and
 * so on, otherwise an object.  Of a key that occurs twice, the last value
 * counts.  Strings must be UTF-8 in any database, and are converted to its
 * encoding.  A double keeps all digits of its text, except that one too small
 * for PHP becomes 0.
 *
 * The result and temporary data are allocated in the current memory context.
 * The bytes may be freed afterwards.  Raises an error, whose DETAIL has the
 * offset (from 0) and the bytes there, when they are not exactly one value
 * (22P02), contain a kind of value that is not read (0A000), a number that JSON
 * lacks or that exceeds 64 bits (22003), a string that cannot be text (22021,
 * 22P05), or exceed a limit (54000).
 */
extern Jsonb *php_unserialize(const char *bytes, size_t length);

#endif							/* MENUCA_PHP_UNSERIALIZE_H */
