/*-------------------------------------------------------------------------
 *
 * scan.c
 *	  Reading some columns of all rows of a table: see scan.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/column.h"
#include "base/direct_access.h"
#include "base/progress.h"
#include "base/relation.h"
#include "base/scan.h"

/* Little memory is used per row, so the context is reset only every 64. */
#define ROWS_PER_RESET 64

/*
 * The row that is prefetched, that many rows ahead, and its first bytes.  Narrow
 * rows are passed so fast that it takes more of them.
 */
#define ROWS_AHEAD 2
#define NARROW_ROWS_AHEAD 16
#define PREFETCHED 256
#define CACHE_LINE 64

/* State of a direct scan. */
typedef struct DirectScan
{
	int			ncolumns;
	int		   *places;			/* in the stored row, from 0; -1: always NULL */
	Oid		   *types;			/* base types of the columns */
	int			nwhole;			/* columns of whole rows, or 0 */
	AttrNumber *whole;			/* these columns */
	AttrNumber	last;			/* the last column that is needed */
	TableScanDesc desc;
	bool		narrow;			/* see is_narrow(); its columns are at these
								 * offsets in bytes, unless some are NULL */
	int		   *offsets;
	TupleTableSlot *row;		/* as stored */
	TupleTableSlot *out;		/* as handed out */
} DirectScan;

/* The rows of a SELECT, which are counted on their way. */
typedef struct PassedRows
{
	Progress	progress;
	QueryRowFn	fn;
	void	   *arg;
} PassedRows;

static void refuse_dropped(Relation rel, const ScanColumn *columns, int ncolumns);
static bool can_scan_directly(Relation rel, const ScanColumn *columns,
							  int ncolumns);
static bool is_stored_as(Oid type, ScanType scan_type);
static uint64 scan_directly(Relation rel, const ScanColumn *columns,
							int ncolumns, bool whole_rows, QueryRowFn fn, void *arg);
static DirectScan begin_direct_scan(Relation rel, const ScanColumn *columns,
									int ncolumns, bool whole_rows);
static TupleDesc describe_columns(Relation rel, const ScanColumn *columns, const DirectScan *scan);
static bool is_narrow(Relation rel, AttrNumber last);
static void find_offsets(DirectScan *scan, TupleDesc desc);
static void show_progress(Progress *progress, const DirectScan *scan);
static void pass_counted_row(TupleTableSlot *slot, void *arg);
static bool next_row(DirectScan *scan);
static void fill_slot(DirectScan *scan);
static void fill_slot_from_offsets(DirectScan *scan, HeapTuple tuple);
static bool has_all_columns(HeapTupleHeader row, AttrNumber last);
static inline Datum value_at_offset(const char *place, Oid type);
static inline Datum as_int8(Oid type, Datum value);
static pg_attribute_always_inline void prefetch_row(const HeapTupleData *tuple,
													int rows_ahead);
static char *select_statement(Relation rel, const ScanColumn *columns,
							  int ncolumns, bool whole_rows);
static char *column_expression(Relation rel, const ScanColumn *column);


uint64
scan_each(Oid relid, const ScanColumn *columns, int ncolumns, bool whole_rows,
		  QueryRowFn fn, void *arg)
{
	Relation	rel = relation_open_locked(relid);
	uint64		rows;

	refuse_dropped(rel, columns, ncolumns);
	if (can_scan_directly(rel, columns, ncolumns))
		rows = scan_directly(rel, columns, ncolumns, whole_rows, fn, arg);
	else
	{
		PassedRows	passed = {progress_begin(relid, false), fn, arg};

		rows = query_each(select_statement(rel, columns, ncolumns, whole_rows),
						  NULL, pass_counted_row, &passed);
		progress_end(&passed.progress);
	}
	table_close(rel, NoLock);
	return rows;
}

/* The columns may have been looked up before the table was locked. */
static void
refuse_dropped(Relation rel, const ScanColumn *columns, int ncolumns)
{
	for (int i = 0; i < ncolumns; i++)
	{
		if (columns[i].attnum != InvalidAttrNumber &&
			TupleDescAttr(RelationGetDescr(rel), columns[i].attnum - 1)->attisdropped)
			column_raise_dropped(RelationGetRelid(rel));
	}
}

/*
 * True if the columns are stored in the types asked for, and the server itself
 * would scan exactly this heap.
 */
static bool
can_scan_directly(Relation rel, const ScanColumn *columns, int ncolumns)
{
	for (int i = 0; i < ncolumns; i++)
	{
		AttrNumber	attnum = columns[i].attnum;

		if (attnum != InvalidAttrNumber &&
			!is_stored_as(getBaseType(TupleDescAttr(RelationGetDescr(rel), attnum - 1)->atttypid),
						  columns[i].type))
			return false;
	}
	return direct_access_may_scan(rel);
}

static bool
is_stored_as(Oid type, ScanType scan_type)
{
	switch (scan_type)
	{
		case SCAN_INT8:
			return type == INT2OID || type == INT4OID || type == INT8OID;
		case SCAN_BOOL:
			return type == BOOLOID;
		case SCAN_TIMESTAMPTZ:
			return type == TIMESTAMPTZOID;
		case SCAN_TEXT:
			return type == TEXTOID || type == VARCHAROID;
		case SCAN_BYTEA:
			return type == BYTEAOID;
		case SCAN_JSONB:
			return type == JSONBOID;
	}
	return false;
}

static uint64
scan_directly(Relation rel, const ScanColumn *columns, int ncolumns,
			  bool whole_rows, QueryRowFn fn, void *arg)
{
	DirectScan	scan = begin_direct_scan(rel, columns, ncolumns, whole_rows);
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext,
													  "menuca row",
													  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(row_context);
	Progress	progress = progress_begin(RelationGetRelid(rel), false);

	while (next_row(&scan))
	{
		CHECK_FOR_INTERRUPTS();
		fn(scan.out, arg);
		if (++progress.rows % ROWS_PER_RESET == 0)
			MemoryContextReset(row_context);
		if (progress.rows % PROGRESS_ROWS == 0)
			show_progress(&progress, &scan);
	}
	progress_end(&progress);
	MemoryContextSwitchTo(old);
	table_endscan(scan.desc);

	ExecDropSingleTupleTableSlot(scan.row);
	ExecDropSingleTupleTableSlot(scan.out);
	MemoryContextDelete(row_context);
	return progress.rows;
}

/* The heap is read from its first block to its last. */
static void
show_progress(Progress *progress, const DirectScan *scan)
{
	HeapScanDesc heap = (HeapScanDesc) scan->desc;

	progress_show(progress);
	progress_set_bytes(progress, (int64) heap->rs_cblock * BLCKSZ, (int64) heap->rs_nblocks * BLCKSZ);
}

static void
pass_counted_row(TupleTableSlot *slot, void *arg)
{
	PassedRows *passed = arg;

	progress_add_row(&passed->progress);
	passed->fn(slot, passed->arg);
}

/*
 * Rows are stored from the end of a page to its beginning, an order that
 * processors do not predict.  A wrong guess does no harm.
 */
static pg_attribute_always_inline void
prefetch_row(const HeapTupleData *tuple, int rows_ahead)
{
	const char *row = (const char *) tuple->t_data - rows_ahead * tuple->t_len;

	for (uint32 i = 0; i < Min(tuple->t_len, PREFETCHED); i += CACHE_LINE)
		__builtin_prefetch(row + i);
}

static DirectScan
begin_direct_scan(Relation rel, const ScanColumn *columns, int ncolumns, bool whole_rows)
{
	TupleDesc	desc = RelationGetDescr(rel);
	DirectScan	scan = {
		.ncolumns = ncolumns,
		.places = palloc(sizeof(int) * Max(ncolumns, 1)),
		.types = palloc(sizeof(Oid) * Max(ncolumns, 1)),
		.whole = palloc(sizeof(AttrNumber) * desc->natts),
		.row = table_slot_create(rel, NULL)
	};

	for (int i = 0; i < ncolumns; i++)
	{
		AttrNumber	attnum = columns[i].attnum;

		scan.places[i] = attnum - 1;
		scan.types[i] = attnum == InvalidAttrNumber ? InvalidOid :
			getBaseType(TupleDescAttr(desc, attnum - 1)->atttypid);
		scan.last = Max(scan.last, attnum);
	}
	for (int i = 0; whole_rows && i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->attisdropped)
			continue;
		scan.whole[scan.nwhole++] = i + 1;
		scan.last = i + 1;
	}
	scan.last = Max(scan.last, 1);

	scan.out = MakeSingleTupleTableSlot(describe_columns(rel, columns, &scan), &TTSOpsVirtual);
	ExecStoreAllNullTuple(scan.out);

	/* Start at the first page, so that rows always come in the same order. */
	scan.desc = table_beginscan_strat(rel, GetActiveSnapshot(), 0, NULL, true, false);
	scan.narrow = !whole_rows && is_narrow(rel, scan.last);
	if (scan.narrow)
		find_offsets(&scan, desc);
	return scan;
}

/* The columns of the slot for fn, with the names that messages may need. */
static TupleDesc
describe_columns(Relation rel, const ScanColumn *columns, const DirectScan *scan)
{
	static const Oid types[] = {
		[SCAN_INT8] = INT8OID,
		[SCAN_BOOL] = BOOLOID,
		[SCAN_TIMESTAMPTZ] = TIMESTAMPTZOID,
		[SCAN_TEXT] = TEXTOID,
		[SCAN_BYTEA] = BYTEAOID,
		[SCAN_JSONB] = JSONBOID
	};
	TupleDesc	desc = CreateTemplateTupleDesc(scan->ncolumns + scan->nwhole);

	for (int i = 0; i < scan->ncolumns; i++)
		TupleDescInitEntry(desc, i + 1, scan->places[i] < 0 ? "" :
						   NameStr(TupleDescAttr(RelationGetDescr(rel), scan->places[i])->attname),
						   types[columns[i].type], -1, 0);
	for (int i = 0; i < scan->nwhole; i++)
		TupleDescCopyEntry(desc, scan->ncolumns + i + 1, RelationGetDescr(rel), scan->whole[i]);
	return desc;
}

/*
 * True if all columns up to the last one that is needed have a fixed length, as
 * in a staged table: they are at fixed offsets in a row of the heap, and taking
 * the row apart would cost as much as reading it.
 */
static bool
is_narrow(Relation rel, AttrNumber last)
{
	for (int i = 0; i < last; i++)
	{
		if (TupleDescAttr(RelationGetDescr(rel), i)->attlen <= 0)
			return false;
	}
	return true;
}

static void
find_offsets(DirectScan *scan, TupleDesc desc)
{
	int			offset = 0;

	scan->offsets = palloc0(sizeof(int) * Max(scan->ncolumns, 1));
	for (int place = 0; place < scan->last; place++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, place);

		offset = att_align_nominal(offset, att->attalign);
		for (int i = 0; i < scan->ncolumns; i++)
		{
			if (scan->places[i] == place)
				scan->offsets[i] = offset;
		}
		offset += att->attlen;
	}
}

/* Fetches the next row and fills the slot for fn; false at the end. */
static bool
next_row(DirectScan *scan)
{
	if (scan->narrow)
	{
		HeapTuple	tuple = heap_getnext(scan->desc, ForwardScanDirection);

		if (tuple == NULL)
			return false;
		prefetch_row(tuple, NARROW_ROWS_AHEAD);
		fill_slot_from_offsets(scan, tuple);
		return true;
	}

	if (!table_scan_getnextslot(scan->desc, ForwardScanDirection, scan->row))
		return false;
	if (TTS_IS_BUFFERTUPLE(scan->row))
		prefetch_row(((const BufferHeapTupleTableSlot *) scan->row)->base.tuple, ROWS_AHEAD);
	slot_getsomeattrs(scan->row, scan->last);
	fill_slot(scan);
	return true;
}

/* Copies the columns of the stored row to their places in the slot for fn. */
static void
fill_slot(DirectScan *scan)
{
	const TupleTableSlot *row = scan->row;
	Datum	   *values = scan->out->tts_values;
	bool	   *isnull = scan->out->tts_isnull;

	for (int i = 0; i < scan->ncolumns; i++)
	{
		int			place = scan->places[i];

		/* Set to NULL once, by begin_direct_scan(). */
		if (place < 0)
			continue;
		isnull[i] = row->tts_isnull[place];
		values[i] = as_int8(scan->types[i], row->tts_values[place]);
	}
	for (int i = 0; i < scan->nwhole; i++)
	{
		int			place = scan->whole[i] - 1;

		values[scan->ncolumns + i] = row->tts_values[place];
		isnull[scan->ncolumns + i] = row->tts_isnull[place];
	}
}

static void
fill_slot_from_offsets(DirectScan *scan, HeapTuple tuple)
{
	TupleDesc	desc = scan->row->tts_tupleDescriptor;
	const char *row = (const char *) tuple->t_data + tuple->t_data->t_hoff;
	Datum	   *values = scan->out->tts_values;
	bool	   *isnull = scan->out->tts_isnull;
	bool		has_all = has_all_columns(tuple->t_data, scan->last);

	for (int i = 0; i < scan->ncolumns; i++)
	{
		if (scan->places[i] < 0)
			continue;
		if (has_all)
		{
			isnull[i] = false;
			values[i] = value_at_offset(row + scan->offsets[i], scan->types[i]);
		}
		else
			values[i] = as_int8(scan->types[i],
								heap_getattr(tuple, scan->places[i] + 1, desc, &isnull[i]));
	}
}

/* True if none of a stored row's first columns is NULL or was added after it. */
static bool
has_all_columns(HeapTupleHeader row, AttrNumber last)
{
	if (HeapTupleHeaderGetNatts(row) < last)
		return false;
	if ((row->t_infomask & HEAP_HASNULL) == 0)
		return true;
	for (int place = 0; place < last; place++)
	{
		if (att_isnull(place, row->t_bits))
			return false;
	}
	return true;
}

/* Reads a value of one of the types that a narrow row is read for. */
static inline Datum
value_at_offset(const char *place, Oid type)
{
	switch (type)
	{
		case INT2OID:
			return Int64GetDatum(*(const int16 *) place);
		case INT4OID:
			return Int64GetDatum(*(const int32 *) place);
		case BOOLOID:
			return BoolGetDatum(*(const bool *) place);
		default:
			return Int64GetDatum(*(const int64 *) place);
	}
}

/* Widens smaller integers to bigints, and returns other values unchanged. */
static inline Datum
as_int8(Oid type, Datum value)
{
	switch (type)
	{
		case INT2OID:
			return Int64GetDatum(DatumGetInt16(value));
		case INT4OID:
			return Int64GetDatum(DatumGetInt32(value));
		default:
			return value;
	}
}

static char *
select_statement(Relation rel, const ScanColumn *columns, int ncolumns,
				 bool whole_rows)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	for (int i = 0; i < ncolumns; i++)
		appendStringInfo(&sql, "%s%s", i > 0 ? ", " : "",
						 column_expression(rel, &columns[i]));
	appendStringInfo(&sql, "%s FROM %s t", !whole_rows ? "" : ncolumns > 0 ? ", t.*" : "t.*",
					 relation_quoted_name(RelationGetRelid(rel)));
	return sql.data;
}

static char *
column_expression(Relation rel, const ScanColumn *column)
{
	static const char *const types[] = {"int8", "bool", "timestamptz", "text", "bytea", "jsonb"};
	const char *name;
	Form_pg_attribute att;

	if (column->attnum == InvalidAttrNumber)
		return psprintf("NULL::%s", types[column->type]);

	att = TupleDescAttr(RelationGetDescr(rel), column->attnum - 1);
	name = quote_identifier(NameStr(att->attname));
	if (column->type == SCAN_INT8 && getBaseType(att->atttypid) == NUMERICOID)
		return psprintf("CASE WHEN t.%s BETWEEN -9223372036854775807 AND 9223372036854775807"
						" AND t.%s = trunc(t.%s) THEN t.%s::int8 END",
						name, name, name, name);
	if (column->type == SCAN_TEXT)
		return column_as_text(RelationGetRelid(rel), column->attnum, "t");
	return psprintf("t.%s::%s", name, types[column->type]);
}
