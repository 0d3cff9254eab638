/*-------------------------------------------------------------------------
 *
 * listed_combination.h
 *	  Dining tables that a restaurant joins: table menuca_listed_combination.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LISTED_COMBINATION_H
#define MENUCA_LISTED_COMBINATION_H

#include "nodes/pg_list.h"
#include "utils/uuid.h"

#include "seating/service_times.h"

/* What is listed. */
typedef struct ListedCombination
{
	int			n;
	pg_uuid_t  *table_ids;		/* of its n dining tables, sorted */
	int			capacity;		/* guests that they seat together */
	int			min_party;
	int			max_party;
	ServiceTimes times;			/* of the bookings that may have it */
} ListedCombination;

/* All that a restaurant has listed: ListedCombinations, in the order in which they were. */
extern List *listed_combination_all(const pg_uuid_t *restaurant);

#endif							/* MENUCA_LISTED_COMBINATION_H */
