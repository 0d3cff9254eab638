/*-------------------------------------------------------------------------
 *
 * slot.c
 *	  Values of a tuple slot: see slot.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/slot.h"

char *
slot_text(TupleTableSlot *slot, int column)
{
	return slot->tts_isnull[column] ? NULL : TextDatumGetCString(slot->tts_values[column]);
}

void
slot_store_int8(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = slot_int8(slot, 0);
}

List *
slot_text_list(TupleTableSlot *slot, int column)
{
	Datum	   *values;
	int			n;
	List	   *list = NIL;

	deconstruct_array(DatumGetArrayTypeP(slot->tts_values[column]), TEXTOID, -1, false,
					  TYPALIGN_INT, &values, NULL, &n);
	for (int i = 0; i < n; i++)
		list = lappend(list, TextDatumGetCString(values[i]));
	return list;
}
