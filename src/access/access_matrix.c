/*-------------------------------------------------------------------------
 *
 * access_matrix.c
 *	  What each role can actually do: see access_matrix.h.
 *
 * menuca_test_access(tables)
 *
 * For each table and each kind of row (own or foreign, public or not) a row is
 * made; then each role, with its claims, selects, updates, moves and deletes
 * it, and inserts an equal one.  The result is compared with the wanted access,
 * not with the policies.  Each statement is undone at once, and each row with
 * its parents after that.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"

#include "access/access_matrix.h"
#include "access/access_session.h"
#include "access/claim_source.h"
#include "access/jwt_claims.h"
#include "access/trial_columns.h"
#include "access/trial_query.h"
#include "access/trial_rows.h"
#include "access/wanted_access.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"
#include "base/sqlstate.h"

PG_FUNCTION_INFO_V1(menuca_test_access);

/* Who sends a request. */
typedef enum RequesterKind
{
	KIND_PUBLIC,
	KIND_TENANT,				/* a restaurant's staff */
	KIND_USER,					/* a customer */
	KIND_UNCLAIMED,				/* a login without a usable claim */
	KIND_ADMIN
} RequesterKind;

#define KINDS (KIND_ADMIN + 1)

static const struct
{
	const char *name;
	AccessRole	role;
}			kinds[KINDS] = {
	[KIND_PUBLIC] = {"public", ROLE_PUBLIC},
	[KIND_TENANT] = {"tenant", ROLE_TENANT},
	[KIND_USER] = {"user", ROLE_TENANT},
	[KIND_UNCLAIMED] = {"unclaimed", ROLE_TENANT},
	[KIND_ADMIN] = {"admin", ROLE_ADMIN}
};

/* The matrix of one table, while it is being filled. */
typedef struct TableMatrix
{
	TrialWorld	world;
	const WantedAccess *wanted;
	List	   *cells;			/* AccessCells */

	/* The kind of row that is tried */
	int			owner;
	bool		public;
	bool		has_owner;		/* rows of the table belong to somebody */
} TableMatrix;

/* A statement that a role executes. */
typedef struct RoleStatement
{
	AccessRole	role;
	const char *claims;
	const char *sql;
	bool		returns_count;	/* of rows; otherwise it affects them */
	int64		rows;			/* result: returned count, or rows affected */
} RoleStatement;

static void test_table(void *arg);
static void test_part(TableMatrix *matrix);
static void test_row(void *arg);
static void test_insert(void *arg);
static const char *insert_name(const TableMatrix *matrix);
static void test_hidden(TableMatrix *matrix);
static void test_move(TableMatrix *matrix, const TrialRow *row, bool is_user);
static void test_cell(TableMatrix *matrix, RequesterKind kind, const char *command, const char *row,
					  const char *sql, bool allowed);
static void add_cell(TableMatrix *matrix, RequesterKind kind, const char *command, const char *row,
					 bool allowed, FindingStatus status, char *actual, char *detail);
static void skip_row(TableMatrix *matrix, const char *command, const char *row,
					 const ErrorData *error);
static const char *row_name(const TableMatrix *matrix);
static bool is_allowed(const TableMatrix *matrix, RequesterKind kind, AclMode command);
static bool owner_may(const TableMatrix *matrix, RequesterKind kind, AclMode command);
static List *claims_of(const TableMatrix *matrix, RequesterKind kind);
static char *claim_value(const char *value, const AccessKey *key);
static void execute_as_role(void *arg);
static bool lacks_sequence(Oid relid, AccessRole role);
static bool all_rows_are_public(const WantedAccess *wanted);


/* menuca_test_access(tables): a row per cell. */
Datum
menuca_test_access(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *cells = access_matrix(argument_text_list(fcinfo, 0, "tables"));
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, cells)
	{
		const AccessCell *cell = lfirst(lc);
		Datum		values[9];
		bool		nulls[9] = {0};

		values[0] = CStringGetTextDatum(cell->table);
		values[1] = CStringGetTextDatum(cell->kind);
		values[2] = CStringGetTextDatum(access_role_name(cell->role));
		values[3] = CStringGetTextDatum(cell->command);
		values[4] = CStringGetTextDatum(cell->row);
		values[5] = CStringGetTextDatum(cell->expected);
		values[6] = result_text(cell->actual, &nulls[6]);
		values[7] = CStringGetTextDatum(finding_status_name(cell->status));
		values[8] = result_text(cell->detail, &nulls[8]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

List *
access_matrix(List *names)
{
	TableMatrix matrix = {0};
	List	   *tables;
	ListCell   *lc;

	query_require_writable("menuca_test_access");
	access_session_require("menuca_test_access");
	tables = wanted_access_tables(names);
	matrix.world.wanted = names ? wanted_access_tables(NIL) : tables;

	foreach(lc, tables)
	{
		ErrorData  *error;

		CHECK_FOR_INTERRUPTS();
		matrix.wanted = lfirst(lc);
		matrix.has_owner = matrix.wanted->tenant_key || matrix.wanted->user_key;
		memset(matrix.world.tenant, 0, sizeof(matrix.world.tenant));
		memset(matrix.world.user, 0, sizeof(matrix.world.user));
		matrix.world.parents = NIL;
		matrix.owner = OWN;
		matrix.public = true;

		error = attempt_and_undo(test_table, &matrix);
		if (error)
			skip_row(&matrix, "all", row_name(&matrix), error);
	}
	return matrix.cells;
}

/* Called in a subtransaction that is undone. */
static void
test_table(void *arg)
{
	TableMatrix *matrix = arg;
	const WantedAccess *wanted = matrix->wanted;

	if (wanted->problem || !OidIsValid(wanted->relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("%s", wanted->problem ? wanted->problem : "the table does not exist")));
	trial_world_make(&matrix->world);
	if (wanted->coverage == COVER_PART || wanted->foreign)
	{
		test_part(matrix);
		return;
	}

	for (int owner = 0; owner < (matrix->has_owner ? OWNERS : 1); owner++)
	{
		for (int inactive = 0; inactive <= (wanted->public_expr && !all_rows_are_public(wanted)); inactive++)
		{
			TrialWorld	before = matrix->world;
			int			nparents = list_length(before.parents);
			ErrorData  *error;

			matrix->owner = owner;
			matrix->public = wanted->public_expr != NULL && !inactive;
			error = attempt_and_undo(test_row, matrix);
			if (error)
				skip_row(matrix, "select, update, delete", row_name(matrix), error);

			/* The row's parents were undone, too. */
			before.parents = list_truncate(matrix->world.parents, nparents);
			matrix->world = before;

			if (inactive)
				continue;
			error = attempt_and_undo(test_insert, matrix);
			if (error)
				skip_row(matrix, "insert", insert_name(matrix), error);
			before.parents = list_truncate(matrix->world.parents, nparents);
			matrix->world = before;
		}
	}
	test_hidden(matrix);
}

/*
 * Visitors have no right on a part of a table, whether it has rows or not: that the
 * statements are executed at all is the failure.
 */
static void
test_part(TableMatrix *matrix)
{
	const char *name = relation_quoted_name(matrix->wanted->relid);

	/* What writes to a foreign table could connect to its server. */
	char	   *column = matrix->wanted->foreign ? NULL : trial_columns_to_update(matrix->wanted);

	for (int kind = 0; kind < KIND_ADMIN; kind++)
	{
		test_cell(matrix, kind, "select", "directly",
				  psprintf("SELECT 1::pg_catalog.int8 FROM (SELECT pg_catalog.count(*) FROM %s WHERE false) AS part",
						   name), false);
		if (column)
			test_cell(matrix, kind, "insert", "directly",
					  psprintf("WITH part AS (INSERT INTO %s (%s) SELECT NULL WHERE false) SELECT 1::pg_catalog.int8",
							   name, column), false);
		if (column)
			test_cell(matrix, kind, "update", "directly",
					  psprintf("WITH part AS (UPDATE %s SET %s = DEFAULT WHERE false) SELECT 1::pg_catalog.int8",
							   name, column), false);
		test_cell(matrix, kind, "delete", "directly",
				  psprintf("WITH part AS (DELETE FROM %s WHERE false) SELECT 1::pg_catalog.int8", name), false);
	}
}

static void
test_row(void *arg)
{
	TableMatrix *matrix = arg;
	const char *name = relation_quoted_name(matrix->wanted->relid);
	TrialRow   *row = trial_row_make(&matrix->world, matrix->wanted, matrix->owner, matrix->public);
	char	   *column = trial_columns_to_update(matrix->wanted);
	const char *which = row_name(matrix);

	for (int kind = 0; kind < KINDS; kind++)
	{
		test_cell(matrix, kind, "select", which,
				  psprintf("SELECT pg_catalog.count(*) FROM %s WHERE %s", name, row->where),
				  is_allowed(matrix, kind, ACL_SELECT));
		if (column)
			test_cell(matrix, kind, "update", which,
					  psprintf("UPDATE %s SET %s = %s WHERE %s", name, column, column, row->where),
					  is_allowed(matrix, kind, ACL_UPDATE));
		test_cell(matrix, kind, "delete", which,
				  psprintf("DELETE FROM %s WHERE %s", name, row->where),
				  is_allowed(matrix, kind, ACL_DELETE));
	}
	if (matrix->owner == OWN && matrix->wanted->tenant_key)
		test_move(matrix, row, false);
	if (matrix->owner == OWN && matrix->wanted->user_key)
		test_move(matrix, row, true);
}

/* Nobody may give an own row to somebody else. */
static void
test_move(TableMatrix *matrix, const TrialRow *row, bool is_user)
{
	const AccessKey *key = is_user ? matrix->wanted->user_key : matrix->wanted->tenant_key;
	char	   *value = trial_row_owner_value(&matrix->world, key, FOREIGN, is_user);

	test_cell(matrix, is_user ? KIND_USER : KIND_TENANT, "update",
			  psprintf("%s, to foreign", row_name(matrix)),
			  psprintf("UPDATE %s SET %s = %s WHERE %s",
					   relation_quoted_name(row->relid), quote_identifier(key->column),
					   quote_literal_cstr(value), row->where),
			  false);
}

/*
 * Makes a row, notes its INSERT and deletes it, so that the INSERT does not
 * meet a row with the same key.
 */
static void
test_insert(void *arg)
{
	TableMatrix *matrix = arg;
	TrialRow   *row = trial_row_make(&matrix->world, matrix->wanted, matrix->owner, matrix->public);
	char	   *insert = trial_row_insert(row, NIL);
	char	   *limited = trial_row_insert(row, matrix->wanted->insertable);
	const char *which = insert_name(matrix);

	(void) trial_query_write(row->relid, psprintf("DELETE FROM %s WHERE %s",
												  relation_quoted_name(row->relid), row->where));
	for (int kind = 0; kind < KINDS; kind++)
		test_cell(matrix, kind, "insert", which, kind == KIND_ADMIN ? insert : limited,
				  is_allowed(matrix, kind, ACL_INSERT));
}

/* Whether an INSERT is allowed depends only on whose row it is. */
static const char *
insert_name(const TableMatrix *matrix)
{
	return !matrix->has_owner ? "any" : matrix->owner == OWN ? "own" : "foreign";
}

/* Only the admin reads hidden columns, whoever owns the row. */
static void
test_hidden(TableMatrix *matrix)
{
	ListCell   *lc;

	foreach(lc, matrix->wanted->hidden)
	{
		for (int kind = 0; kind < KINDS; kind++)
			test_cell(matrix, kind, "select", psprintf("column %s", (char *) lfirst(lc)),
					  psprintf("SELECT 1::pg_catalog.int8 FROM"
							   " (SELECT pg_catalog.count(%s) FROM %s) AS hidden",
							   (char *) lfirst(lc), relation_quoted_name(matrix->wanted->relid)),
					  kind == KIND_ADMIN && (matrix->wanted->admin_may & ACL_SELECT));
	}
}

/*
 * Executes the statement with each of the kind's claims; the cell passes when
 * the result is as expected with all of them.
 */
static void
test_cell(TableMatrix *matrix, RequesterKind kind, const char *command, const char *row,
		  const char *sql, bool allowed)
{
	List	   *claims = claims_of(matrix, kind);
	char	   *actual = NULL;
	ListCell   *lc;

	foreach(lc, claims)
	{
		RoleStatement statement = {.role = kinds[kind].role,.claims = lfirst(lc),.sql = sql};
		ErrorData  *error;
		bool		succeeded = false;

		CHECK_FOR_INTERRUPTS();
		statement.returns_count = strncmp(sql, "SELECT", 6) == 0 || strncmp(sql, "WITH", 4) == 0;
		error = attempt_and_undo(execute_as_role, &statement);
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
			add_cell(matrix, kind, command, row, allowed, CHECK_ERROR,
					 psprintf("error %s", unpack_sql_state(error->sqlerrcode)),
					 psprintf("%s; claims %s", error->message, statement.claims));
			return;
		}
		if (succeeded && allowed && strcmp(command, "insert") == 0 &&
			lacks_sequence(matrix->wanted->relid, kinds[kind].role))
		{
			succeeded = false;
			actual = "refused (no USAGE on the sequence)";
		}
		if (succeeded != allowed)
		{
			add_cell(matrix, kind, command, row, allowed, CHECK_FAIL, actual,
					 psprintf("%s%sclaims %s", error ? error->message : "",
							  error ? "; " : "",
							  *statement.claims ? statement.claims : "none"));
			return;
		}
	}
	add_cell(matrix, kind, command, row, allowed, CHECK_PASS, actual, NULL);
}

static void
add_cell(TableMatrix *matrix, RequesterKind kind, const char *command, const char *row,
		 bool allowed, FindingStatus status, char *actual, char *detail)
{
	AccessCell *cell = palloc0(sizeof(AccessCell));

	cell->table = matrix->wanted->table;
	cell->kind = kinds[kind].name;
	cell->role = kinds[kind].role;
	cell->command = command;
	cell->row = row;
	cell->expected = allowed ? "allowed" : "refused";
	cell->actual = actual;
	cell->status = status;
	cell->detail = detail;
	matrix->cells = lappend(matrix->cells, cell);
}

/*
 * A row that cannot be tried out is SKIP, never PASS; where the condition itself is why,
 * so would requests fail.
 */
static void
skip_row(TableMatrix *matrix, const char *command, const char *row, const ErrorData *error)
{
	bool		by_condition = error->sqlerrcode == ERRCODE_MENUCA_ACCESS;

	for (int kind = 0; kind < KINDS; kind++)
		add_cell(matrix, kind, command, row, false, by_condition ? CHECK_ERROR : CHECK_SKIP, NULL,
				 by_condition ? error->message : psprintf("no row to try it with: %s", attempt_message(error)));
}

static const char *
row_name(const TableMatrix *matrix)
{
	if (!matrix->wanted->public_expr)
		return !matrix->has_owner ? "any" : matrix->owner == OWN ? "own" : "foreign";
	if (!matrix->has_owner)
		return matrix->public ? "public" : "inactive";
	if (matrix->owner == OWN)
		return matrix->public ? "own, public" : "own, inactive";
	return matrix->public ? "foreign, public" : "foreign, inactive";
}

/* Whether the wanted access allows the command on the row that is tried. */
static bool
is_allowed(const TableMatrix *matrix, RequesterKind kind, AclMode command)
{
	const WantedAccess *wanted = matrix->wanted;

	if (kind == KIND_ADMIN)
		return (wanted->admin_may & command) != 0;
	if (command == ACL_SELECT && matrix->public)
		return true;
	return owner_may(matrix, kind, command);
}

static bool
owner_may(const TableMatrix *matrix, RequesterKind kind, AclMode command)
{
	const WantedAccess *wanted = matrix->wanted;

	if (matrix->owner != OWN || (command == ACL_INSERT && wanted->insert_needs))
		return false;
	return (kind == KIND_TENANT && wanted->tenant_key && (wanted->tenant_may & command)) ||
		(kind == KIND_USER && wanted->user_key && (wanted->user_may & command));
}

/*
 * The claims to try.  A login without a usable claim may have many kinds of
 * claims, some of which resemble the right one.
 */
static List *
claims_of(const TableMatrix *matrix, RequesterKind kind)
{
	const char *tenant = matrix->world.tenant[OWN];
	const WantedAccess *wanted = matrix->wanted;
	bool		by_user = wanted->user_key && !wanted->tenant_key;
	const char *claim = by_user ? menuca_user_claim : menuca_tenant_claim;
	const char *id = by_user ? matrix->world.user[OWN] : tenant;
	List	   *claims = NIL;

	switch (kind)
	{
		case KIND_PUBLIC:
		case KIND_ADMIN:
			return list_make1("");
		case KIND_TENANT:
			return list_make1(jwt_claim_object(menuca_tenant_claim,
											   claim_value(tenant, wanted->tenant_key)));
		case KIND_USER:
			return list_make1(jwt_claim_object(menuca_user_claim,
											   claim_value(matrix->world.user[OWN], wanted->user_key)));
		case KIND_UNCLAIMED:
			break;
	}

	claims = lappend(claims, "{}");
	claims = lappend(claims, jwt_claim_object(claim, "null"));
	claims = lappend(claims, jwt_claim_object(claim, psprintf("\"%s OR true\"", id)));
	claims = lappend(claims, jwt_claim_object(claim, psprintf("[\"%s\"]", id)));
	claims = lappend(claims, jwt_claim_object(claim, "99999999999999999999"));

	/* A function such as auth.jwt() fails on text that is not JSON. */
	if (!claim_source_is_function())
	{
		claims = lappend(claims, "");
		claims = lappend(claims, psprintf("%s, ", jwt_claim_object(claim, claim_value(id, NULL))));
		claims = lappend(claims, (char *) id);
	}
	return claims;
}

/* An id as JSON; key may be NULL. */
static char *
claim_value(const char *value, const AccessKey *key)
{
	return key && key->type == UUIDOID ? psprintf("\"%s\"", value) :
		strchr(value, '-') && value[0] != '-' ? psprintf("\"%s\"", value) : pstrdup(value);
}

static void
keep_count(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = slot_int8(slot, 0);
}

/* Called in a subtransaction that is undone, and with it the role. */
static void
execute_as_role(void *arg)
{
	RoleStatement *statement = arg;
	uint64		rows;

	(void) access_session_begin(statement->role, statement->claims);
	rows = query_write(statement->sql, NULL, statement->returns_count ? keep_count : NULL,
					   &statement->rows);
	if (!statement->returns_count)
		statement->rows = (int64) rows;
}

/*
 * True if the role could not insert a row without giving its key: trial rows
 * have keys, so they do not need the sequence.
 */
static bool
lacks_sequence(Oid relid, AccessRole role)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_arg_text(&args, access_role_name(role));
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_table_sequence"
							   " WHERE table_oid = $1 AND is_owned AND NOT is_identity"
							   " AND NOT has_sequence_privilege($2::name, sequence_oid, 'USAGE'))",
							   migrate_schema()),
					  &args);
}

/* True if no row of the table can be other than public. */
static bool
all_rows_are_public(const WantedAccess *wanted)
{
	return IsA(wanted->public_expr, Const) &&
		!castNode(Const, wanted->public_expr)->constisnull &&
		DatumGetBool(castNode(Const, wanted->public_expr)->constvalue);
}
