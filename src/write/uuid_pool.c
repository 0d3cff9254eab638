/*-------------------------------------------------------------------------
 *
 * uuid_pool.c
 *	  Random uuids, made in advance for many rows: see uuid_pool.h.
 *
 * A batch of random uuids changes as many leaves of a large index as it has rows,
 * and the next batch changes them all again.  Therefore uuids are made for many
 * batches at once, and each batch gets those that begin alike.  The uuids are as
 * random as before; only their assignment to rows is not.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "write/uuid_pool.h"

/* Most uuids made at once: 4 MB, and as much again while they are ordered. */
#define POOL_SIZE (256 * 1024)

/* The bits that they are ordered by: of a full pool, about 250 begin alike. */
#define ORDER_BITS 10
#define NPREFIXES (1 << ORDER_BITS)

struct UuidPool
{
	size_t		size;			/* uuids made at once */
	size_t		taken;
	pg_uuid_t  *uuids;
};

static void fill_pool(UuidPool *pool);
static void make_uuids(pg_uuid_t *uuids, size_t n);
static void order_by_prefix(const pg_uuid_t *from, pg_uuid_t *to, size_t n);


UuidPool *
uuid_pool_make(uint64 wanted)
{
	UuidPool   *pool = palloc(sizeof(UuidPool));

	pool->size = Max(Min(wanted, POOL_SIZE), 1);
	pool->taken = pool->size;
	pool->uuids = palloc(sizeof(pg_uuid_t) * pool->size);
	return pool;
}

void
uuid_pool_take(UuidPool *pool, pg_uuid_t *uuids, size_t n)
{
	if (pool == NULL)
	{
		make_uuids(uuids, n);
		return;
	}

	while (n > 0)
	{
		size_t		taken;

		if (pool->taken == pool->size)
			fill_pool(pool);
		taken = Min(n, pool->size - pool->taken);
		memcpy(uuids, pool->uuids + pool->taken, sizeof(pg_uuid_t) * taken);
		pool->taken += taken;
		uuids += taken;
		n -= taken;
	}
}

static void
fill_pool(UuidPool *pool)
{
	pg_uuid_t  *made = palloc(sizeof(pg_uuid_t) * pool->size);

	make_uuids(made, pool->size);
	order_by_prefix(made, pool->uuids, pool->size);
	pool->taken = 0;
	pfree(made);
}

/* Makes uuids in the same way as gen_random_uuid(). */
static void
make_uuids(pg_uuid_t *uuids, size_t n)
{
	if (n > 0 && !pg_strong_random(uuids, sizeof(pg_uuid_t) * n))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	for (size_t i = 0; i < n; i++)
	{
		unsigned char *data = uuids[i].data;

		data[6] = (data[6] & 0x0f) | 0x40;	/* version 4 of RFC 9562 */
		data[8] = (data[8] & 0x3f) | 0x80;	/* its variant */
	}
}

static inline int
prefix_of(const pg_uuid_t *uuid)
{
	return (uuid->data[0] << 8 | uuid->data[1]) >> (16 - ORDER_BITS);
}

/* Copies uuids in the order of their first bits. */
static void
order_by_prefix(const pg_uuid_t *from, pg_uuid_t *to, size_t n)
{
	size_t		place[NPREFIXES + 1] = {0};

	for (size_t i = 0; i < n; i++)
		place[prefix_of(&from[i]) + 1]++;
	for (int i = 0; i < NPREFIXES; i++)
		place[i + 1] += place[i];
	for (size_t i = 0; i < n; i++)
		to[place[prefix_of(&from[i])]++] = from[i];
}
