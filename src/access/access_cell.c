/*-------------------------------------------------------------------------
 *
 * access_cell.c
 *	  The cells of the matrix of one table: see access_cell.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"

#include "access/access_cell.h"
#include "access/access_privileges.h"
#include "base/attempt.h"
#include "base/query.h"
#include "base/sqlstate.h"

static bool is_by_trigger(Oid relid, const ErrorData *error);


void
access_cell_try(TableMatrix *matrix, RequesterKind kind, const char *command, const char *row,
				const char *sql, bool allowed, bool few)
{
	List	   *claims = access_requester_claims(&matrix->world, matrix->wanted, kind, few);
	bool		is_insert = strncmp(command, "insert", 6) == 0 && strncmp(row, "column", 6) != 0;
	bool		is_write = strncmp(command, "select", 6) != 0 && strstr(command, "delete") == NULL;
	char	   *actual = NULL;
	ListCell   *lc;

	foreach(lc, claims)
	{
		RequesterStatement statement = {
			.role = access_requester_role(kind),.claims = lfirst(lc),.sql = sql,
			.returns_count = strcmp(command, "select") == 0 || strncmp(sql, "WITH", 4) == 0,
			.proof = allowed && is_write ? matrix->proof : NULL,
			.proof_expected = matrix->proof_expected
		};
		ErrorData  *error;
		bool		succeeded = false;

		CHECK_FOR_INTERRUPTS();
		error = access_requester_execute(&statement);
		if (!error)
		{
			succeeded = statement.rows > 0;
			actual = succeeded ? "allowed" : "refused (no row)";
		}
		else if (error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE)
			actual = "refused (42501)";
		else
		{
			/* Neither allowed nor refused, so nothing is proved. */
			access_cell_add(matrix, kind, command, row, allowed, CHECK_ERROR,
							psprintf("error %s", unpack_sql_state(error->sqlerrcode)),
							psprintf("%s; claims %s", error->message, statement.claims));
			return;
		}
		if (statement.interfered)
		{
			succeeded = false;
			actual = "changed (the row's owner, or whether it is public)";
		}
		if (succeeded && allowed && is_insert &&
			access_privileges_lacks_sequence(matrix->wanted->relid, statement.role))
		{
			succeeded = false;
			actual = "refused (no USAGE on the sequence)";
		}
		if (succeeded != allowed)
		{
			access_cell_add(matrix, kind, command, row, allowed, CHECK_FAIL, actual,
							psprintf("%s%sclaims %s", error ? error->message : "",
									 error ? "; " : "",
									 *statement.claims ? statement.claims : "none"));
			return;
		}
	}
	access_cell_add(matrix, kind, command, row, allowed, CHECK_PASS, actual, NULL);
}

void
access_cell_add(TableMatrix *matrix, RequesterKind kind, const char *command, const char *row,
				bool allowed, FindingStatus status, char *actual, char *detail)
{
	AccessCell *cell = palloc0(sizeof(AccessCell));

	cell->table = matrix->wanted->table;
	cell->kind = access_requester_name(kind);
	cell->role = access_requester_role(kind);
	cell->command = command;
	cell->row = row;
	cell->expected = allowed ? "allowed" : "refused";
	cell->actual = actual;
	cell->status = status;
	cell->detail = detail;
	matrix->cells = lappend(matrix->cells, cell);
}

void
access_cell_skip(TableMatrix *matrix, const char *command, const char *row, const ErrorData *error)
{
	bool		by_condition = error->sqlerrcode == ERRCODE_MENUCA_ACCESS;
	bool		by_trigger = !by_condition && is_by_trigger(matrix->wanted->relid, error);

	for (int kind = 0; kind < KINDS; kind++)
		access_cell_add(matrix, kind, command, row, false, by_condition || by_trigger ? CHECK_ERROR : CHECK_SKIP, NULL,
						by_condition ? error->message :
						psprintf("no row to try it with: %s%s", attempt_message(error),
								 by_trigger ? " A trigger of the table is the reason." : ""));
}

/*
 * True if the table's triggers made the row impossible: a foreign key does not hold,
 * although all parents were made, or a function of theirs is broken.
 */
static bool
is_by_trigger(Oid relid, const ErrorData *error)
{
	QueryArgs	args = {0};
	bool		is_broken = ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION &&
		error->context && strstr(error->context, "function");

	if (!OidIsValid(relid) || (!is_broken && error->sqlerrcode != ERRCODE_FOREIGN_KEY_VIOLATION))
		return false;
	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	return query_bool("SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal)", &args);
}
