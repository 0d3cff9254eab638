/*-------------------------------------------------------------------------
 *
 * int8_sort.c
 *	  Sorting fixed tuples of bigints: see int8_sort.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tupdesc.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/tuplesort.h"

#include "int8_sort.h"

struct Int8Sort
{
	int			ncolumns;
	Tuplesortstate *state;
	TupleTableSlot *slot_in;
	TupleTableSlot *slot_out;
};

Int8Sort *
int8_sort_begin(int ncolumns, int nkeys)
{
	Int8Sort   *sort = palloc(sizeof(Int8Sort));
	TupleDesc	desc = CreateTemplateTupleDesc(ncolumns);
	AttrNumber	columns[INT8_SORT_MAX_COLUMNS];
	Oid			operators[INT8_SORT_MAX_COLUMNS];
	Oid			collations[INT8_SORT_MAX_COLUMNS];
	bool		nulls_first[INT8_SORT_MAX_COLUMNS];

	Assert(ncolumns <= INT8_SORT_MAX_COLUMNS && nkeys <= ncolumns);

	for (int i = 0; i < ncolumns; i++)
		TupleDescInitEntry(desc, i + 1, NULL, INT8OID, -1, 0);
	for (int i = 0; i < nkeys; i++)
	{
		columns[i] = i + 1;
		operators[i] = Int8LessOperator;
		collations[i] = InvalidOid;
		nulls_first[i] = false;
	}

	sort->ncolumns = ncolumns;
	sort->slot_in = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	sort->slot_out = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	sort->state = tuplesort_begin_heap(desc, nkeys, columns, operators,
									   collations, nulls_first,
									   maintenance_work_mem, NULL,
									   TUPLESORT_NONE);
	return sort;
}

void
int8_sort_put(Int8Sort *sort, const int64 *values)
{
	TupleTableSlot *slot = sort->slot_in;

	ExecClearTuple(slot);
	for (int i = 0; i < sort->ncolumns; i++)
	{
		slot->tts_values[i] = Int64GetDatum(values[i]);
		slot->tts_isnull[i] = false;
	}
	ExecStoreVirtualTuple(slot);
	tuplesort_puttupleslot(sort->state, slot);
}

void
int8_sort_perform(Int8Sort *sort)
{
	tuplesort_performsort(sort->state);
}

bool
int8_sort_get(Int8Sort *sort, int64 *values)
{
	CHECK_FOR_INTERRUPTS();
	if (!tuplesort_gettupleslot(sort->state, true, false, sort->slot_out, NULL))
		return false;

	slot_getallattrs(sort->slot_out);
	for (int i = 0; i < sort->ncolumns; i++)
		values[i] = DatumGetInt64(sort->slot_out->tts_values[i]);
	return true;
}

void
int8_sort_end(Int8Sort *sort)
{
	ExecDropSingleTupleTableSlot(sort->slot_in);
	ExecDropSingleTupleTableSlot(sort->slot_out);
	tuplesort_end(sort->state);
	pfree(sort);
}
