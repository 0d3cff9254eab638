/*-------------------------------------------------------------------------
 *
 * import_assignments.h
 *	  Assignments as they are, against what an import would change.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPORT_ASSIGNMENTS_H
#define MENUCA_IMPORT_ASSIGNMENTS_H

#include "takeover/import_changes.h"
#include "takeover/import_plan.h"

/*
 * Goes through all windows by dining table.  Changes that ask for a dining table which
 * somebody else has then get the obstacle CHANGE_TAKEN, and an item; so do double assignments
 * that are there already.  The changes are by dining table and start.
 */
extern void import_assignments_sweep(ImportCall *call, AssignmentChanges *changes);

/* Adds items for assignments that have no window, and get none by the sorted changes. */
extern void import_assignments_without_window(ImportCall *call, const AssignmentChanges *changes);

/* Adds items for zone locks of bookings that wait and get no assignment by the sorted changes. */
extern void import_assignments_zone_locks(ImportCall *call, const AssignmentChanges *changes);

#endif							/* MENUCA_IMPORT_ASSIGNMENTS_H */
