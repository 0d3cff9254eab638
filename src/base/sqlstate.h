/*-------------------------------------------------------------------------
 *
 * sqlstate.h
 *	  The extension's own error codes.
 *
 * Class MC means "refused", as opposed to broken.  A call that fails with one of
 * these has changed nothing, except that a batched run may fail with MC002 or
 * MC003 after it has committed batches, which remain.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SQLSTATE_H
#define MENUCA_SQLSTATE_H

#include "utils/elog.h"

/* Too few legacy ids of the source identify a row. */
#define ERRCODE_MENUCA_COVERAGE		MAKE_SQLSTATE('M', 'C', '0', '0', '1')
/* Too many groups would be, or are, without items. */
#define ERRCODE_MENUCA_ORPHANS		MAKE_SQLSTATE('M', 'C', '0', '0', '2')
/* Counts do not add up, or a reference is broken. */
#define ERRCODE_MENUCA_INTEGRITY	MAKE_SQLSTATE('M', 'C', '0', '0', '3')
/* The source's columns of groups and dishes seem to be swapped. */
#define ERRCODE_MENUCA_ORIENTATION	MAKE_SQLSTATE('M', 'C', '0', '0', '4')
/* Rows of the run were changed, or other rows depend on them. */
#define ERRCODE_MENUCA_ROLLBACK		MAKE_SQLSTATE('M', 'C', '0', '0', '5')
/* Rows of the dump are missing in the staging table. */
#define ERRCODE_MENUCA_LOAD			MAKE_SQLSTATE('M', 'C', '0', '0', '6')
/* The source's ids of dishes are ids of something else. */
#define ERRCODE_MENUCA_ID_SPACE		MAKE_SQLSTATE('M', 'C', '0', '0', '7')
/* The source means the reverse of the target's rows. */
#define ERRCODE_MENUCA_DIRECTION	MAKE_SQLSTATE('M', 'C', '0', '0', '8')
/* A snapshot cannot be taken or restored. */
#define ERRCODE_MENUCA_SNAPSHOT		MAKE_SQLSTATE('M', 'C', '0', '1', '0')
/* A wanted index cannot be built or dropped. */
#define ERRCODE_MENUCA_INDEX		MAKE_SQLSTATE('M', 'C', '0', '1', '1')
/* This is not the database that was expected, or not its environment. */
#define ERRCODE_MENUCA_ENVIRONMENT	MAKE_SQLSTATE('M', 'C', '0', '2', '0')
/* An earlier ticket is not complete. */
#define ERRCODE_MENUCA_TICKET_ORDER MAKE_SQLSTATE('M', 'C', '0', '2', '1')
/* A ticket, or a change of production, lacks a prerequisite. */
#define ERRCODE_MENUCA_PREREQUISITE MAKE_SQLSTATE('M', 'C', '0', '2', '2')
/* The verdict's text was changed, or is not staging's. */
#define ERRCODE_MENUCA_VERDICT		MAKE_SQLSTATE('M', 'C', '0', '2', '3')
/* A receipt of a hosted database was changed, or does not belong here. */
#define ERRCODE_MENUCA_RECEIPT		MAKE_SQLSTATE('M', 'C', '0', '2', '4')
/* Wanted access cannot be deployed or rolled back. */
#define ERRCODE_MENUCA_ACCESS		MAKE_SQLSTATE('M', 'C', '0', '3', '0')
/* Guarantees cannot be deployed, or not undone. */
#define ERRCODE_MENUCA_GUARANTEE	MAKE_SQLSTATE('M', 'C', '0', '4', '7')

/* Dining tables that were named break a rule of the planner. */
#define ERRCODE_MENUCA_SEATING_RULE MAKE_SQLSTATE('M', 'C', '0', '4', '0')
/* Another booking has one of the dining tables in the window. */
#define ERRCODE_MENUCA_TAKEN		MAKE_SQLSTATE('M', 'C', '0', '4', '1')
/* A hold has one of them. */
#define ERRCODE_MENUCA_HELD			MAKE_SQLSTATE('M', 'C', '0', '4', '2')
/* The hold has expired, or was released. */
#define ERRCODE_MENUCA_HOLD_EXPIRED MAKE_SQLSTATE('M', 'C', '0', '4', '3')
/* The idempotency key was used for something else. */
#define ERRCODE_MENUCA_KEY_REUSED	MAKE_SQLSTATE('M', 'C', '0', '4', '4')
/* A booking in that state gets no dining tables. */
#define ERRCODE_MENUCA_BOOKING_STATE MAKE_SQLSTATE('M', 'C', '0', '4', '5')
/* The restaurant's planner is off. */
#define ERRCODE_MENUCA_PLANNER_OFF	MAKE_SQLSTATE('M', 'C', '0', '4', '6')
/* A check of the monitor of seating fails. */
#define ERRCODE_MENUCA_ALERT		MAKE_SQLSTATE('M', 'C', '0', '4', '8')
/* A stage of a rollout would come too early, or while a check fails */
#define ERRCODE_MENUCA_ROLLOUT		MAKE_SQLSTATE('M', 'C', '0', '4', '9')

#endif							/* MENUCA_SQLSTATE_H */
