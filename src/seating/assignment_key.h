/*-------------------------------------------------------------------------
 *
 * assignment_key.h
 *	  Idempotency keys: table menuca_seating_key.
 *
 * A key names one request of a restaurant: a booking and its dining tables.  The
 * same request again has the same answer; another one with the key is refused.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ASSIGNMENT_KEY_H
#define MENUCA_ASSIGNMENT_KEY_H

#include "fmgr.h"

#include "seating/floor_reader.h"

/*
 * Most characters of a key.  An index row has room for 2,700 bytes, and a character at most
 * four of them; an id with a prefix is far shorter.
 */
#define ASSIGNMENT_KEY_MAX_LENGTH 200

/* The argument idempotency_key; NULL without one.  Raises an error when it shows nothing, or is longer. */
extern char *assignment_key_argument(FunctionCallInfo fcinfo, int place);

/*
 * Whether the key is known for that booking.  Raises MC044 when it was used for another
 * booking or, unless ids is NULL, for other dining tables than those n.
 */
extern bool assignment_key_known(const pg_uuid_t *restaurant, const char *key, const pg_uuid_t *booking,
								 const pg_uuid_t *const *ids, int n);

/* Remembers it with n dining tables.  Raises MC044 when another session has used it meanwhile. */
extern void assignment_key_store(const FloorReader *reader, const char *key, const pg_uuid_t *booking,
								 const int *tables, int n);

#endif							/* MENUCA_ASSIGNMENT_KEY_H */
