/*-------------------------------------------------------------------------
 *
 * import_allocations.h
 *	  The original's allocations, a mirror of assignments, holds and merge groups.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPORT_ALLOCATIONS_H
#define MENUCA_IMPORT_ALLOCATIONS_H

#include "takeover/import_changes.h"
#include "takeover/import_plan.h"

/*
 * Reads the allocations of dining tables that are no shadows, and adds the changes that
 * they ask for, by dining table and start, whether or not somebody else has it then.  Adds
 * items for all others.
 */
extern void import_allocations_read(ImportCall *call, AssignmentChanges *changes);

/*
 * Reads those of merge groups, when it is known which changes are possible, and adds the
 * groups to them, or changes of their own.  Adds items for all others.
 */
extern void import_allocations_read_groups(ImportCall *call, AssignmentChanges *changes);

#endif							/* MENUCA_IMPORT_ALLOCATIONS_H */
