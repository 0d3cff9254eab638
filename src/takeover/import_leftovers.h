/*-------------------------------------------------------------------------
 *
 * import_leftovers.h
 *	  What the original has left in its allocations and holds, counted by restaurant.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPORT_LEFTOVERS_H
#define MENUCA_IMPORT_LEFTOVERS_H

#include "takeover/import_plan.h"

/* Adds items for shadow allocations. */
extern void import_leftovers_shadows(ImportCall *call);

/* Adds items for allocations of holds, and of what has no known type. */
extern void import_leftovers_other_allocations(ImportCall *call);

/* Adds items for holds, and for the windows that the original keeps beside them. */
extern void import_leftovers_holds(ImportCall *call);
extern void import_leftovers_hold_windows(ImportCall *call);

#endif							/* MENUCA_IMPORT_LEFTOVERS_H */
