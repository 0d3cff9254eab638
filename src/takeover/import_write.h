/*-------------------------------------------------------------------------
 *
 * import_write.h
 *	  Writing what an import changes in booking_table_assignments.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPORT_WRITE_H
#define MENUCA_IMPORT_WRITE_H

#include "takeover/import_changes.h"
#include "takeover/import_plan.h"

/*
 * Locks what imports write to: bookings, dining tables and assignments, so that nobody
 * else is seated meanwhile.  Raises an error when the caller may not write to them, or
 * others hold them for longer than timeout milliseconds.
 */
extern void import_write_lock(int timeout);

/*
 * Makes the changes that are possible, and enters them in the ledger.  Those that a
 * constraint of the users refuses get the obstacle CHANGE_REFUSED.
 */
extern void import_write_changes(ImportCall *call, AssignmentChanges *changes);

/* Adds an item for each change but those that are taken, which have theirs. */
extern void import_write_report(ImportCall *call, const AssignmentChanges *changes);

#endif							/* MENUCA_IMPORT_WRITE_H */
