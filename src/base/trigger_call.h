/*-------------------------------------------------------------------------
 *
 * trigger_call.h
 *	  The call of a trigger function of the extension.
 *
 * Whoever may execute a trigger function can put it on any table of his own,
 * with columns of any types, for any event.  So a trigger function believes
 * nothing about its call that is not checked here.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TRIGGER_CALL_H
#define MENUCA_TRIGGER_CALL_H

#include "commands/trigger.h"
#include "fmgr.h"

/* Bits of the events that a function is for. */
#define TRIGGER_CALL_INSERT 1
#define TRIGGER_CALL_UPDATE 2
#define TRIGGER_CALL_DELETE 4

/*
 * The call of the trigger function of that name.  Raises an error unless it is
 * called as a trigger BEFORE one of the events, FOR EACH ROW, of exactly the
 * table with that OID.
 */
extern TriggerData *trigger_call(FunctionCallInfo fcinfo, const char *function,
								 Oid relid, int events);

/*
 * The number of the table's column of that name.  Raises an error when there is
 * none, or its type is not that one.
 */
extern int	trigger_call_column(const TriggerData *call, const char *column, Oid type);

#endif							/* MENUCA_TRIGGER_CALL_H */
