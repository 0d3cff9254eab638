/*-------------------------------------------------------------------------
 *
 * slot.h
 *	  Values of a tuple slot.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SLOT_H
#define MENUCA_SLOT_H

#include "datatype/timestamp.h"
#include "executor/tuptable.h"
#include "nodes/pg_list.h"

/* The bigint in a slot's column, counted from 0; it must not be NULL. */
static inline int64
slot_int8(TupleTableSlot *slot, int column)
{
	Assert(!slot->tts_isnull[column]);
	return DatumGetInt64(slot->tts_values[column]);
}

/*
 * The number of the slot's column of that name, counted from 0.  Raises an
 * error if there is none.
 */
extern int	slot_attribute(TupleTableSlot *slot, const char *name);

/*
 * The value in the column of that name: as its type's output function writes
 * it, NULL if it is NULL; as a bigint (from an int4 or int8) or a boolean, 0 or
 * false if it is NULL.
 */
extern char *slot_text_of(TupleTableSlot *slot, const char *name);
extern int64 slot_int8_of(TupleTableSlot *slot, const char *name);
extern bool slot_bool_of(TupleTableSlot *slot, const char *name);

/*
 * The timestamptz in the column of that name, 0 if it is NULL; sets *isnull,
 * unless that is NULL.
 */
extern TimestampTz slot_time_of(TupleTableSlot *slot, const char *name, bool *isnull);

/*
 * The text in a slot's column as a C string, in the current memory context; NULL
 * when it is NULL.
 */
extern char *slot_text(TupleTableSlot *slot, int column);

/*
 * The callback of a query that returns one bigint: stores the one in column 0
 * in *arg, an int64.
 */
extern void slot_store_int8(TupleTableSlot *slot, void *arg);

/*
 * The text[] in a slot's column as a list of C strings, in the current memory
 * context.  Neither the array nor an element may be NULL.
 */
extern List *slot_text_list(TupleTableSlot *slot, int column);

#endif							/* MENUCA_SLOT_H */
