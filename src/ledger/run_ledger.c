/*-------------------------------------------------------------------------
 *
 * run_ledger.c
 *	  The ledger: see run_ledger.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "ledger/run_damage.h"
#include "ledger/run_ledger.h"

/* The columns of a run r that make_run() expects; %s is the ledger's schema. */
#define RUN_COLUMNS \
	"r.run_id, r.kind, r.target_schema, r.target, r.source, r.mode," \
	" r.status, r.items_before, r.checksum_before, r.inserted," \
	" (SELECT coalesce(max(b.batch_no), 0) FROM %smenuca_run_batch b" \
	"  WHERE b.run_id = r.run_id), r.part_of"

/* The tables that hold each kind of rows. */
static const struct
{
	const char *table;
	const char *number_column;
}			row_tables[] = {
	[RUN_BASELINE] = {"menuca_run_baseline", "chunk_no"},
	[RUN_INSERTED] = {"menuca_run_batch", "batch_no"}
};

static void take_run_id(TupleTableSlot *slot, void *arg);
static void *make_run(TupleTableSlot *slot);
static char *keys_literal(const KeyedRow *rows, int n);
static void unpack_chunk(TupleTableSlot *slot, void *arg);
pg_noreturn static void raise_other_keys(int64 n);
pg_noreturn static void raise_changed(const Run *run, const char *column, const char *key);


void
run_require_rights(void)
{
	static const char *const tables[] = {
		"menuca_run", "menuca_run_baseline", "menuca_run_batch"
	};

	for (size_t i = 0; i < lengthof(tables); i++)
		(void) migrate_require_table(tables[i], ACL_SELECT);
}

int64
run_begin(const RunStart *start)
{
	QueryArgs	args = {0};
	int64		run_id = 0;

	query_arg_text(&args, start->kind);
	query_arg_text(&args, start->target_schema);
	query_arg_text(&args, start->target);
	query_arg_text(&args, start->source);
	query_arg_text(&args, start->mode);
	query_arg_text(&args, start->engine);
	query_arg_json(&args, start->parameters);
	query_arg_json(&args, start->outcomes);
	query_arg_json(&args, start->figures_before);
	query_arg_int8(&args, start->items_before);
	query_arg_int8(&args, (int64) start->checksum_before);
	query_arg(&args, INT8OID, Int64GetDatum(start->part_of), start->part_of == 0);

	migrate_write("menuca_run",
				  psprintf("INSERT INTO %smenuca_run (kind, target_schema, target, source,"
						   " mode, engine, status, parameters, outcomes,"
						   " figures_before, items_before, checksum_before, part_of)"
						   " VALUES ($1, $2, $3, $4, $5, $6, 'running', $7, $8, $9, $10, $11, $12)"
						   " RETURNING run_id", migrate_schema()),
				  &args, take_run_id, &run_id);
	if (run_id == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the ledger did not record the new run"),
				 errdetail("Nothing was changed."),
				 errhint("The ledger's tables should have no trigger and no rule: find out which one they have.")));
	return run_id;
}

void
run_add_rows(int64 run_id, RunRows which, int number, const KeyedRow *rows,
			 int n)
{
	QueryArgs	args = {0};
	bytea	   *hashes = palloc(VARHDRSZ + sizeof(uint64) * n);
	uint64		checksum = 0;

	SET_VARSIZE(hashes, VARHDRSZ + sizeof(uint64) * n);
	for (int i = 0; i < n; i++)
	{
		memcpy(VARDATA(hashes) + sizeof(uint64) * i, &rows[i].hash, sizeof(uint64));
		checksum += rows[i].hash;
	}

	query_arg_int8(&args, run_id);
	query_arg(&args, INT4OID, Int32GetDatum(number), false);
	query_arg_int8(&args, n);
	query_arg_text(&args, keys_literal(rows, n));
	query_arg(&args, BYTEAOID, PointerGetDatum(hashes), false);
	query_arg_int8(&args, (int64) checksum);

	if (which == RUN_BASELINE)
	{
		args.count--;			/* a chunk has no checksum of its own */
		migrate_write("menuca_run_baseline",
					  psprintf("INSERT INTO %smenuca_run_baseline (run_id, chunk_no, row_count, keys, row_hashes)"
							   " VALUES ($1, $2, $3, $4::pg_catalog.int8multirange, $5)",
							   migrate_schema()),
					  &args, NULL, NULL);
	}
	else
	{
		migrate_write("menuca_run_batch",
					  psprintf("INSERT INTO %smenuca_run_batch (run_id, batch_no, row_count, keys, row_hashes, checksum)"
							   " VALUES ($1, $2, $3, $4::pg_catalog.int8multirange, $5, $6)",
							   migrate_schema()),
					  &args, NULL, NULL);
		run_damage_refuse_gone(run_id);
		args.count = 0;
		query_arg_int8(&args, run_id);
		query_arg_int8(&args, n);
		migrate_write("menuca_run",
					  psprintf("UPDATE %smenuca_run SET inserted = inserted OPERATOR(pg_catalog.+) $2"
							   " WHERE run_id OPERATOR(pg_catalog.=) $1", migrate_schema()),
					  &args, NULL, NULL);
	}
	pfree(hashes);
}

void
run_finish(int64 run_id, const RunEnd *end)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, run_id);
	query_arg_text(&args, end->status);
	query_arg_json(&args, end->figures_after);
	query_arg_text(&args, end->gate_message);
	query_arg_int8(&args, end->items_after);
	query_arg_text(&args, end->engine);

	/* The engine of a run is native only when all of its parts were. */
	migrate_write("menuca_run",
				  psprintf("UPDATE %smenuca_run SET status = $2, figures_after = $3,"
						   " gate_message = $4, items_after = $5,"
						   " engine = CASE WHEN engine OPERATOR(pg_catalog.=) 'native' THEN $6 ELSE engine END,"
						   " finished_at = pg_catalog.clock_timestamp()"
						   " WHERE run_id OPERATOR(pg_catalog.=) $1", migrate_schema()),
				  &args, NULL, NULL);
	run_damage_refuse_end(run_id, end->status);
}

void
run_mark_rolled_back(int64 run_id, const char *figures)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, run_id);
	query_arg_json(&args, figures);
	migrate_write("menuca_run",
				  psprintf("UPDATE %smenuca_run SET status = 'rolled_back',"
						   " rolled_back_by = session_user,"
						   " rolled_back_at = pg_catalog.clock_timestamp(), note = NULL,"
						   " rollback_took = pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.statement_timestamp(),"
						   " figures_after = CASE pg_catalog.jsonb_typeof(figures_after) WHEN 'object' THEN figures_after ELSE '{}' END"
						   " OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object('rollback', $2)"
						   " WHERE run_id OPERATOR(pg_catalog.=) $1", migrate_schema()),
				  &args, NULL, NULL);
	run_damage_refuse_end(run_id, "rolled_back");
}

int64
run_argument(FunctionCallInfo fcinfo, int place, const char *remedy)
{
	if (PG_ARGISNULL(place))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("run id must not be NULL"),
				 errdetail("Nothing was changed."),
				 errhint("%s", remedy)));
	return PG_GETARG_INT64(place);
}

Run *
run_find(int64 run_id)
{
	QueryArgs	args = {0};
	List	   *runs;

	query_arg_int8(&args, run_id);
	runs = query_list(psprintf("SELECT " RUN_COLUMNS " FROM %smenuca_run r WHERE r.run_id = $1",
							   migrate_schema(), migrate_schema()),
					  &args, make_run);

	if (runs == NIL && run_damage_is_lost(run_id))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the ledger has lost run %lld", (long long) run_id),
				 errdetail("It has rows that the run inserted, but somebody has deleted the run itself from menuca_run. Nothing was changed."),
				 errhint("%s", migrate_call("Restore table menuca_run from a backup, then call this again."))));
	if (runs == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("run %lld does not exist", (long long) run_id),
				 errdetail("The ledger has no such run. A dry run is never in the ledger, because it writes nothing."),
				 errhint("%s", migrate_call("SELECT run_id, status, inserted, started_at FROM menuca_runs ORDER BY 1;"))));
	if (list_length(runs) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the ledger is damaged: menuca_run has %d rows of run %lld",
						list_length(runs), (long long) run_id),
				 errhint("Somebody wrote to the ledger. Restore it from a backup before you rely on it.")));
	return linitial(runs);
}

List *
run_parts(int64 run_id)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, run_id);
	return query_list(psprintf("SELECT " RUN_COLUMNS " FROM %smenuca_run r"
							   " WHERE r.part_of = $1 AND r.run_id > $1 AND r.status <> 'rolled_back' ORDER BY r.run_id DESC",
							   migrate_schema(), migrate_schema()),
					  &args, make_run);
}

List *
run_list_in_effect(const char *schema, const char *table)
{
	QueryArgs	args = {0};

	query_arg_text(&args, schema);
	query_arg_text(&args, table);
	return query_list(psprintf("SELECT " RUN_COLUMNS " FROM %smenuca_run r"
							   " WHERE r.target_schema = $1 AND r.target = $2 AND r.inserted > 0"
							   " AND r.status IN ('completed', 'gate_failed') ORDER BY r.run_id DESC",
							   migrate_schema(), migrate_schema()),
					  &args, make_run);
}

/* State of run_key_range(). */
typedef struct KeyRange
{
	bool		found;
	int64		least;
	int64		beyond;
} KeyRange;

static void
store_key_range(TupleTableSlot *slot, void *arg)
{
	KeyRange   *range = arg;

	range->found = !slot->tts_isnull[0] && !slot->tts_isnull[1];
	if (!range->found)
		return;
	range->least = slot_int8(slot, 0);
	range->beyond = slot_int8(slot, 1);
}

bool
run_key_range(const Run *run, RunRows which, int64 *least, int64 *beyond)
{
	QueryArgs	args = {0};
	KeyRange	range = {0};

	query_arg_int8(&args, run->id);
	query_each(psprintf("SELECT min(lower(keys)), max(upper(keys)) FROM %s%s WHERE run_id = $1",
						migrate_schema(), row_tables[which].table), &args, store_key_range, &range);
	*least = range.least;
	*beyond = range.beyond;
	return range.found;
}

List *
run_list_undone_since(const Run *run)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, run->id);
	return query_list(psprintf("SELECT " RUN_COLUMNS " FROM %smenuca_run r"
							   " JOIN %smenuca_run n ON n.run_id = $1 AND n.target_schema = r.target_schema AND n.target = r.target"
							   " WHERE r.status = 'rolled_back' AND r.run_id < $1 AND r.inserted > 0"
							   " AND r.rolled_back_at >= n.started_at",
							   migrate_schema(), migrate_schema(), migrate_schema()),
					  &args, make_run);
}

bool
run_has_figure_before(const Run *run, const char *path)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, run->id);
	query_arg_text(&args, path);
	return query_bool(psprintf("SELECT figures_before #> $2::text[] IS NOT NULL FROM %smenuca_run WHERE run_id = $1",
							   migrate_schema()), &args);
}

uint64
run_figure_before(const Run *run, const char *path)
{
	QueryArgs	args = {0};
	char	   *text;
	char	   *end;
	uint64		count;

	query_arg_int8(&args, run->id);
	query_arg_text(&args, path);
	text = query_text(psprintf("SELECT figures_before #>> $2::text[] FROM %smenuca_run WHERE run_id = $1",
							   migrate_schema()), &args);
	if (text == NULL || !isdigit((unsigned char) text[0]))
		raise_changed(run, "figures_before", path);
	count = strtou64(text, &end, 10);
	if (*end != '\0')
		raise_changed(run, "figures_before", path);
	return count;
}

char *
run_parameter(const Run *run, const char *name)
{
	QueryArgs	args = {0};
	char	   *text;

	query_arg_int8(&args, run->id);
	query_arg_text(&args, name);
	text = query_text(psprintf("SELECT parameters ->> $2 FROM %smenuca_run WHERE run_id = $1",
							   migrate_schema()), &args);
	if (text == NULL)
		raise_changed(run, "parameters", name);
	return text;
}

double
run_parameter_number(const Run *run, const char *name)
{
	char	   *text = run_parameter(run, name);
	char	   *end;
	double		number = strtod(text, &end);

	if (end == text || *end != '\0' || !isfinite(number))
		raise_changed(run, "parameters", name);
	return number;
}

static void
raise_changed(const Run *run, const char *column, const char *key)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("the ledger of run %lld is damaged: %s in its column %s is missing or of another kind",
					(long long) run->id, key, column),
			 errdetail("Somebody has changed the row of the run. Nothing was changed by this call."),
			 errhint("%s", migrate_call("Restore table menuca_run from a backup; to see what the run inserted: SELECT * FROM menuca_rollback(%lld);",
										(long long) run->id))));
}

/* State of run_each_row(). */
typedef struct ChunkState
{
	RunRowFn	fn;
	void	   *arg;
	uint64		rows;
	uint64		checksum;
	uint64		chunk_checksums;	/* sum of those recorded with the chunks */
} ChunkState;

void
run_each_row(const Run *run, RunRows which, RunRowFn fn, void *arg)
{
	QueryArgs	args = {0};
	ChunkState	state = {
		.fn = fn,
		.arg = arg
	};
	uint64		rows = which == RUN_BASELINE ? run->items_before : run->inserted;

	query_arg_int8(&args, run->id);
	query_each(psprintf("SELECT row_count, keys::text, row_hashes, %s FROM %s%s"
						" WHERE run_id = $1 ORDER BY %s",
						which == RUN_BASELINE ? "0::int8" : "checksum",
						migrate_schema(), row_tables[which].table,
						row_tables[which].number_column),
			   &args, unpack_chunk, &state);

	if (state.rows != rows ||
		state.checksum != (which == RUN_BASELINE ? run->checksum_before : state.chunk_checksums))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the ledger of run %lld is damaged", (long long) run->id),
				 errdetail("Table %s holds %s of the run's %s, or their hashes do not match its checksum.",
						   row_tables[which].table, format_count(state.rows),
						   format_things(rows, "row")),
				 errhint("Somebody wrote to the ledger. Restore it from a backup before you rely on it.")));
}

static void
take_run_id(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = slot_int8(slot, 0);
}

static void *
make_run(TupleTableSlot *slot)
{
	Run		   *run = palloc0(sizeof(Run));

	run->id = slot_int8(slot, 0);
	run->kind = slot_text(slot, 1);
	run->target_schema = slot_text(slot, 2);
	run->target = slot_text(slot, 3);
	run->source = slot_text(slot, 4);
	run->mode = slot_text(slot, 5);
	run->status = slot_text(slot, 6);
	run->items_before = slot_int8(slot, 7);
	run->checksum_before = (uint64) slot_int8(slot, 8);
	run->inserted = slot_int8(slot, 9);
	run->batches = slot_int4(slot, 10);
	run->part_of = slot->tts_isnull[11] ? 0 : slot_int8(slot, 11);
	return run;
}

/* Sorted keys as the text of an int8multirange: "{[1,4),[7,8)}". */
static char *
keys_literal(const KeyedRow *rows, int n)
{
	StringInfoData buf;
	int			end;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '{');
	for (int start = 0; start < n; start = end)
	{
		for (end = start + 1; end < n && rows[end].key == rows[end - 1].key + 1; end++)
			 /* find the end of the range */ ;
		appendStringInfo(&buf, "%s[" INT64_FORMAT "," INT64_FORMAT "]",
						 start > 0 ? "," : "", rows[start].key, rows[end - 1].key);
	}
	appendStringInfoChar(&buf, '}');
	return buf.data;
}

/* Reads the ranges of a chunk's keys, and a hash for each key. */
static void
unpack_chunk(TupleTableSlot *slot, void *arg)
{
	ChunkState *state = arg;
	int64		n = slot_int8(slot, 0);
	char	   *keys = slot_text(slot, 1);
	bytea	   *hashes = DatumGetByteaPP(slot_datum(slot, 2, BYTEAOID));
	char	   *p = keys + 1;
	int64		i = 0;

	/* A product of n could overflow. */
	if (n < 0 || VARSIZE_ANY_EXHDR(hashes) % sizeof(uint64) != 0 ||
		(uint64) n != VARSIZE_ANY_EXHDR(hashes) / sizeof(uint64))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the ledger is damaged: a chunk of " INT64_FORMAT " rows holds %zu bytes of hashes",
						n, (size_t) VARSIZE_ANY_EXHDR(hashes)),
				 errhint("Somebody wrote to the ledger. Restore it from a backup before you rely on it.")));

	while (*p == '[')
	{
		int64		key = strtoll(p + 1, &p, 10);
		int64		end = strtoll(p + 1, &p, 10);	/* exclusive */

		for (; key < end; key++, i++)
		{
			KeyedRow	row = {.key = key};

			CHECK_FOR_INTERRUPTS();
			if (i == n)
				raise_other_keys(n);
			memcpy(&row.hash, VARDATA_ANY(hashes) + sizeof(uint64) * i, sizeof(uint64));
			state->checksum += row.hash;
			state->fn(&row, state->arg);
		}
		p++;					/* the closing parenthesis */
		if (*p == ',')
			p++;
	}

	if (i != n || *p != '}')
		raise_other_keys(n);
	state->rows += n;
	state->chunk_checksums += (uint64) slot_int8(slot, 3);
}

static void
raise_other_keys(int64 n)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("the ledger is damaged: a chunk of " INT64_FORMAT " rows has another number of keys", n),
			 errhint("Somebody wrote to the ledger. Restore it from a backup before you rely on it.")));
}
