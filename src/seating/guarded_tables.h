/*-------------------------------------------------------------------------
 *
 * guarded_tables.h
 *	  The users' tables around a trigger of ours.
 *
 * Whoever may execute a trigger function can put it on any table of his own, for
 * any event, and can set menuca.seating_schema.  So a trigger function believes only
 * what is checked here: it works on the tables beside its own, in the schema of its
 * own, and only if the owner of its table has the rights of their owners anyway.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GUARDED_TABLES_H
#define MENUCA_GUARDED_TABLES_H

#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/uuid.h"


/* The tables of one schema; InvalidOid for one that is missing. */
typedef struct GuardedTables
{
	Oid			bookings;
	Oid			assignments;	/* booking_table_assignments */
	Oid			dining_tables;	/* table_inventory */
	Oid			holds;			/* table_holds; it has a booking_id */
	Oid			hold_members;	/* table_hold_members, InvalidOid with holds */
} GuardedTables;

/* The tables of a schema, whatever they are like. */
extern GuardedTables guarded_tables_in(Oid schema);

/*
 * The tables beside a table: those of its schema.  Raises an error unless bookings
 * and booking_table_assignments are ordinary tables with the columns that the
 * guarantees need, and the owner of the table has the rights of the owners of all.
 */
extern GuardedTables guarded_tables_beside(Oid relid);

/*
 * Why these tables cannot be guarded by triggers of that one of them, as a sentence
 * without its full stop, in the current memory context; NULL when they can.
 */
extern char *guarded_tables_obstacle(const GuardedTables *tables, Oid relid);

/*
 * The call of the trigger function of that name, and the tables around it.  Raises an
 * error unless it is called as a trigger AFTER, FOR EACH ROW, of a table that is called
 * bookings or booking_table_assignments, for one of the events given for it: bits of
 */
extern TriggerData *guarded_tables_call(FunctionCallInfo fcinfo, const char *function,
										int bookings_events, int assignments_events, GuardedTables *tables);

/* The same for a trigger AFTER TRUNCATE of booking_table_assignments, FOR EACH STATEMENT. */
extern void guarded_tables_truncate_call(FunctionCallInfo fcinfo, const char *function, GuardedTables *tables);

/*
 * A row of the call: what it is since an INSERT or UPDATE, and what it was before an
 * UPDATE or DELETE.
 */
extern HeapTuple guarded_tables_new_row(const TriggerData *call);
extern HeapTuple guarded_tables_old_row(const TriggerData *call);

/* The uuid in a row's column of that name; false when it is NULL. */
extern bool guarded_tables_uuid(const TriggerData *call, HeapTuple row, const char *column, pg_uuid_t *uuid);

/* The column of that name as text, in the current memory context; "" when it is NULL. */
extern char *guarded_tables_text(const TriggerData *call, HeapTuple row, const char *column);

/*
 * True if an UPDATE gave the column of that name another value; false when the table
 * has no such column.
 */
extern bool guarded_tables_changed(const TriggerData *call, const char *column);

#endif							/* MENUCA_GUARDED_TABLES_H */
