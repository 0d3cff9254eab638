/*-------------------------------------------------------------------------
 *
 * table_preference.h
 *	  What a restaurant prefers for its dining tables: table
 *	  menuca_table_preference.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TABLE_PREFERENCE_H
#define MENUCA_TABLE_PREFERENCE_H

#include "nodes/pg_list.h"
#include "utils/uuid.h"

#include "seating/seating_schema.h"
#include "seating/service_times.h"

typedef struct TablePreference
{
	pg_uuid_t	table_id;
	int			priority;		/* points of the setting w_priority */
	int			min_party;		/* 0: none */
	bool		walk_ins_only;
	ServiceTimes times;			/* of the bookings that it is for */
} TablePreference;

/* Those of a restaurant's dining tables: TablePreferences. */
extern List *table_preference_all(const SeatingSchema *schema, const pg_uuid_t *restaurant);

#endif							/* MENUCA_TABLE_PREFERENCE_H */
