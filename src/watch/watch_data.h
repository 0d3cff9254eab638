/*-------------------------------------------------------------------------
 *
 * watch_data.h
 *	  The bookings of a time with their dining tables and attempts, in memory.
 *
 * Each table is read once, in one query snapshot.  A booking takes 100 to 200 bytes,
 * an assignment 24 to 48: SQL would sort and join millions of rows several times.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WATCH_DATA_H
#define MENUCA_WATCH_DATA_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "pgtime.h"

#include "base/int8_array.h"
#include "seating/seating_schema.h"
#include "watch/watch_uuids.h"

/* Rows that a message names. */
#define WATCH_EXAMPLES 10

/* A number that is none, and a time that is none: no timestamp has it. */
#define WATCH_NONE (-1)
#define WATCH_NO_TIME (PG_INT64_MIN + 1)

typedef enum WatchState
{
	WATCH_PENDING,
	WATCH_PENDING_ALLOCATION,
	WATCH_CONFIRMED,
	WATCH_CHECKED_IN,
	WATCH_COMPLETED,
	WATCH_CANCELLED,
	WATCH_NO_SHOW,
	WATCH_OTHER					/* no or another status */
} WatchState;

#define WATCH_STATE_COUNT (WATCH_OTHER + 1)

/* Whether a booking in that state bars its dining tables. */
#define watch_blocks(state) ((state) <= WATCH_CHECKED_IN)

/* Whether its dining tables are, or were, its own: the figures are about these. */
#define watch_counts(state) ((state) <= WATCH_COMPLETED)

typedef enum WatchOutcome
{
	WATCH_NOT_ATTEMPTED,
	WATCH_ASSIGNED,
	WATCH_MOVED,
	WATCH_ALREADY,
	WATCH_NO_PLAN,				/* none */
	WATCH_CONFLICT,
	WATCH_OFF,
	WATCH_BOOKING_STATE,		/* state */
	WATCH_UNKNOWN				/* any other word: no success */
} WatchOutcome;

#define WATCH_OUTCOME_COUNT (WATCH_UNKNOWN + 1)

/* Whether an attempt has a booking seated; off and state say nothing about it. */
#define watch_succeeds(outcome) ((outcome) >= WATCH_ASSIGNED && (outcome) <= WATCH_ALREADY)
#define watch_is_counted(outcome) ((outcome) != WATCH_OFF && (outcome) != WATCH_BOOKING_STATE)

typedef struct WatchRestaurant
{
	char	   *name;			/* NULL: not known */
	char	   *timezone;		/* NULL: not known */
	pg_tz	   *zone;			/* NULL: the time zone is unknown */
	bool		is_known;		/* it has a row */
	bool		is_in;			/* the rollout has reached it, or there is
								 * none */
	int64		largest;		/* guests that fit its largest dining table */
} WatchRestaurant;

typedef struct WatchTable
{
	char	   *number;			/* NULL: it has no row, or no number */
	bool		has_zone;
} WatchTable;

typedef struct WatchBooking
{
	TimestampTz start;			/* it has one, if it is present */
	TimestampTz end;			/* or WATCH_NO_TIME */
	int64		attempt;		/* the latest one that counts */
	int			restaurant;		/* or WATCH_NONE */
	int			party;			/* with has_party */
	int			seats;			/* the latest row of its dining tables, or
								 * WATCH_NONE */
	int			ntables;		/* different dining tables, once they are
								 * counted */
	int			attempts;		/* that count */
	uint16		variant;		/* of the latest one that counts, 0: none */
	uint16		reason;			/* likewise */
	uint8		state;			/* a WatchState */
	uint8		outcome;		/* a WatchOutcome, of the latest attempt that
								 * counts */
	bool		present;		/* false: an attempt is all that is known of
								 * it in this time */
	bool		has_party;
	bool		has_zone;		/* assigned_zone_id is not NULL */
} WatchBooking;

/* A row of booking_table_assignments. */
typedef struct WatchSeat
{
	TimestampTz start;			/* WATCH_NO_TIME: NULL, as the next one */
	TimestampTz end;
	int			table;
	int			next;			/* of the same booking, or WATCH_NONE */
} WatchSeat;

typedef struct WatchData
{
	MemoryContext context;		/* of all below */

	/* What is asked for */
	const SeatingSchema *schema;
	const pg_uuid_t *restaurant;	/* NULL: all */
	TimestampTz now;
	TimestampTz from;
	bool		has_zone_column;	/* bookings have assigned_zone_id */

	WatchUuids	restaurant_ids;
	WatchRestaurant *restaurants;	/* by the number of restaurant_ids */
	uint32		restaurants_allocated;
	WatchUuids	table_ids;
	WatchTable *tables;
	uint32		tables_allocated;
	WatchUuids	booking_ids;
	WatchBooking *bookings;
	uint32		bookings_allocated;
	WatchSeat  *seats;
	uint32		nseats;
	uint32		seats_allocated;

	int64		nunreadable;	/* bookings that lack something */
	int64		nabsent;		/* of these, not present, since they lack a
								 * start */
	List	   *unreadable;		/* the first of them, in words */

	/* Attempts */
	int64		outcomes[WATCH_OUTCOME_COUNT];
	int64		zone_attempts;	/* for which a zone was wanted */
	int64		zone_conflicts; /* of these, none or conflict */
	Int8Array	durations;		/* microseconds */
	List	   *variants;		/* names; the first one has the number 1 */
	List	   *reasons;		/* kinds of reasons, likewise */

	int64		holds;			/* -1: there are no holds */
	int64		expired_holds;
} WatchData;

/* Nothing of what starts at from or later, of all restaurants or of one, in the current memory context. */
extern WatchData *watch_data_begin(const SeatingSchema *schema, const pg_uuid_t *restaurant, TimestampTz now, TimestampTz from);

/* The number of a restaurant, a dining table or a booking; it is new when nothing is known of it. */
extern int	watch_data_restaurant(WatchData *data, const pg_uuid_t *id);
extern int	watch_data_table(WatchData *data, const pg_uuid_t *id);
extern int	watch_data_booking(WatchData *data, const pg_uuid_t *id);

/* Adds a row of a booking's dining tables. */
extern void watch_data_add_seat(WatchData *data, int booking, const WatchSeat *seat);

/* "ID (party of 4, 2026-01-02 19:00:00 UTC)" */
extern char *watch_data_describe(const WatchData *data, int booking);

/* The number of a dining table, or its id. */
extern char *watch_data_table_name(const WatchData *data, int table);

#endif							/* MENUCA_WATCH_DATA_H */
