/*-------------------------------------------------------------------------
 *
 * watch_uuids.h
 *	  Numbers for uuids: an index of millions of them.
 *
 * Each uuid gets the next number, so what is known of it is in an array of the
 * caller's.  A slot has half of the hash beside the number, and so a look-up
 * seldom touches another uuid.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WATCH_UUIDS_H
#define MENUCA_WATCH_UUIDS_H

#include "utils/uuid.h"

typedef struct WatchUuids
{
	MemoryContext context;
	pg_uuid_t  *ids;			/* by number */
	uint32		n;
	uint32		allocated;
	uint64	   *slots;			/* number + 1 in the lower half; 0: empty */
	uint32		mask;			/* of the number of slots, a power of 2 */
} WatchUuids;

/* Begins an empty index in the current memory context. */
extern void watch_uuids_begin(WatchUuids *uuids);

/*
 * Uuids that are looked up together: the memory for all of them is fetched before the
 * first look-up, which would wait for it otherwise, longer than for all else.
 */
#define WATCH_UUIDS_BATCH 64

/* Fetches the memory for n uuids. */
extern void watch_uuids_fetch(const WatchUuids *uuids, const pg_uuid_t *ids, int n);

/* The number of a uuid, counted from 0; -1 when it has none. */
extern int64 watch_uuids_find(const WatchUuids *uuids, const pg_uuid_t *id);

/* The same; one that has none gets the next one.  Raises an error beyond INT_MAX of them. */
extern uint32 watch_uuids_add(WatchUuids *uuids, const pg_uuid_t *id);

#endif							/* MENUCA_WATCH_UUIDS_H */
