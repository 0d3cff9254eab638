/*-------------------------------------------------------------------------
 *
 * new_rows.c
 *	  Inserting rows by a statement: see new_rows.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "base/compare.h"
#include "base/content_hash.h"
#include "base/format.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "base/table_lock.h"
#include "write/new_rows.h"

static void add_returned_key(TupleTableSlot *slot, void *arg);
static int	read_rows_back(const KeyedTable *table, const int64 *keys, int n,
						   KeyedRow *rows);
static void add_read_row(TupleTableSlot *slot, void *arg);
pg_noreturn static void raise_other_rows(const char *what);
static int	compare_row_keys(const void *a, const void *b);

/* The keys that an INSERT returned. */
typedef struct KeyList
{
	int64	   *keys;
	int			n;				/* so far */
	int			size;			/* of keys */
} KeyList;


void
new_rows_insert(const KeyedTable *table, const char *sql, QueryArgs *args,
				const char *noun, KeyedRow *rows, int n)
{
	KeyList		list = {palloc(sizeof(int64) * n), 0, n};
	MemoryContext context = CurrentMemoryContext;
	volatile uint64 inserted = 0;
	int			found;

	PG_TRY();
	{
		inserted = query_write(sql, args, add_returned_key, &list);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		table_lock_advise(error, table->name, "Nothing of this batch was written.");
		ReThrowError(error);
	}
	PG_END_TRY();
	if (inserted != (uint64) n)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("%s of %s were not inserted into table %s",
						format_count(n - inserted), format_things(n, noun), table->display_name),
				 errdetail("A trigger or rule of the table discarded them, so before + inserted = after would not hold. Nothing of this batch was written."),
				 errhint("Look at the BEFORE INSERT triggers of %s.", table->display_name)));

	/* The ledger records the rows as they are after triggers and defaults. */
	query_begin_snapshot();
	found = read_rows_back(table, list.keys, n, rows);
	query_end_snapshot();
	if (found > n)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("%s of table %s %s the same %s as a new one", format_things(found - n, "row"),
						table->display_name, found - n == 1 ? "has" : "have", table->id),
				 errdetail("A rollback deletes by that key and would take them along. Nothing of this batch of %s was written.",
						   format_things(n, noun)),
				 errhint("Rows on other servers, or of tables that inherit from this one, have keys that its default has yet to hand out. Let it begin after the greatest: SELECT max(%s) FROM %s;",
						 table->id, table->name)));
	if (found != n)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("%s of %s are not in table %s after they were inserted",
						format_count(n - found), format_things(n, noun), table->display_name),
				 errdetail("A rule or a trigger of the table put them elsewhere, or deleted them. Nothing of this batch was written."),
				 errhint("Look at the rules and the INSERT triggers of %s.", table->display_name)));

	pfree(list.keys);
}

static void
add_returned_key(TupleTableSlot *slot, void *arg)
{
	KeyList    *list = arg;

	if (list->n == list->size || slot->tts_isnull[0])
		raise_other_rows("INSERT returned more rows than it was given, or one without its key");
	list->keys[list->n++] = slot_int8(slot, 0);
}

/* State of read_rows_back(). */
typedef struct ReadBackState
{
	ContentHasher *hasher;
	KeyedRow   *rows;
	int			n;
	int			size;
} ReadBackState;

/* Reads the rows of n keys and hashes them; returns the number of rows. */
static int
read_rows_back(const KeyedTable *table, const int64 *keys, int n, KeyedRow *rows)
{
	QueryArgs	args = {0};
	ReadBackState state = {content_hasher(table->oid, 1), rows, 0, n};

	query_arg(&args, INT8ARRAYOID, query_int8_array(keys, NULL, n), false);
	query_each(psprintf("SELECT i.%s::int8, i.* FROM %s i WHERE i.%s = ANY ($1)",
						table->id, table->name, table->id),
			   &args, add_read_row, &state);
	return state.n;
}

static void
add_read_row(TupleTableSlot *slot, void *arg)
{
	ReadBackState *state = arg;

	/* More rows have the new keys: only their number is wanted. */
	if (state->n < state->size)
	{
		state->rows[state->n].key = slot_int8(slot, 0);
		state->rows[state->n].hash = content_hash(state->hasher, slot);
	}
	state->n++;
}

static void
raise_other_rows(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_INTEGRITY),
			 errmsg("%s", what),
			 errdetail("A rule or a trigger of the table writes other rows. Nothing of this batch was written."),
			 errhint("Look at its rules and its INSERT triggers.")));
}

char *
new_rows_next_key(const KeyedTable *table)
{
	return psprintf("((SELECT COALESCE(pg_catalog.max(m.%s), 0) FROM %s m)"
					" OPERATOR(pg_catalog.+) v.number)::%s",
					table->id, table->name, table->id_type);
}

void
new_rows_sort(KeyedRow *rows, int n)
{
	qsort(rows, n, sizeof(KeyedRow), compare_row_keys);
}

static int
compare_row_keys(const void *a, const void *b)
{
	return compare_int8(&((const KeyedRow *) a)->key, &((const KeyedRow *) b)->key);
}
