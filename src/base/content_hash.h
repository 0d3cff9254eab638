/*-------------------------------------------------------------------------
 *
 * content_hash.h
 *	  Hashes of rows by their content.
 *
 * They show whether a row has changed, whatever the session's settings: the
 * stored bytes of each value are hashed with the column's name, so that neither
 * the order of columns nor a new column without values changes a hash.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CONTENT_HASH_H
#define MENUCA_CONTENT_HASH_H

#include "executor/tuptable.h"

/* Mixes the bits of a number: the finalizer of splitmix64. */
static inline uint64
mix64(uint64 x)
{
	x ^= x >> 30;
	x *= UINT64CONST(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64CONST(0x94d049bb133111eb);
	x ^= x >> 31;
	return x;
}

typedef struct ContentHasher ContentHasher;

/*
 * Prepares to hash rows of a query that returns leading_columns columns and,
 * behind them, all columns of a relation ("r.*").  Allocated in the current
 * memory context.
 */
extern ContentHasher *content_hasher(Oid relid, int leading_columns);

/*
 * The same, but of the columns of these names only; NULL when the relation has
 * none of them.
 */
extern ContentHasher *content_hasher_of_columns(Oid relid, int leading_columns,
												const char *const *names, int nnames);

/* The same as content_hasher() for slots of the relation itself, dropped columns included. */
extern ContentHasher *content_hasher_of_stored(Oid relid);

/* The hash of a row; the slot's values must have been fetched. */
extern uint64 content_hash(const ContentHasher *hasher, TupleTableSlot *slot);

#endif							/* MENUCA_CONTENT_HASH_H */
