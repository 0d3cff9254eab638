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

/* Counts of items. */
typedef struct ItemDetails
{
	uint64		order_missing;	/* display_order is NULL or no whole number */
	uint64		order_negative;
	int64		order_greatest; /* 0 when no item has a display_order */
	uint64		recent;			/* created later than since */
} ItemDetails;

/*
 * Counts the items that the active query snapshot sees.  A column that the
 * target lacks counts as NULL in all items.
 */
extern void item_details_count(const Target *target, TimestampTz since,
							   ItemDetails *details);

#endif							/* MENUCA_ITEM_DETAILS_H */
