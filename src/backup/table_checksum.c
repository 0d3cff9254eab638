/*-------------------------------------------------------------------------
 *
 * table_checksum.c
 *	  Number and checksum of a table's rows: see table_checksum.h.
 *
 * menuca_table_checksum(table)
 *
 * Each row is hashed as text, and the hashes are added up.  A dump keeps the
 * text and nothing else: stored bytes, OIDs in them and the order of rows
 * change when it is restored.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "funcapi.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "backup/table_checksum.h"
#include "base/arguments.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/slot.h"

PG_FUNCTION_INFO_V1(menuca_table_checksum);

/* State of the query: where its row belongs. */
typedef struct ChecksumState
{
	MemoryContext context;
	TableChecksum result;
} ChecksumState;

static void pin_output_settings(void);
static void fetch_checksum(TupleTableSlot *slot, void *arg);


/* menuca_table_checksum(table): one row. */
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
	ChecksumState state = {.context = CurrentMemoryContext};
	char		relkind;
	int			nestlevel;

	LockRelationOid(relid, AccessShareLock);
	relkind = get_rel_relkind(relid);
	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE &&
		relkind != RELKIND_MATVIEW)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 relkind == '\0' ?
				 errmsg("there is no table with OID %u", relid) :
				 errmsg("%s is not a table", relation_display_name(relid)),
				 errdetail("Only what holds rows of its own has a checksum."),
				 errhint("Name a table or a materialized view.")));
	relation_require(relid, ACL_SELECT);

	nestlevel = NewGUCNestLevel();
	pin_output_settings();
	query_each(psprintf("SELECT count(*),"
						" coalesce(sum(hashtextextended((t.*)::text COLLATE \"C\", 0)), 0)::text"
						" FROM %s t", relation_quoted_name(relid)),
			   NULL, fetch_checksum, &state);
	AtEOXact_GUC(false, nestlevel);

	return state.result;
}

bool
table_checksum_equal(const TableChecksum *a, const TableChecksum *b)
{
	return a->rows == b->rows && strcmp(a->checksum, b->checksum) == 0;
}

/* The text of a value must not depend on who asks. */
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
		(void) set_config_option(settings[i][0], settings[i][1],
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
								 true, 0, false);
}

static void
fetch_checksum(TupleTableSlot *slot, void *arg)
{
	ChecksumState *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);

	state->result.rows = slot_int8(slot, 0);
	state->result.checksum = TextDatumGetCString(slot->tts_values[1]);
	MemoryContextSwitchTo(old);
}
