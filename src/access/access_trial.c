/*-------------------------------------------------------------------------
 *
 * access_trial.c
 *	  The matrix of a table inside the transaction that changes it: see
 *	  access_trial.h.
 *
 * The policies of other tables may read the table, through its own policies: a row
 * that it hides from a role by now may be one that their conditions look for.  So
 * their matrix is tried, too.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "access/access_cell.h"
#include "access/access_matrix.h"
#include "access/access_trial.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/settings.h"

static List *dependants_of(const WantedAccess *wanted);
static void judge_cell(AccessTrial *trial, const AccessCell *cell, const WantedAccess *wanted, const List *before);
static bool is_failure(const AccessCell *cell);
static bool failed_before(const AccessCell *cell, const List *before);
static bool waited_too_long(const AccessCell *cell);
static char *cell_text(const AccessCell *cell, const char *table);


List *
access_trial_dependants(const WantedAccess *wanted)
{
	List	   *names = dependants_of(wanted);
	List	   *failures = NIL;
	ListCell   *lc;

	if (names == NIL)
		return NIL;
	foreach(lc, access_matrix(names))
	{
		if (is_failure(lfirst(lc)))
			failures = lappend(failures, lfirst(lc));
	}
	return failures;
}

/* A matrix takes megabytes, and there is one for each table: only its result is kept. */
AccessTrial
access_trial_changed(const WantedAccess *wanted, const List *before)
{
	AccessTrial trial = {0};
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext, "menuca matrix of a table", ALLOCSET_DEFAULT_SIZES);
	MemoryContext context = MemoryContextSwitchTo(work);
	List	   *cells;
	ListCell   *lc;

	/* What the matrix reads in the catalog is as it was changed just now. */
	query_begin_snapshot();
	cells = access_matrix(lcons(wanted->table, dependants_of(wanted)));
	query_end_snapshot();
	MemoryContextSwitchTo(context);
	foreach(lc, cells)
		judge_cell(&trial, lfirst(lc), wanted, before);
	MemoryContextDelete(work);
	return trial;
}

static void
judge_cell(AccessTrial *trial, const AccessCell *cell, const WantedAccess *wanted, const List *before)
{
	bool		is_own = strcmp(cell->table, wanted->table) == 0;

	if (is_own && cell->status == CHECK_SKIP)
		trial->skipped = lappend(trial->skipped, cell_text(cell, wanted->table));
	else
		trial->cells++;
	if (!is_failure(cell) || (!is_own && failed_before(cell, before)))
		return;

	/*
	 * What nobody has decided about is only closed, so an error opens
	 * nothing.
	 */
	if (is_own && wanted->coverage != COVER_WANTED && cell->status == CHECK_ERROR)
		return;
	trial->failures = lappend(trial->failures, cell_text(cell, wanted->table));
	trial->waited |= waited_too_long(cell);
}

/*
 * The names of the tables, as menuca_wanted_access has them, whose policies read this
 * one, directly or through those of other tables; policies that this statement has made
 * are among them.
 */
static List *
dependants_of(const WantedAccess *wanted)
{
	QueryArgs	args = {0};
	List	   *names;

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg_text(&args, menuca_target_schema);
	query_begin_snapshot();
	names = query_texts(psprintf("WITH RECURSIVE dependants(oid) AS ("
								 "SELECT table_oid FROM %1$smenuca_policy_reference WHERE referenced_oid = $1"
								 " UNION SELECT r.table_oid FROM %1$smenuca_policy_reference r JOIN dependants d ON r.referenced_oid = d.oid)"
								 " SELECT w.table_name FROM %1$smenuca_wanted_access w JOIN pg_class c ON c.relname = w.table_name"
								 " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $2"
								 " WHERE w.wanted AND c.oid <> $1 AND c.oid IN (SELECT oid FROM dependants)"
								 " ORDER BY w.table_name", migrate_schema()), &args);
	query_end_snapshot();
	return names;
}

static bool
is_failure(const AccessCell *cell)
{
	return cell->status == CHECK_FAIL || cell->status == CHECK_ERROR;
}

/* The same result as before is not the change's. */
static bool
failed_before(const AccessCell *cell, const List *before)
{
	const ListCell *lc;

	foreach(lc, before)
	{
		const AccessCell *other = lfirst(lc);

		if (strcmp(cell->table, other->table) == 0 && strcmp(cell->kind, other->kind) == 0 &&
			strcmp(cell->command, other->command) == 0 && strcmp(cell->row, other->row) == 0 &&
			cell->actual && other->actual && strcmp(cell->actual, other->actual) == 0)
			return true;
	}
	return false;
}

/* SQLSTATEs of a lock timeout and of a deadlock. */
static bool
waited_too_long(const AccessCell *cell)
{
	return cell->actual && (strstr(cell->actual, "55P03") || strstr(cell->actual, "40P01"));
}

/* table: the one that was changed */
static char *
cell_text(const AccessCell *cell, const char *table)
{
	bool		is_own = strcmp(cell->table, table) == 0;

	return psprintf("%s%s%s %s, row %s: expected %s, actual %s%s%s%s",
					is_own ? "" : cell->table, is_own ? "" : ": ", cell->kind, cell->command, cell->row,
					cell->expected, cell->actual ? cell->actual : "not tried",
					cell->detail ? " (" : "", cell->detail ? cell->detail : "", cell->detail ? ")" : "");
}
