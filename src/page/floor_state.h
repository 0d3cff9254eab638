/*-------------------------------------------------------------------------
 *
 * floor_state.h
 *	  A restaurant's floor at an instant: where its dining tables are, and who has them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FLOOR_STATE_H
#define MENUCA_FLOOR_STATE_H

#include "seating/floor_reader.h"

/* Where a dining table is, as its position says: values that it lacks have has_... false. */
typedef struct TablePosition
{
	bool		has_x;
	bool		has_y;
	bool		has_width;
	bool		has_height;
	bool		has_rotation;
	double		x;
	double		y;
	double		width;			/* greater than 0 */
	double		height;
	double		rotation;		/* degrees */
} TablePosition;

/* Who has dining tables at the instant: a booking, or a hold. */
typedef struct FloorParty
{
	bool		is_hold;
	pg_uuid_t	id;				/* of the booking, or of the hold */
	bool		has_booking;
	pg_uuid_t	booking;		/* itself, or for which the hold is */
	bool		has_party_size;
	int			party_size;
	char	   *status;			/* of the booking, or NULL */
	TimestampTz start;			/* the earliest of its windows */
	TimestampTz end;			/* the latest of their ends */
	List	   *tables;			/* indexes of the floor's dining tables, each
								 * once, by place */
	int			place;			/* of the first of them */
} FloorParty;

typedef struct FloorState
{
	const FloorReader *reader;
	char	   *name;			/* of the restaurant, or NULL */
	TimestampTz at;
	TablePosition *positions;	/* by index of the floor's dining tables */
	List	   *parties;		/* FloorParties: bookings, then holds, each by
								 * id */
	List	  **parties_of;		/* by index: those that have it, bookings
								 * first */
} FloorState;

/* What a dining table is at the instant: the first that applies. */
typedef enum TableState
{
	TABLE_TAKEN,
	TABLE_HELD,
	TABLE_OUT_OF_SERVICE,
	TABLE_INACTIVE,
	TABLE_FREE
} TableState;

#define TABLE_STATE_COUNT (TABLE_FREE + 1)

/*
 * Reads it.  Raises an error when there is no such restaurant, its tables cannot be
 * read, or the instant is infinite.
 */
extern const FloorState *floor_state_read(const pg_uuid_t *restaurant, TimestampTz at);

/* The state of the dining table of that index, and the word for a state. */
extern TableState floor_state_of(const FloorState *state, int table);
extern const char *floor_state_word(TableState state);

#endif							/* MENUCA_FLOOR_STATE_H */
