/*-------------------------------------------------------------------------
 *
 * access_rehearsal.h
 *	  Making the changes of a plan for this session alone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_REHEARSAL_H
#define MENUCA_ACCESS_REHEARSAL_H

#include "nodes/pg_list.h"

/* True if all statements of a table's plan, PlannedActions, can be rehearsed. */
extern bool access_rehearsal_is_possible(Oid relid, const List *actions);

/*
 * Makes the changes of a plan that can be rehearsed, so that this session alone meets
 * them, without locking the table against readers and writers.  To be called in a
 * subtransaction that is undone, by the table's owner, who has locked the table in mode
 * SHARE UPDATE EXCLUSIVE at least.  Raises the server's errors about the conditions.
 */
extern void access_rehearse(Oid relid, const List *actions);

#endif							/* MENUCA_ACCESS_REHEARSAL_H */
