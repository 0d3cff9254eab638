/*-------------------------------------------------------------------------
 *
 * id_set.h
 *	  A set of bigints: a simplehash, compiled into each file that includes this.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ID_SET_H
#define MENUCA_ID_SET_H

#include "base/content_hash.h"

typedef struct IdSetEntry
{
	int64		id;
	char		status;
	char		flag;			/* free for the including file */
} IdSetEntry;

#define SH_PREFIX id_set
#define SH_ELEMENT_TYPE IdSetEntry
#define SH_KEY_TYPE int64
#define SH_KEY id
#define SH_HASH_KEY(tb, key) ((uint32) mix64((uint64) (key)))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#endif							/* MENUCA_ID_SET_H */
