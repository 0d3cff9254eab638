/*-------------------------------------------------------------------------
 *
 * item_details.h
 *	  Positions and dates of the items.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ITEM_DETAILS_H
#define MENUCA_ITEM_DETAILS_H

#include "utils/timestamp.h"

#include "target/junction.h"

typedef struct ItemDetails
{
	uint64		order_missing;	/* no display_order, or no whole number */
	uint64		order_negative;
	int64		order_greatest; /* 0: there is none */
	uint64		recent;			/* created later than a given time */
} ItemDetails;

/*
 * Counts them, as the active snapshot sees the items; of columns that the
 * target lacks, all items are without.
 */
extern void item_details_count(const Target *target, TimestampTz since,
							   ItemDetails *details);

#endif							/* MENUCA_ITEM_DETAILS_H */
