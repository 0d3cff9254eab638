/*-------------------------------------------------------------------------
 *
 * slot.h
 *	  Values of a tuple slot.
 *
 * A value of a table is NULL until proven otherwise, even where the extension's
 * own tables forbid it, and of any type: somebody may have changed them.  A
 * function whose name does not say what NULL gives raises an error that names the
 * column and the table, and each raises one when the type is another.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SLOT_H
#define MENUCA_SLOT_H

#include "catalog/pg_type_d.h"
#include "executor/tuptable.h"
#include "nodes/pg_list.h"
#include "utils/timestamp.h"

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
 * Raises an error unless values of the slot's column, counted from 0, are stored
 * as those of that type.
 */
extern void slot_require_type(TupleTableSlot *slot, int column, Oid type);

/*
 * The value in a slot's column, counted from 0, which is of that type.  Raises an
 * error when it is of another one, or NULL, as do the functions that follow.
 */
static inline Datum
slot_datum(TupleTableSlot *slot, int column, Oid type)
{
	if (unlikely(slot->tts_isnull[column]))
		slot_raise_null(slot, column);
	if (unlikely(TupleDescAttr(slot->tts_tupleDescriptor, column)->atttypid != type))
		slot_require_type(slot, column, type);
	return slot->tts_values[column];
}

/* The bigint, the integer, the boolean and the oid in a slot's column. */
static inline int64
slot_int8(TupleTableSlot *slot, int column)
{
	return DatumGetInt64(slot_datum(slot, column, INT8OID));
}

static inline int32
slot_int4(TupleTableSlot *slot, int column)
{
	return DatumGetInt32(slot_datum(slot, column, INT4OID));
}

static inline bool
slot_bool(TupleTableSlot *slot, int column)
{
	return DatumGetBool(slot_datum(slot, column, BOOLOID));
}

static inline Oid
slot_oid(TupleTableSlot *slot, int column)
{
	return DatumGetObjectId(slot_datum(slot, column, OIDOID));
}

/* The double precision and the timestamptz in a slot's column. */
static inline float8
slot_float8(TupleTableSlot *slot, int column)
{
	return DatumGetFloat8(slot_datum(slot, column, FLOAT8OID));
}

static inline TimestampTz
slot_time(TupleTableSlot *slot, int column)
{
	return DatumGetTimestampTz(slot_datum(slot, column, TIMESTAMPTZOID));
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
 * The integer or bigint in the column of that name; the second function returns 0
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
