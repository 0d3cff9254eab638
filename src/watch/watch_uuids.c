/*-------------------------------------------------------------------------
 *
 * watch_uuids.c
 *	  Numbers for uuids: see watch_uuids.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/content_hash.h"
#include "watch/watch_uuids.h"

#define FIRST_SLOTS 1024
#define HASH_HALF UINT64CONST(0xffffffff00000000)

static uint64 hash_of(const pg_uuid_t *id);
static uint64 *slot_of(const WatchUuids *uuids, const pg_uuid_t *id, uint64 hash);
static void enlarge(WatchUuids *uuids);


void
watch_uuids_begin(WatchUuids *uuids)
{
	memset(uuids, 0, sizeof(WatchUuids));
	uuids->context = CurrentMemoryContext;
	uuids->mask = FIRST_SLOTS - 1;
	uuids->slots = palloc0(FIRST_SLOTS * sizeof(uint64));
	uuids->allocated = FIRST_SLOTS / 2;
	uuids->ids = palloc(uuids->allocated * sizeof(pg_uuid_t));
}

/* Most of them are in the first slot that is looked at. */
void
watch_uuids_fetch(const WatchUuids *uuids, const pg_uuid_t *ids, int n)
{
	uint32		places[WATCH_UUIDS_BATCH];

	for (int i = 0; i < n; i++)
	{
		places[i] = (uint32) hash_of(&ids[i]) & uuids->mask;
		__builtin_prefetch(&uuids->slots[places[i]]);
	}
	for (int i = 0; i < n; i++)
	{
		uint64		slot = uuids->slots[places[i]];

		if (slot != 0)
			__builtin_prefetch(&uuids->ids[(uint32) slot - 1]);
	}
}

int64
watch_uuids_find(const WatchUuids *uuids, const pg_uuid_t *id)
{
	return (int64) (*slot_of(uuids, id, hash_of(id)) & ~HASH_HALF) - 1;
}

uint32
watch_uuids_add(WatchUuids *uuids, const pg_uuid_t *id)
{
	uint64		hash = hash_of(id);
	uint64	   *slot = slot_of(uuids, id, hash);

	if (*slot != 0)
		return (uint32) (*slot - 1);
	if (uuids->n == uuids->allocated)
	{
		enlarge(uuids);
		slot = slot_of(uuids, id, hash);
	}
	uuids->ids[uuids->n] = *id;
	*slot = (hash & HASH_HALF) | (uuids->n + 1);
	return uuids->n++;
}

static uint64
hash_of(const pg_uuid_t *id)
{
	uint64		halves[2];

	memcpy(halves, id->data, sizeof(halves));
	return mix64(halves[0] ^ mix64(halves[1]));
}

/* Where the uuid is, or would be: half of the slots are empty, at least. */
static uint64 *
slot_of(const WatchUuids *uuids, const pg_uuid_t *id, uint64 hash)
{
	for (uint32 place = (uint32) hash & uuids->mask;; place = (place + 1) & uuids->mask)
	{
		uint64	   *slot = &uuids->slots[place];

		if (*slot == 0 ||
			((*slot & HASH_HALF) == (hash & HASH_HALF) &&
			 memcmp(&uuids->ids[(uint32) *slot - 1], id, UUID_LEN) == 0))
			return slot;
	}
}

/* Twice as many slots, of which half may be taken. */
static void
enlarge(WatchUuids *uuids)
{
	if (uuids->allocated > PG_INT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("there are more than %u bookings or attempts in this time", uuids->allocated),
				 errdetail("Nothing was changed."),
				 errhint("Choose fewer days.")));
	uuids->allocated *= 2;
	uuids->ids = repalloc_huge(uuids->ids, uuids->allocated * sizeof(pg_uuid_t));
	pfree(uuids->slots);
	uuids->mask = uuids->allocated * 2 - 1;
	uuids->slots = MemoryContextAllocExtended(uuids->context, (Size) uuids->allocated * 2 * sizeof(uint64),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 i = 0; i < uuids->n; i++)
	{
		uint64		hash = hash_of(&uuids->ids[i]);

		*slot_of(uuids, &uuids->ids[i], hash) = (hash & HASH_HALF) | (i + 1);
	}
}
