/*-------------------------------------------------------------------------
 *
 * listed_combination.h
 *	  Dining tables that a restaurant joins: table menuca_listed_combination.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LISTED_COMBINATION_H
#define MENUCA_LISTED_COMBINATION_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "pgtime.h"
#include "utils/uuid.h"

typedef struct ListedCombination
{
	int			n;
	pg_uuid_t  *table_ids;		/* of its n dining tables, sorted */
	int			capacity;		/* guests that they seat together */
	int			min_party;
	int			max_party;
} ListedCombination;

/*
 * The combinations that a restaurant has listed for bookings that start at that
 * instant: ListedCombinations, in the order in which they were listed.
 */
extern List *listed_combination_all(const pg_uuid_t *restaurant, TimestampTz start, pg_tz *zone);

#endif							/* MENUCA_LISTED_COMBINATION_H */
