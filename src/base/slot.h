/*-------------------------------------------------------------------------
 *
 * slot.h
 *	  Values of a tuple slot.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SLOT_H
#define MENUCA_SLOT_H

#include "executor/tuptable.h"
#include "nodes/pg_list.h"

/* The non-null bigint in a slot's column, counted from 0. */
static inline int64
slot_int8(TupleTableSlot *slot, int column)
{
	Assert(!slot->tts_isnull[column]);
	return DatumGetInt64(slot->tts_values[column]);
}

/* The text in a slot's column as a C string; NULL when it is NULL. */
extern char *slot_text(TupleTableSlot *slot, int column);

/* The strings of a text[] in a slot's column; neither is NULL. */
extern List *slot_text_list(TupleTableSlot *slot, int column);

#endif							/* MENUCA_SLOT_H */
