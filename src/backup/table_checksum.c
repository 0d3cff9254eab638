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
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "backup/table_checksum.h"
#include "base/arguments.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/slot.h"

PG_FUNCTION_INFO_V1(menuca_table_checksum);

static void pin_output_settings(void);
static void *make_checksum(TupleTableSlot *slot);


/* menuca_table_checksum(table_name) returns one row. */
Datum
menuca_table_checksum(PG_FUNCTION_ARGS)
{
	TupleDesc	desc = result_row_type(fcinfo, 2);
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
	TableChecksum *result;
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
	result = linitial(query_list(psprintf("SELECT count(*),"
										  " coalesce(sum(hashtextextended((t.*)::text COLLATE \"C\", 0)), 0)::text"
										  " FROM %s t", relation_quoted_name(relid)),
								 NULL, make_checksum));
	guc_scope_end(level);

	return *result;
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

static void *
make_checksum(TupleTableSlot *slot)
{
	TableChecksum *checksum = palloc(sizeof(TableChecksum));

	checksum->rows = slot_int8(slot, 0);
	checksum->checksum = slot_text(slot, 1);
	return checksum;
}
