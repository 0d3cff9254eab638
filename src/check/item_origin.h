/*-------------------------------------------------------------------------
 *
 * item_origin.h
 *	  Where items came from, by the ledger.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ITEM_ORIGIN_H
#define MENUCA_ITEM_ORIGIN_H

#include "target/junction.h"

typedef enum ItemOrigin
{
	ORIGIN_UNKNOWN,				/* no run inserted it, and it is newer than
								 * the first run */
	ORIGIN_RUN,					/* a run inserted it */
	ORIGIN_BASELINE				/* it is older than the first run */
} ItemOrigin;

#define ORIGINS (ORIGIN_BASELINE + 1)

/* Items that were found: how many, by origin, and the first of each. */
#define ORIGIN_EXAMPLES 5

typedef struct ItemOrigins
{
	bool		has_ledger;		/* a run is in effect; else all are unknown */
	uint64		count[ORIGINS];
	int			nexamples[ORIGINS];
	int64		examples[ORIGINS][ORIGIN_EXAMPLES];
	uint64		fingerprint;	/* of the keys */
} ItemOrigins;

/*
 * Counts n items, whose keys are in ascending order, by their origin: by the runs
 * on the target's table that were not rolled back.  Raises an error when the
 * ledger is damaged.
 */
extern void item_origins_count(const Target *target, const int64 *keys, uint64 n,
							   ItemOrigins *origins);

/* Ids of the first items of that origin, with commas; at most ORIGIN_EXAMPLES. */
extern char *item_origins_examples(const ItemOrigins *origins, ItemOrigin origin);

/* The keys of the first items of an origin: "1, 2 and others". */
extern char *item_origins_text(const ItemOrigins *origins, ItemOrigin origin);

#endif							/* MENUCA_ITEM_ORIGIN_H */
