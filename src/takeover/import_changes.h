/*-------------------------------------------------------------------------
 *
 * import_changes.h
 *	  What an import changes in booking_table_assignments.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPORT_CHANGES_H
#define MENUCA_IMPORT_CHANGES_H

#include "datatype/timestamp.h"
#include "utils/uuid.h"

/* Why a change is not made. */
typedef enum ChangeObstacle
{
	CHANGE_POSSIBLE,
	CHANGE_TAKEN,				/* somebody has the dining table then */
	CHANGE_REFUSED				/* a constraint of the users was against it */
} ChangeObstacle;

/* A change of the assignment of one booking and dining table. */
typedef struct AssignmentChange
{
	pg_uuid_t	booking;
	pg_uuid_t	table;
	bool		has_restaurant;
	pg_uuid_t	restaurant;
	char	   *number;			/* of the dining table, or NULL */
	bool		inserts;		/* there is none yet */
	bool		sets_window;
	TimestampTz start;			/* its window, unless only the group changes */
	TimestampTz end;
	bool		sets_group;
	pg_uuid_t	group;
	ChangeObstacle obstacle;
	char	   *reason;			/* of the obstacle */
} AssignmentChange;

/* Those of an import, and tables by which one is found. */
typedef struct AssignmentChanges
{
	AssignmentChange **changes;
	int			n;
	int			allocated;
	AssignmentChange **by_booking;	/* those there were when
									 * import_changes_sort() was called, by
									 * booking and dining table */
	int			nsorted;
} AssignmentChanges;

/* Adds a change, which is all 0 but for booking and table. */
extern AssignmentChange *import_changes_add(AssignmentChanges *changes, const pg_uuid_t *booking, const pg_uuid_t *table);

/* Sorts them for the functions below, which know nothing of those added later. */
extern void import_changes_sort(AssignmentChanges *changes);

/* The change of that booking and dining table, of its window if there is one; NULL when there is none. */
extern AssignmentChange *import_changes_find(const AssignmentChanges *changes, const pg_uuid_t *booking, const pg_uuid_t *table);

/* Position in by_booking of the first change of a booking, or of the next one if it has none. */
extern int	import_changes_first(const AssignmentChanges *changes, const pg_uuid_t *booking);

/* Whether an assignment is inserted for the booking. */
extern bool import_changes_seat(const AssignmentChanges *changes, const pg_uuid_t *booking);

/* "dining table T1, booking ..., from ... to ..."; the window only if it is set. */
extern char *import_changes_object(const AssignmentChange *change);

/* The same of anything: number may be NULL. */
extern char *import_changes_describe(const char *number, const pg_uuid_t *table, const pg_uuid_t *booking,
									 const TimestampTz *start, const TimestampTz *end);

#endif							/* MENUCA_IMPORT_CHANGES_H */
