/*-------------------------------------------------------------------------
 *
 * access_matrix.c
 *	  What each role really can do: see access_matrix.h.
 *
 * menuca_test_access(tables)
 *
 * For each table and each kind of row (own or foreign, public or not) a row is
 * made; then each role, with its claims, selects, updates, moves and deletes
 * it, and inserts one like it.  What happens is compared with what the wanted
 * access says, not with the policies.  Each statement is undone at once, each
 * row with all that was made for it after that.
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
#include "utils/json.h"

#include "access/access_matrix.h"
#include "access/access_plan.h"
#include "access/access_session.h"
#include "access/jwt_claims.h"
#include "access/trial_rows.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"

PG_FUNCTION_INFO_V1(menuca_test_access);

/* Who asks. */
typedef enum Kind
{
	KIND_PUBLIC,
	KIND_TENANT,				/* a restaurant's staff */
	KIND_USER,					/* a customer */
	KIND_UNCLAIMED,				/* a login whose claims say nothing */
	KIND_ADMIN
} Kind;

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
	List	   *cells;

	/* The kind of row that is being made */
	int			owner;
	bool		public;
	bool		has_owner;		/* otherwise rows are nobody's */
} TableMatrix;

/* A statement of a role. */
typedef struct Statement
{
	AccessRole	role;
	const char *claims;
	const char *sql;
	bool		counts;			/* a SELECT of a count; otherwise rows
								 * affected count */
	int64		rows;
} Statement;

static void test_table(void *arg);
static void test_row(void *arg);
static void test_insert(void *arg);
static const char *insert_name(const TableMatrix *matrix);
static void test_hidden(TableMatrix *matrix);
static void test_move(TableMatrix *matrix, const TrialRow *row, bool is_user);
static void test_cell(TableMatrix *matrix, Kind kind, const char *command, const char *row,
					  const char *sql, bool allowed);
static void add_cell(TableMatrix *matrix, Kind kind, const char *command, const char *row,
					 bool allowed, FindingStatus status, char *actual, char *detail);
static void skip_row(TableMatrix *matrix, const char *command, const char *row,
					 const ErrorData *error);
static const char *row_name(const TableMatrix *matrix);
static bool may(const TableMatrix *matrix, Kind kind, AclMode command);
static bool owns(const TableMatrix *matrix, Kind kind, AclMode command);
static List *claims_of(const TableMatrix *matrix, Kind kind);
static char *claim_value(const char *value, const AccessKey *key);
static void run_statement(void *arg);
static bool lacks_sequence(Oid relid, AccessRole role);
static bool condition_is_true(const WantedAccess *wanted);


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
	tables = access_wanted(names);
	matrix.world.wanted = names ? access_wanted(NIL) : tables;

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

/* In a subtransaction that is undone: restaurants and customers, then rows. */
static void
test_table(void *arg)
{
	TableMatrix *matrix = arg;
	const WantedAccess *wanted = matrix->wanted;

	if (wanted->problem || !OidIsValid(wanted->relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("%s", wanted->problem ? wanted->problem : "there is no such table")));
	trial_world_make(&matrix->world);

	for (int owner = 0; owner < (matrix->has_owner ? OWNERS : 1); owner++)
	{
		for (int hidden = 0; hidden <= (wanted->public_expr && !condition_is_true(wanted)); hidden++)
		{
			TrialWorld	before = matrix->world;
			int			nparents = list_length(before.parents);
			ErrorData  *error;

			matrix->owner = owner;
			matrix->public = wanted->public_expr != NULL && !hidden;
			error = attempt_and_undo(test_row, matrix);
			if (error)
				skip_row(matrix, "select, update, delete", row_name(matrix), error);

			/* What was made on the way is gone. */
			before.parents = list_truncate(matrix->world.parents, nparents);
			matrix->world = before;

			if (hidden)
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

static void
test_row(void *arg)
{
	TableMatrix *matrix = arg;
	const char *name = relation_quoted_name(matrix->wanted->relid);
	TrialRow   *row = trial_row_make(&matrix->world, matrix->wanted, matrix->owner, matrix->public);
	char	   *column = trial_column(matrix->wanted);
	const char *which = row_name(matrix);

	for (int kind = 0; kind < KINDS; kind++)
	{
		test_cell(matrix, kind, "select", which,
				  psprintf("SELECT pg_catalog.count(*) FROM %s WHERE %s", name, row->where),
				  may(matrix, kind, ACL_SELECT));
		if (column)
			test_cell(matrix, kind, "update", which,
					  psprintf("UPDATE %s SET %s = %s WHERE %s", name, column, column, row->where),
					  may(matrix, kind, ACL_UPDATE));
		test_cell(matrix, kind, "delete", which,
				  psprintf("DELETE FROM %s WHERE %s", name, row->where),
				  may(matrix, kind, ACL_DELETE));
	}
	if (matrix->owner == OWN && matrix->wanted->tenant_key)
		test_move(matrix, row, false);
	if (matrix->owner == OWN && matrix->wanted->user_key)
		test_move(matrix, row, true);
}

/* An own row becomes somebody else's: never, for whoever has an owner. */
static void
test_move(TableMatrix *matrix, const TrialRow *row, bool is_user)
{
	const AccessKey *key = is_user ? matrix->wanted->user_key : matrix->wanted->tenant_key;
	char	   *value = trial_owner_value(&matrix->world, key, FOREIGN, is_user);

	test_cell(matrix, is_user ? KIND_USER : KIND_TENANT, "update",
			  psprintf("%s, to foreign", row_name(matrix)),
			  psprintf("UPDATE %s SET %s = %s WHERE %s",
					   relation_quoted_name(row->relid), quote_identifier(key->column),
					   quote_literal_cstr(value), row->where),
			  false);
}

/* A row is made, remembered and deleted, so that another may take its place. */
static void
test_insert(void *arg)
{
	TableMatrix *matrix = arg;
	TrialRow   *row = trial_row_make(&matrix->world, matrix->wanted, matrix->owner, matrix->public);
	char	   *insert = trial_row_insert(row);
	const char *which = insert_name(matrix);

	query_write(psprintf("DELETE FROM %s WHERE %s", relation_quoted_name(row->relid), row->where),
				NULL, NULL, NULL);
	for (int kind = 0; kind < KINDS; kind++)
		test_cell(matrix, kind, "insert", which, insert, may(matrix, kind, ACL_INSERT));
}

/* An insert is judged by whose the row is alone. */
static const char *
insert_name(const TableMatrix *matrix)
{
	return !matrix->has_owner ? "any" : matrix->owner == OWN ? "own" : "foreign";
}

/* Hidden columns are the admin's alone, whosever the row. */
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
 * Runs the statement with each of the kind's claims; the cell is as expected
 * when all of them are.
 */
static void
test_cell(TableMatrix *matrix, Kind kind, const char *command, const char *row,
		  const char *sql, bool allowed)
{
	List	   *claims = claims_of(matrix, kind);
	char	   *actual = NULL;
	ListCell   *lc;

	foreach(lc, claims)
	{
		Statement	statement = {.role = kinds[kind].role,.claims = lfirst(lc),.sql = sql};
		ErrorData  *error;
		bool		happened = false;

		CHECK_FOR_INTERRUPTS();
		statement.counts = strcmp(command, "select") == 0;
		error = attempt_and_undo(run_statement, &statement);
		if (!error)
		{
			happened = statement.rows > 0;
			actual = happened ? "allowed" : "refused (no row)";
		}
		else if (error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE)
			actual = "refused (42501)";
		else
		{
			/* Neither allowed nor refused: nothing is proven. */
			add_cell(matrix, kind, command, row, allowed, CHECK_ERROR,
					 psprintf("error %s", unpack_sql_state(error->sqlerrcode)),
					 psprintf("%s; claims %s", error->message, statement.claims));
			return;
		}
		if (happened && allowed && strcmp(command, "insert") == 0 &&
			lacks_sequence(matrix->wanted->relid, kinds[kind].role))
		{
			happened = false;
			actual = "refused (no USAGE on the sequence)";
		}
		if (happened != allowed)
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
add_cell(TableMatrix *matrix, Kind kind, const char *command, const char *row,
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

/* What cannot be tried out is no pass. */
static void
skip_row(TableMatrix *matrix, const char *command, const char *row, const ErrorData *error)
{
	for (int kind = 0; kind < KINDS; kind++)
		add_cell(matrix, kind, command, row, false, CHECK_SKIP, NULL,
				 psprintf("no row to try it with: %s", attempt_message(error)));
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

/* What the wanted access says of the row that is being tried. */
static bool
may(const TableMatrix *matrix, Kind kind, AclMode command)
{
	const WantedAccess *wanted = matrix->wanted;

	if (kind == KIND_ADMIN)
		return (wanted->admin_may & command) != 0;
	if (command == ACL_SELECT && matrix->public)
		return true;
	return owns(matrix, kind, command);
}

static bool
owns(const TableMatrix *matrix, Kind kind, AclMode command)
{
	const WantedAccess *wanted = matrix->wanted;

	if (matrix->owner != OWN)
		return false;
	return (kind == KIND_TENANT && wanted->tenant_key && (wanted->tenant_may & command)) ||
		(kind == KIND_USER && wanted->user_key && (wanted->user_may & command));
}

/*
 * The claims to try.  Those of a login that say nothing are of many kinds, and
 * some look like the right one.
 */
static List *
claims_of(const TableMatrix *matrix, Kind kind)
{
	const char *tenant = matrix->world.tenant[OWN];
	const WantedAccess *wanted = matrix->wanted;
	const char *claim = wanted->user_key && !wanted->tenant_key ? menuca_user_claim : menuca_tenant_claim;
	const char *id = wanted->user_key && !wanted->tenant_key ? matrix->world.user[OWN] : tenant;
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

	/* A function such as auth.jwt() gets no other text than JSON. */
	if (strstr(menuca_jwt_claims, "()") == NULL)
	{
		claims = lappend(claims, "");
		claims = lappend(claims, psprintf("%s, ", jwt_claim_object(claim, claim_value(id, NULL))));
		claims = lappend(claims, (char *) id);
	}
	return claims;
}

static char *
claim_value(const char *value, const AccessKey *key)
{
	return key && key->type == UUIDOID ? psprintf("\"%s\"", value) :
		strchr(value, '-') && value[0] != '-' ? psprintf("\"%s\"", value) : pstrdup(value);
}

static void
fetch_count(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = slot_int8(slot, 0);
}

/* In a subtransaction that is undone: the statement, as the role. */
static void
run_statement(void *arg)
{
	Statement  *statement = arg;
	uint64		rows;

	(void) access_session_begin(statement->role, statement->claims);
	rows = query_write(statement->sql, NULL, statement->counts ? fetch_count : NULL,
					   &statement->rows);
	if (!statement->counts)
		statement->rows = (int64) rows;
}

/* The rows tried have keys of their own; others would draw from a sequence. */
static bool
lacks_sequence(Oid relid, AccessRole role)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_arg_text(&args, access_role_name(role));
	return query_bool("SELECT EXISTS (SELECT FROM pg_depend d JOIN pg_class s ON s.oid = d.objid"
					  " WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass"
					  " AND d.refobjid = $1 AND d.deptype = 'a'"
					  " AND CASE s.relkind WHEN 'S' THEN NOT has_sequence_privilege($2::name, s.oid, 'USAGE') END)",
					  &args);
}

/* Then there are no rows that are not public. */
static bool
condition_is_true(const WantedAccess *wanted)
{
	return IsA(wanted->public_expr, Const) &&
		!castNode(Const, wanted->public_expr)->constisnull &&
		DatumGetBool(castNode(Const, wanted->public_expr)->constvalue);
}
