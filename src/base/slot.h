/*-------------------------------------------------------------------------
 *
 * slot.h
 *	  Values of a tuple slot.
 *
 * A value of a table is NULL until proven otherwise, even where the extension's
 * own tables forbid it: somebody may have changed them.  A function whose name
 * does not say what NULL gives raises an error that names the column and the
 * table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SLOT_H
#define MENUCA_SLOT_H

#include "datatype/timestamp.h"
#include "executor/tuptable.h"
#include "nodes/pg_list.h"

#include "base/compat.h"

/*
 * Tells the functions below which query their slots come from, so that their
 * errors can name its table; returns the query before it, which must be set
 * again afterwards.  Only query.c calls it.
 */
extern const char *slot_set_query(const char *sql);

/* Raises the error that the slot's column, counted from 0, is NULL. */
pg_noreturn extern void slot_raise_null(TupleTableSlot *slot, int column);

/*
 * The value in a slot's column, counted from 0, whatever its type is.  Raises an
 * error when it is NULL, as do the functions that follow.
 */
static inline Datum
slot_datum(TupleTableSlot *slot, int column)
{
	if (unlikely(slot->tts_isnull[column]))
		slot_raise_null(slot, column);
	return slot->tts_values[column];
}

/* The bigint, the integer, the boolean and the oid in a slot's column. */
static inline int64
slot_int8(TupleTableSlot *slot, int column)
{
	return DatumGetInt64(slot_datum(slot, column));
}

static inline int32
slot_int4(TupleTableSlot *slot, int column)
{
	return DatumGetInt32(slot_datum(slot, column));
}

static inline bool
slot_bool(TupleTableSlot *slot, int column)
{
	return DatumGetBool(slot_datum(slot, column));
}

static inline Oid
slot_oid(TupleTableSlot *slot, int column)
{
	return DatumGetObjectId(slot_datum(slot, column));
}

/*
 * The text in a slot's column as a C string, in the current memory context; the
 * second function returns NULL when it is NULL.
 */
extern char *slot_text(TupleTableSlot *slot, int column);
extern char *slot_text_or_null(TupleTableSlot *slot, int column);

/*
 * The text[] in a slot's column as a list of C strings, in the current memory
 * context.  Raises an error, too, when an element is NULL.
 */
extern List *slot_text_list(TupleTableSlot *slot, int column);

/*
 * The number of the slot's column of that name, counted from 0.  Raises an
 * error if there is none.
 */
extern int	slot_attribute(TupleTableSlot *slot, const char *name);

/*
 * The value in the column of that name as its type's output function writes it;
 * the second function returns NULL when it is NULL.
 */
extern char *slot_text_of(TupleTableSlot *slot, const char *name);
extern char *slot_text_or_null_of(TupleTableSlot *slot, const char *name);

/*
 * The int4 or int8 in the column of that name; the second function returns 0
 * when it is NULL.
 */
extern int64 slot_int8_of(TupleTableSlot *slot, const char *name);
extern int64 slot_int8_or_zero_of(TupleTableSlot *slot, const char *name);

/* The boolean in the column of that name; false when it is NULL. */
extern bool slot_bool_of(TupleTableSlot *slot, const char *name);

/*
 * The timestamptz in the column of that name.  When it is NULL sets *isnull and
 * returns 0, but raises an error when isnull is NULL.
 */
extern TimestampTz slot_time_of(TupleTableSlot *slot, const char *name, bool *isnull);

/*
 * The callback of a query that returns one bigint: stores the one in column 0
 * in *arg, an int64.
 */
extern void slot_store_int8(TupleTableSlot *slot, void *arg);

#endif							/* MENUCA_SLOT_H */
