/*-------------------------------------------------------------------------
 *
 * uuid_pool.h
 *	  Random uuids, made in advance for many rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_UUID_POOL_H
#define MENUCA_UUID_POOL_H

#include "utils/uuid.h"

typedef struct UuidPool UuidPool;

/*
 * A pool for about that many uuids, which many transactions may take.  It uses up
 * to 8 MB, in the current memory context.
 */
extern UuidPool *uuid_pool_make(uint64 wanted);

/*
 * Fills uuids with n new ones, like n calls of gen_random_uuid().  Those from a
 * pool have similar first bits, so that an index on them is entered in few
 * places; pool may be NULL.  Raises an error when the system has no random
 * numbers.
 */
extern void uuid_pool_take(UuidPool *pool, pg_uuid_t *uuids, size_t n);

#endif							/* MENUCA_UUID_POOL_H */
