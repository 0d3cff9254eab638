/*-------------------------------------------------------------------------
 *
 * table_checksum.c
 *	  Number and checksum of a table's rows: see table_checksum.h.
 *
 * menuca_table_checksum(table_name)
 *
 * Each row is hashed as text, and the hashes are added up.  Text is what a
 * dump keeps; stored bytes, OIDs in them and the order of rows change when it
 * is restored.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "backup/table_checksum.h"
#include "base/arguments.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/progress.h"
#include "base/relation.h"
#include "base/results.h"

PG_FUNCTION_INFO_V1(menuca_table_checksum);

/* The rows that were read, and the sum of their hashes, in 128 bits. */
typedef struct RowSum
{
	FmgrInfo	output;			/* record_out() */
	Progress	progress;		/* with the rows */
	int64		high;
	uint64		low;
} RowSum;

static void pin_output_settings(void);
static void add_row(TupleTableSlot *slot, void *arg);
static char *sum_text(const RowSum *sum);


/* menuca_table_checksum(table_name) returns one row. */
Datum
menuca_table_checksum(PG_FUNCTION_ARGS)
{
	TupleDesc	desc = result_row_type(fcinfo, "in");
	Datum		values[2];
	bool		nulls[2] = {0};
	TableChecksum checksum;

	argument_require(fcinfo, 0, "table_name");
	checksum = table_checksum(PG_GETARG_OID(0));
	values[0] = Int64GetDatum(checksum.rows);
	values[1] = DirectFunctionCall3(numeric_in, CStringGetDatum(checksum.checksum),
									ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

TableChecksum
table_checksum(Oid relid)
{
	RowSum		sum = {0};
	TableChecksum result;
	char		relkind;
	int			level;

	if (get_rel_relkind(relid) != '\0')
		relation_lock(relid, AccessShareLock);
	relkind = get_rel_relkind(relid);
	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE &&
		relkind != RELKIND_MATVIEW)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 relkind == '\0' ?
				 errmsg("the table does not exist") :
				 errmsg("%s is not a table", relation_display_name(relid)),
				 errdetail("Only tables and materialized views have a checksum."),
				 errhint("Name a table or a materialized view.")));
	relation_require(relid, ACL_SELECT);

	level = guc_scope_begin();
	pin_output_settings();
	fmgr_info(F_RECORD_OUT, &sum.output);
	sum.progress = progress_begin(relid, false);
	(void) query_each(psprintf("SELECT ROW(t.*) FROM %s t", relation_quoted_name(relid)),
					  NULL, add_row, &sum);
	progress_end(&sum.progress);
	guc_scope_end(level);

	result.rows = (int64) sum.progress.rows;
	result.checksum = sum_text(&sum);
	return result;
}

bool
table_checksum_equal(const TableChecksum *a, const TableChecksum *b)
{
	return a->rows == b->rows && strcmp(a->checksum, b->checksum) == 0;
}

/* Makes the text of a value independent of the session's settings. */
static void
pin_output_settings(void)
{
	static const char *const settings[][2] = {
		{"DateStyle", "ISO, YMD"},
		{"IntervalStyle", "postgres"},
		{"TimeZone", "GMT"},
		{"extra_float_digits", "1"},
		{"bytea_output", "hex"},
		{"lc_monetary", "C"}
	};

	for (size_t i = 0; i < lengthof(settings); i++)
		guc_scope_set(settings[i][0], settings[i][1]);
}

/*
 * Hashes a row as hashtextextended() does its text.  The text is that of the
 * types' output functions: a cast of the row to text may be code of the table's
 * owner.
 */
static void
add_row(TupleTableSlot *slot, void *arg)
{
	RowSum	   *sum = arg;
	char	   *text = OutputFunctionCall(&sum->output, slot->tts_values[0]);
	int64		hash = DatumGetInt64(hash_any_extended((unsigned char *) text, strlen(text), 0));
	uint64		low = sum->low + (uint64) hash;

	progress_add_row(&sum->progress);
	sum->high += (hash < 0 ? -1 : 0) + (low < sum->low ? 1 : 0);
	sum->low = low;
}

/* The sum as a decimal number. */
static char *
sum_text(const RowSum *sum)
{
	Datum		high = DirectFunctionCall1(int8_numeric, Int64GetDatum(sum->high));
	Datum		low = DirectFunctionCall3(numeric_in, CStringGetDatum(psprintf(UINT64_FORMAT, sum->low)),
										  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	Datum		unit = DirectFunctionCall3(numeric_in, CStringGetDatum("18446744073709551616"),
										   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	Datum		whole = DirectFunctionCall2(numeric_add, DirectFunctionCall2(numeric_mul, high, unit), low);

	return DatumGetCString(DirectFunctionCall1(numeric_out, whole));
}
