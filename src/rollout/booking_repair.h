/*-------------------------------------------------------------------------
 *
 * booking_repair.h
 *	  Repairing bookings of one kind of damage, and putting back what they were.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BOOKING_REPAIR_H
#define MENUCA_BOOKING_REPAIR_H

#include "fmgr.h"

#include "seating/seating_schema.h"

/* A repair; its clauses are SQL that is valid under any search_path, b is the booking. */
typedef struct BookingRepair
{
	const char *what;			/* in the ledger, menuca_seating_change.what */
	const char *function;		/* its name in SQL */
	const char *done;			/* outcome of a booking that was repaired */
	const char *damaged;		/* condition: it is damaged */
	const char *repair;			/* SET clause that repairs it */
	const char *repaired;		/* condition: it is as the repair left it */
	const char *restore;		/* SET clause that puts it back; i.image is
								 * what it was, a jsonb object with status and
								 * assigned_zone_id */
	const char *reason;			/* why it is damaged, for people */
} BookingRepair;

/*
 * Executes a call with the arguments dry_run, restaurant and undo: a row for each booking.
 * For real, all bookings are repaired in one transaction, each looked at again under its
 * row's lock, and the ledger has what they were; undo puts back those of the newest call
 * that has any, of that restaurant if one is given, and that are still as it left them;
 * the next undo is for the call before.
 */
extern Datum booking_repair_call(FunctionCallInfo fcinfo, const SeatingSchema *schema, const BookingRepair *repair);

/* Conditions that several repairs share. */
extern char *booking_repair_waits(const SeatingSchema *schema);
extern char *booking_repair_has_no_table(const SeatingSchema *schema);

#endif							/* MENUCA_BOOKING_REPAIR_H */
