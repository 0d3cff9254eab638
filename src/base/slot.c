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
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/slot.h"

char *
slot_text(TupleTableSlot *slot, int column)
{
	return slot->tts_isnull[column] ? NULL : TextDatumGetCString(slot->tts_values[column]);
}

int
slot_attribute(TupleTableSlot *slot, const char *name)
{
	TupleDesc	desc = slot->tts_tupleDescriptor;

	for (int i = 0; i < desc->natts; i++)
	{
		if (strcmp(NameStr(TupleDescAttr(desc, i)->attname), name) == 0)
			return i;
	}
	elog(ERROR, "a query has no column \"%s\"", name);
	return -1;					/* keep the compiler quiet */
}

char *
slot_text_of(TupleTableSlot *slot, const char *name)
{
	int			column = slot_attribute(slot, name);
	Oid			output;
	bool		is_varlena;

	if (slot->tts_isnull[column])
		return NULL;
	getTypeOutputInfo(TupleDescAttr(slot->tts_tupleDescriptor, column)->atttypid,
					  &output, &is_varlena);
	return OidOutputFunctionCall(output, slot->tts_values[column]);
}

int64
slot_int8_of(TupleTableSlot *slot, const char *name)
{
	int			column = slot_attribute(slot, name);

	if (slot->tts_isnull[column])
		return 0;
	if (TupleDescAttr(slot->tts_tupleDescriptor, column)->atttypid == INT4OID)
		return DatumGetInt32(slot->tts_values[column]);
	Assert(TupleDescAttr(slot->tts_tupleDescriptor, column)->atttypid == INT8OID);
	return DatumGetInt64(slot->tts_values[column]);
}

bool
slot_bool_of(TupleTableSlot *slot, const char *name)
{
	int			column = slot_attribute(slot, name);

	return !slot->tts_isnull[column] && DatumGetBool(slot->tts_values[column]);
}

TimestampTz
slot_time_of(TupleTableSlot *slot, const char *name, bool *isnull)
{
	int			column = slot_attribute(slot, name);

	if (isnull)
		*isnull = slot->tts_isnull[column];
	return slot->tts_isnull[column] ? 0 : DatumGetTimestampTz(slot->tts_values[column]);
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
