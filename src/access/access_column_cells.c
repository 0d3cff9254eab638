/*-------------------------------------------------------------------------
 *
 * access_column_cells.c
 *	  The cells of a table's matrix that need no row: see access_column_cells.h.
 *
 * Rights are asked for when a statement begins, so that it need not find a row.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/access_column_cells.h"
#include "access/access_privileges.h"
#include "access/trial_columns.h"
#include "access/wanted_access.h"
#include "base/relation.h"

static void test_writing(TableMatrix *matrix, const char *column, bool may_update);
static char *reading(const char *columns, const char *table);
static char *updating(const char *column, const char *table);
static char *inserting(const char *column, const char *table);
static bool is_insertable(const WantedAccess *wanted, const char *column);
static bool accepts_values(Oid relid, const char *column);


void
access_column_cells_test(TableMatrix *matrix)
{
	const char *table = relation_quoted_name(matrix->wanted->relid);
	ListCell   *lc;

	/*
	 * Only the admin reads hidden columns, whoever owns the row, and writes
	 * them.
	 */
	foreach(lc, matrix->wanted->hidden)
	{
		const char *column = lfirst(lc);

		for (int kind = 0; kind < KINDS; kind++)
			access_cell_try(matrix, kind, "select", psprintf("column %s", column),
							reading(psprintf("pg_catalog.count(%s)", column), table),
							kind == KIND_ADMIN && (matrix->wanted->admin_may & ACL_SELECT), true);
		test_writing(matrix, column, false);
	}
	foreach(lc, matrix->wanted->read_only)
		test_writing(matrix, lfirst(lc), false);
	foreach(lc, matrix->wanted->writable)
		test_writing(matrix, lfirst(lc), true);
}

/* Rights on columns are a role's, whatever its claims. */
static void
test_writing(TableMatrix *matrix, const char *column, bool may_update)
{
	static const RequesterKind kinds[] = {KIND_PUBLIC, KIND_TENANT, KIND_ADMIN};
	const WantedAccess *wanted = matrix->wanted;
	const char *table = relation_quoted_name(wanted->relid);
	bool		may_insert = !wanted->limits_insert || is_insertable(wanted, column);

	if (!accepts_values(wanted->relid, column))
		return;
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		RequesterKind kind = kinds[i];
		AclMode		may = wanted_access_of_role(wanted, access_requester_role(kind));
		const char *row = psprintf("column %s", column);

		/*
		 * Where a role may write no row at all, a right on columns is of no
		 * use.
		 */
		if (may & ACL_UPDATE)
			access_cell_try(matrix, kind, "update", row, updating(column, table),
							may_update || kind == KIND_ADMIN, true);
		if (may & ACL_INSERT)
			access_cell_try(matrix, kind, "insert", row, inserting(column, table),
							may_insert || kind == KIND_ADMIN, true);
	}
}

void
access_column_cells_test_part(TableMatrix *matrix)
{
	const char *table = relation_quoted_name(matrix->wanted->relid);

	/* What writes to a foreign table could connect to its server. */
	char	   *column = matrix->wanted->foreign ? NULL : trial_columns_to_update(matrix->wanted);

	for (int kind = 0; kind < KIND_ADMIN; kind++)
	{
		access_cell_try(matrix, kind, "select", "directly", reading("pg_catalog.count(*)", table), false, true);
		if (column)
			access_cell_try(matrix, kind, "insert", "directly", inserting(column, table), false, true);
		if (column)
			access_cell_try(matrix, kind, "update", "directly", updating(column, table), false, true);
		access_cell_try(matrix, kind, "delete", "directly",
						psprintf("WITH it AS (DELETE FROM %s WHERE false) SELECT 1::pg_catalog.int8", table),
						false, true);
	}
}

void
access_column_cells_test_unbound(TableMatrix *matrix)
{
	static const RequesterKind visitors[] = {KIND_PUBLIC, KIND_TENANT};

	for (size_t i = 0; i < lengthof(visitors); i++)
	{
		RequesterKind kind = visitors[i];
		ListCell   *lc;

		foreach(lc, access_privileges_unbound(matrix->wanted->relid, access_requester_role(kind)))
		{
			const UnboundPrivilege *privilege = lfirst(lc);

			access_cell_add(matrix, kind, privilege->command, "all", false,
							privilege->is_granted ? CHECK_FAIL : CHECK_PASS,
							privilege->is_granted ? "allowed (granted)" : "refused (not granted)",
							privilege->is_granted ? privilege->remedy : NULL);
		}
	}
}

static char *
reading(const char *columns, const char *table)
{
	return psprintf("SELECT 1::pg_catalog.int8 FROM (SELECT %s FROM %s WHERE false) AS it", columns, table);
}

static char *
updating(const char *column, const char *table)
{
	return psprintf("WITH it AS (UPDATE %s SET %s = DEFAULT WHERE false) SELECT 1::pg_catalog.int8", table, column);
}

static char *
inserting(const char *column, const char *table)
{
	return psprintf("WITH it AS (INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT NULL WHERE false)"
					" SELECT 1::pg_catalog.int8", table, column);
}

static bool
is_insertable(const WantedAccess *wanted, const char *column)
{
	const ListCell *lc;

	foreach(lc, wanted->insertable)
	{
		if (strcmp(lfirst(lc), column) == 0)
			return true;
	}
	return false;
}

/* False for a generated column, which nobody can write. */
static bool
accepts_values(Oid relid, const char *column)
{
	ListCell   *lc;

	foreach(lc, trial_columns_of(relid))
	{
		if (strcmp(((TrialColumn *) lfirst(lc))->name, column) == 0)
			return true;
	}
	return false;
}
