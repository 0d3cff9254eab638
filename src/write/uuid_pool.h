/*-------------------------------------------------------------------------
 *
 * uuid_pool.h
 *	  Random uuids, many at once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_UUID_POOL_H
#define MENUCA_UUID_POOL_H

#include "utils/uuid.h"

typedef struct UuidPool UuidPool;

/*
 * A pool that about so many uuids will be taken from, by many transactions.
 * Uses up to 8 MB, and stays in the current memory context.
 */
extern UuidPool *uuid_pool_make(uint64 wanted);

/*
 * Fills uuids with n new ones, as n calls of gen_random_uuid() would.  Those
 * from a pool lie near each other, for the sake of an index on them; NULL:
 * from no pool.  Raises an error when there are no random numbers to be had.
 */
extern void uuid_pool_take(UuidPool *pool, pg_uuid_t *uuids, size_t n);

#endif							/* MENUCA_UUID_POOL_H */
