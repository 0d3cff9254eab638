/*-------------------------------------------------------------------------
 *
 * access_plan.h
 *	  The access plan: the actions that turn the access that exists into the
 *	  wanted access.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_PLAN_H
#define MENUCA_ACCESS_PLAN_H

#include "access/wanted_row.h"

/*
 * What the roles need besides the tables: usage of the target schema and of
 * the extension's schema.  PlannedActions.
 */
extern List *access_plan_schemas(void);

/*
 * What a table needs: PlannedActions, in the order in which they are carried
 * out.  An error is an action that is impossible.
 */
extern List *access_plan_table(const WantedAccess *wanted);

#endif							/* MENUCA_ACCESS_PLAN_H */
