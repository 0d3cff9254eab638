/*-------------------------------------------------------------------------
 *
 * trial_world.h
 *	  The restaurants and customers that trial rows belong to.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TRIAL_WORLD_H
#define MENUCA_TRIAL_WORLD_H

#include "access/trial_rows.h"

/*
 * Makes the restaurants and customers, in the tables that the wanted
 * access has for them; without such a table any value serves as the claim.
 */
extern void trial_world_make(TrialWorld *world);

/* The wanted access of the table whose rows are the tenants; NULL: there is none. */
extern const WantedAccess *trial_world_tenants(const TrialWorld *world);

#endif							/* MENUCA_TRIAL_WORLD_H */
