/*-------------------------------------------------------------------------
 *
 * access_grants.h
 *	  The grants that the wanted access of a table needs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_GRANTS_H
#define MENUCA_ACCESS_GRANTS_H

#include "access/wanted_row.h"
#include "base/access_roles.h"

/*
 * Appends the actions that give a role the rights on a table that policies
 * presume, and revoke those that would bypass them.  The role and the table
 * exist.
 */
extern void access_grants_plan(List **actions, const WantedAccess *wanted, AccessRole role);

#endif							/* MENUCA_ACCESS_GRANTS_H */
