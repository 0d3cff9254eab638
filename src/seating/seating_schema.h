/*-------------------------------------------------------------------------
 *
 * seating_schema.h
 *	  The tables of the users: restaurants, zones, dining tables, bookings.
 *
 * They are found by their names in menuca.seating_schema, and their columns by
 * name, too.  What may be missing has an expression instead.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SEATING_SCHEMA_H
#define MENUCA_SEATING_SCHEMA_H

#include "utils/uuid.h"

/* The users' tables; names are qualified and quoted, NULL for one that is missing. */
typedef struct SeatingSchema
{
	char	   *restaurants;
	char	   *zones;
	char	   *dining_tables;	/* table_inventory */
	char	   *adjacencies;	/* table_adjacencies, or NULL */
	char	   *bookings;
	char	   *assignments;	/* booking_table_assignments */
	char	   *holds;			/* table_holds, or NULL */
	char	   *hold_members;	/* table_hold_members, NULL with holds */
	Oid			adjacency_table;	/* adjacencies, or InvalidOid */
	Oid			booking_table;	/* that of bookings */
	Oid			assignment_table;	/* that of assignments */
	Oid			hold_table;		/* holds, or InvalidOid */

	/* Expressions on their columns, for the alias that begins them */
	char	   *timezone;		/* r. of restaurants: text */
	char	   *capacity;		/* t. of dining_tables: integer, 0 for NULL;
								 * what is beyond integers is the nearest one,
								 * as in the next two */
	char	   *min_party;		/* t.: integer, at least 1 */
	char	   *max_party;		/* t.: integer, NULL for no limit */
	char	   *movable;		/* t.: boolean, never NULL */
	char	   *out_of_service; /* t.: the same */
	char	   *table_number;	/* t.: text */
	char	   *booking_status; /* b. of bookings: text */
	char	   *booking_start;	/* b.: timestamptz, or NULL where it is not
								 * known */
	char	   *booking_end;	/* b.: the same */
	char	   *booking_local_start;	/* b.: timestamp, its start on the
										 * restaurant's clock, for bookings
										 * without the instant, or NULL */
	char	   *booking_local_end;	/* b.: the same; before the start when it
									 * is on the next day */
	char	   *booking_date;	/* b.: date, or NULL where it is not known */
	char	   *hold_booking;	/* h. of holds: uuid, the booking that it is
								 * for, or NULL */
} SeatingSchema;

/*
 * Finds the tables.  Raises an error that names a table or a column that is
 * missing, or a right that the caller does not have, or when row security hides
 * rows of one from the caller, who would see dining tables as free that are not.
 */
extern const SeatingSchema *seating_schema_find(void);

/* A table of menuca.seating_schema, which is neither locked nor checked; InvalidOid when it is missing. */
extern Oid	seating_schema_table(const char *name);

/* Raises an error unless the restaurant exists. */
extern void seating_schema_require_restaurant(const SeatingSchema *schema, const pg_uuid_t *restaurant);

#endif							/* MENUCA_SEATING_SCHEMA_H */
