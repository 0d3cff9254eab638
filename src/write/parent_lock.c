/*-------------------------------------------------------------------------
 *
 * parent_lock.c
 *	  Checking references as a foreign key's trigger would: see
 *	  parent_lock.h.
 *
 * The trigger locks the referenced row once for each new item.  A group has
 * many items and a dish is in many groups, so locking each row only once has the
 * same effect and is much faster.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/format.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "base/table_lock.h"
#include "write/parent_lock.h"

/* Ids per statement: few enough that their hash table stays in a near cache. */
#define IDS_PER_STATEMENT 4096

/* The ids of one statement, and which of them are locked. */
typedef struct LockedIds
{
	const int64 *ids;			/* sorted */
	int			n;
	bool	   *locked;
	int			next;			/* the one that is probably next */
} LockedIds;

/* What parent_lock_rows() was asked for. */
typedef struct ParentRows
{
	const Target *target;
	const ParentTable *parent;
	Oid			constraint;
	const char *column;
	const int64 *ids;
	int			n;
} ParentRows;

static void lock_in_statements(void *arg);
pg_noreturn static void raise_missing(const ParentRows *rows, const LockedIds *state, uint64 missing);
static void mark_locked(TupleTableSlot *slot, void *arg);
static int	first_missing(const LockedIds *state);


void
parent_lock_rows(const Target *target, const ParentTable *parent,
				 Oid constraint, const char *column, const int64 *ids, int n)
{
	ParentRows	rows = {target, parent, constraint, column, ids, n};
	OwnerContext caller = owner_become(parent->oid);

	table_lock_rows(parent->oid, lock_in_statements, &rows, "Nothing of this transaction was written.");
	owner_return(&caller);
}

static void
lock_in_statements(void *arg)
{
	const ParentRows *rows = arg;
	const ParentTable *parent = rows->parent;

	/*
	 * Operators and types are qualified, because the search_path is the
	 * caller's. The range, which the ids imply, keeps each statement to its
	 * part of the table.
	 */
	char	   *sql = psprintf("SELECT p.%s::pg_catalog.int8"
							   " FROM pg_catalog.unnest($1::pg_catalog.int8[]) AS v(id)"
							   " JOIN ONLY %s p ON p.%s OPERATOR(pg_catalog.=) v.id"
							   " WHERE p.%s OPERATOR(pg_catalog.>=) $2 AND p.%s OPERATOR(pg_catalog.<=) $3"
							   " FOR KEY SHARE OF p",
							   parent->id, parent->name, parent->id, parent->id, parent->id);

	for (int start = 0; start < rows->n; start += IDS_PER_STATEMENT)
	{
		QueryArgs	args = {0};
		LockedIds	state = {.ids = rows->ids + start,.n = Min(IDS_PER_STATEMENT, rows->n - start)};
		Datum		array = query_int8_array(state.ids, NULL, state.n);
		uint64		locked;

		state.locked = palloc0(sizeof(bool) * state.n);
		query_arg(&args, INT8ARRAYOID, array, false);
		query_arg_int8(&args, state.ids[0]);
		query_arg_int8(&args, state.ids[state.n - 1]);
		locked = query_write(sql, &args, mark_locked, &state);
		if (locked != (uint64) state.n)
			raise_missing(rows, &state, state.n - locked);
		pfree(state.locked);
		pfree(DatumGetPointer(array));
	}
	pfree(sql);
}

/* As the foreign key would. */
static void
raise_missing(const ParentRows *rows, const LockedIds *state, uint64 missing)
{
	ereport(ERROR,
			(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
			 errmsg("insert or update on table \"%s\" violates foreign key constraint \"%s\"",
					rows->target->junction->name, get_constraint_name(rows->constraint)),
			 errdetail("Key (%s)=(" INT64_FORMAT ") is not present in table \"%s\". Nothing of this transaction was written.",
					   rows->column, state->ids[first_missing(state)], rows->parent->bare_name),
			 errhint("Other sessions have deleted %s that the plan refers to, or changed their ids. Call the function again: it makes a new plan from the rows that exist now.",
					 format_things(missing, "row")),
			 errtableconstraint(relation_open_locked(rows->target->table.oid),
								get_constraint_name(rows->constraint))));
}

static void
mark_locked(TupleTableSlot *slot, void *arg)
{
	LockedIds  *state = arg;
	int64		id = slot_int8(slot, 0);
	int			low = 0;
	int			high = state->n;

	if (state->next < state->n && state->ids[state->next] == id)
		low = high = state->next;
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (state->ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	Assert(low < state->n && state->ids[low] == id);
	state->locked[low] = true;
	state->next = low + 1;
}

static int
first_missing(const LockedIds *state)
{
	int			i = 0;

	while (i < state->n - 1 && state->locked[i])
		i++;
	return i;
}
