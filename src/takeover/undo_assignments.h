/*-------------------------------------------------------------------------
 *
 * undo_assignments.h
 *	  Putting back assignments that an import changed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_UNDO_ASSIGNMENTS_H
#define MENUCA_UNDO_ASSIGNMENTS_H

#include "takeover/import_plan.h"

/*
 * Deletes those that were inserted, and empties windows and groups that were filled in, where
 * they are as the import left them; does not write in a dry run.  Adds the items.
 */
extern void undo_assignments(ImportCall *call);

#endif							/* MENUCA_UNDO_ASSIGNMENTS_H */
