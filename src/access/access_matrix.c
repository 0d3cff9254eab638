/*-------------------------------------------------------------------------
 *
 * access_matrix.c
 *	  What each role can actually do: see access_matrix.h.
 *
 * For each table and each kind of row (own, foreign or without an owner, public
 * or not, and not public for each single reason) a row is made; then each role,
 * with its claims, tries the statements of trial_statement.h on it, gives it away
 * and takes it over.  The result is compared with the wanted access, not with the
 * policies.  Each statement is undone at once, and each row with its parents after
 * that.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"

#include "access/access_cell.h"
#include "access/access_column_cells.h"
#include "access/access_matrix.h"
#include "access/access_public.h"
#include "access/membership.h"
#include "access/public_row.h"
#include "access/trial_condition.h"
#include "access/trial_member.h"
#include "access/trial_query.h"
#include "access/trial_world.h"
#include "access/tried_row.h"
#include "access/wanted_access.h"
#include "base/access_session.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/guc_scope.h"
#include "base/query.h"

/* Maximum number of tenants that a table's policies name, to be tried. */
#define MAX_NAMED_TENANTS 5

/* The statements on each row that is made for the owner who is claimed, or another one. */
static const TrialStatement all_on_a_row[] = {
	TRIAL_SELECT, TRIAL_LOCK, TRIAL_UPDATE, TRIAL_UPDATE_BLIND, TRIAL_UPDATE_RETURNING,
	TRIAL_MERGE_UPDATE, TRIAL_UPSERT, TRIAL_DELETE, TRIAL_DELETE_BLIND, TRIAL_DELETE_RETURNING,
	TRIAL_MERGE_DELETE
};

/* Those on the rows of further owners, or of none: the most powerful of each command. */
static const TrialStatement few_on_a_row[] = {TRIAL_SELECT, TRIAL_UPDATE_BLIND, TRIAL_DELETE_BLIND};

static const TrialStatement all_inserts[] = {TRIAL_INSERT, TRIAL_INSERT_RETURNING, TRIAL_MERGE_INSERT};

/* Ways to change the owner of a row. */
static const TrialStatement all_moves[] = {
	TRIAL_UPDATE, TRIAL_UPDATE_BLIND, TRIAL_MERGE_UPDATE, TRIAL_UPSERT
};

/* Statements that a kind of requester tries. */
typedef struct StatementsOfKind
{
	TableMatrix *matrix;
	RequesterKind kind;
	const TrialStatement *statements;
	int			n;
	const char *which;
} StatementsOfKind;

static void test_table(void *arg);
static void test_case(TableMatrix *matrix, int owner, bool public, void (*test) (void *arg),
					  const char *commands);
static void test_row(void *arg);
static void test_ownerless(void *arg);
static void test_insert(void *arg);
static void test_closed(void *arg);
static void test_variants(void *arg);
static void test_variant(const char *name, void *arg);
static void test_parent_variants(TableMatrix *matrix, const WantedAccess *parent);
static void test_parent_variant(const char *name, void *arg);
static void test_policy_values(void *arg);
static void test_policy_value(const char *name, void *arg);
static void test_any_row(TableMatrix *matrix, const TrialRow *row, const char *which);
static void test_named_tenants(TableMatrix *matrix);
static void test_named_tenant(void *arg);
static void begin_row(TableMatrix *matrix, const TrialRow *row);
static void test_statements(TableMatrix *matrix, const TrialStatement *statements, int n, const char *which);
static void test_with_members(void *arg);
static void test_of_kind(void *arg);
static void test_moves(TableMatrix *matrix, bool is_user);
static void test_move(TableMatrix *matrix, bool is_user, const char *value, const char *which, bool is_swap);
static bool key_has_column(const TrialTarget *target, const char *column);


List *
access_matrix(List *names)
{
	TableMatrix matrix = {0};
	List	   *tables;
	ListCell   *lc;
	int			scope = guc_scope_begin();

	/* Thousands of short statements, none of which is worth compiling. */
	guc_scope_set("jit", "off");
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
		matrix.world.parents = matrix.world.members = matrix.world.strangers = NIL;
		matrix.world.members_of = NULL;
		matrix.owner = OWN;
		matrix.public = true;
		matrix.parent = NULL;
		matrix.target = NULL;
		matrix.proof = NULL;

		/* A deployment has just changed the catalog. */
		query_begin_snapshot();
		error = attempt_and_undo(test_table, &matrix);
		query_end_snapshot();
		if (error)
			access_cell_skip(&matrix, "all", tried_row_name(&matrix), error);
	}
	guc_scope_end(scope);
	return matrix.cells;
}

/* Called in a subtransaction that is undone. */
static void
test_table(void *arg)
{
	TableMatrix *matrix = arg;
	const WantedAccess *wanted = matrix->wanted;
	bool		can_be_inactive = wanted->public_expr && !public_row_is_any(wanted->public_expr);
	List	   *parents;
	ListCell   *lc;

	if (wanted->problem || !OidIsValid(wanted->relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("%s", wanted->problem ? wanted->problem : "the table does not exist")));
	access_column_cells_test_unbound(matrix);
	trial_world_make(&matrix->world);
	if (membership_is_used())
		trial_member_make_all(&matrix->world);
	if (wanted->coverage == COVER_PART || wanted->foreign)
	{
		access_column_cells_test_part(matrix);
		return;
	}

	for (int owner = OWN; owner <= (matrix->has_owner ? FOREIGN : OWN); owner++)
	{
		test_case(matrix, owner, true, test_row, "select, update, delete");
		if (can_be_inactive)
			test_case(matrix, owner, false, test_row, "select, update, delete");
		test_case(matrix, owner, true, test_insert, "insert");
	}
	if (matrix->has_owner)
		test_case(matrix, THIRD, true, test_row, "select, update, delete");
	if (trial_row_can_be_ownerless(wanted))
	{
		test_case(matrix, NOBODY, true, test_ownerless, "select, update, delete");
		test_case(matrix, NOBODY, true, test_insert, "insert");
	}
	parents = access_public_parents(wanted);
	foreach(lc, parents)
	{
		matrix->parent = lfirst(lc);
		test_case(matrix, OWN, true, test_closed, "select");
	}
	if (can_be_inactive || parents != NIL)
		test_case(matrix, matrix->has_owner ? FOREIGN : OWN, true, test_variants, "select");
	if (trial_condition_has_policy_values(wanted))
		test_case(matrix, matrix->has_owner ? FOREIGN : OWN, true, test_policy_values, "select, update, delete");
	if (wanted->tenant_key && trial_world_tenants(&matrix->world))
		test_named_tenants(matrix);
	access_column_cells_test(matrix);
}

/* Tests one kind of row in a subtransaction, which is undone, and the parents with it. */
static void
test_case(TableMatrix *matrix, int owner, bool public, void (*test) (void *arg), const char *commands)
{
	TrialWorld	before = matrix->world;
	int			nparents = list_length(before.parents);
	ErrorData  *error;

	matrix->owner = owner;
	matrix->public = matrix->wanted->public_expr != NULL && public;
	matrix->target = NULL;
	matrix->proof = NULL;
	error = attempt_and_undo(test, matrix);
	if (error)
		access_cell_skip(matrix, commands, test == test_insert ? tried_row_owner_name(matrix) : tried_row_name(matrix), error);
	before.parents = list_truncate(matrix->world.parents, nparents);
	matrix->world = before;
	matrix->parent = NULL;
	matrix->target = NULL;
	matrix->proof = NULL;
}

static void
test_row(void *arg)
{
	TableMatrix *matrix = arg;
	const char *which = tried_row_name(matrix);

	begin_row(matrix, trial_row_make(&matrix->world, matrix->wanted, matrix->owner, matrix->public));
	if (matrix->owner == THIRD)
	{
		test_statements(matrix, few_on_a_row, lengthof(few_on_a_row), which);
		return;
	}
	test_statements(matrix, all_on_a_row, lengthof(all_on_a_row), which);
	if (matrix->wanted->tenant_key)
		test_moves(matrix, false);
	if (matrix->wanted->user_key)
		test_moves(matrix, true);
}

/* A row whose owner is NULL: nobody's claim equals it. */
static void
test_ownerless(void *arg)
{
	TableMatrix *matrix = arg;
	TrialRow   *row = trial_row_make_any(&matrix->world, matrix->wanted, NOBODY);

	matrix->public = matrix->wanted->public_expr &&
		trial_condition_is_true(matrix->wanted, row->where);
	test_any_row(matrix, row, tried_row_name(matrix));
	if (matrix->wanted->tenant_key)
		test_moves(matrix, false);
	if (matrix->wanted->user_key)
		test_moves(matrix, true);
}

/*
 * Makes a row, notes its INSERT and deletes it, so that the INSERT does not
 * meet a row with the same key.
 */
static void
test_insert(void *arg)
{
	TableMatrix *matrix = arg;
	TrialRow   *row = matrix->owner == NOBODY ? trial_row_make_any(&matrix->world, matrix->wanted, NOBODY) :
		trial_row_make(&matrix->world, matrix->wanted, matrix->owner, matrix->public);

	begin_row(matrix, row);
	trial_cursor_close();
	(void) trial_query_write(row->relid, trial_statement_text(matrix->target, TRIAL_DELETE));
	test_statements(matrix, all_inserts, lengthof(all_inserts), tried_row_owner_name(matrix));
}

/* A row is not public any more when one that it belongs to is not; staff still see it. */
static void
test_closed(void *arg)
{
	TableMatrix *matrix = arg;
	const TrialStatement read = TRIAL_SELECT;

	begin_row(matrix, trial_row_make(&matrix->world, matrix->wanted, matrix->owner, true));
	trial_condition_make(matrix->parent, trial_row_of_owner(&matrix->world, matrix->parent, matrix->owner), false);
	matrix->public = false;
	test_statements(matrix, &read, 1, tried_row_name(matrix));
}

/*
 * A row of somebody else that is not public for one reason alone, of its own or of
 * a row that it belongs to: a policy that forgot the reason shows it.
 */
static void
test_variants(void *arg)
{
	TableMatrix *matrix = arg;
	TrialRow   *row = trial_row_make(&matrix->world, matrix->wanted, matrix->owner, true);
	const WantedAccess *tenants = trial_world_tenants(&matrix->world);
	List	   *parents = access_public_parents(matrix->wanted);
	ListCell   *lc;

	begin_row(matrix, row);
	matrix->public = false;
	trial_condition_each_variant(matrix->wanted, row->where, test_variant, matrix);
	foreach(lc, parents)
		test_parent_variants(matrix, lfirst(lc));

	/*
	 * Where the condition reads other tables, it may ask for the tenant's
	 * state.
	 */
	if (parents == NIL && tenants && tenants != matrix->wanted && tenants->public_expr &&
		matrix->wanted->tenant_key && checkExprHasSubLink(matrix->wanted->public_expr))
		test_parent_variants(matrix, tenants);
}

static void
test_variant(const char *name, void *arg)
{
	TableMatrix *matrix = arg;
	const TrialStatement read = TRIAL_SELECT;

	test_statements(matrix, &read, 1, matrix->has_owner ? psprintf("%s, %s", tried_row_owner_name(matrix), name) : name);
}

static void
test_parent_variants(TableMatrix *matrix, const WantedAccess *parent)
{
	matrix->parent = parent;
	trial_condition_each_variant(parent, trial_row_of_owner(&matrix->world, parent, matrix->owner),
								 test_parent_variant, matrix);
	matrix->parent = NULL;
}

/* A row that it belongs to is not public any more; the row itself is unchanged. */
static void
test_parent_variant(const char *name, void *arg)
{
	TableMatrix *matrix = arg;

	if (!trial_condition_is_true(matrix->wanted, matrix->target->row->where))
		test_variant(psprintf("its row of %s has %s", matrix->parent->table, name), matrix);
}

/* Rows of somebody else with values that a policy of others may ask for. */
static void
test_policy_values(void *arg)
{
	TableMatrix *matrix = arg;
	TrialRow   *row = trial_row_make(&matrix->world, matrix->wanted, matrix->owner, matrix->public);

	begin_row(matrix, row);
	trial_cursor_close();
	trial_condition_each_policy_value(matrix->wanted, row->where, test_policy_value, matrix);
}

static void
test_policy_value(const char *name, void *arg)
{
	TableMatrix *matrix = arg;

	test_any_row(matrix, matrix->target->row,
				 matrix->has_owner ? psprintf("%s, %s", tried_row_owner_name(matrix), name) : name);
}

/* A row of which it is not known whether it is public. */
static void
test_any_row(TableMatrix *matrix, const TrialRow *row, const char *which)
{
	matrix->public = matrix->wanted->public_expr &&
		trial_condition_is_true(matrix->wanted, row->where);
	begin_row(matrix, row);
	test_statements(matrix, few_on_a_row, lengthof(few_on_a_row), which);
}

/* Rows of the restaurants that policies name: such a policy is somebody's back door. */
static void
test_named_tenants(TableMatrix *matrix)
{
	QueryArgs	args = {0};
	ListCell   *lc;
	int			tried = 0;

	query_arg(&args, OIDOID, ObjectIdGetDatum(matrix->wanted->relid), false);
	foreach(lc, query_texts(psprintf("SELECT DISTINCT value FROM %smenuca_trial_value"
									 " WHERE table_oid = $1 ORDER BY value", migrate_schema()), &args))
	{
		TrialWorld	before = matrix->world;
		int			nparents = list_length(before.parents);

		if (tried >= MAX_NAMED_TENANTS)
			break;
		matrix->owner = THIRD;
		matrix->world.tenant[THIRD] = lfirst(lc);
		matrix->target = NULL;

		/* Most values are no restaurant's, and some are of another type. */
		(void) attempt_and_undo(test_named_tenant, matrix);
		tried += matrix->target != NULL;
		before.parents = list_truncate(matrix->world.parents, nparents);
		matrix->world = before;
		matrix->target = NULL;
		matrix->proof = NULL;
	}
}

static void
test_named_tenant(void *arg)
{
	TableMatrix *matrix = arg;
	const char *tenant = matrix->world.tenant[THIRD];

	if (trial_query_text(trial_query_row_finder(trial_world_tenants(&matrix->world)->relid,
												trial_row_of_owner(&matrix->world, trial_world_tenants(&matrix->world), THIRD))))
		test_any_row(matrix, trial_row_make_any(&matrix->world, matrix->wanted, THIRD),
					 psprintf("of restaurant %s", tenant));
}

/* The row that statements are tried on from now on, with a cursor at it. */
static void
begin_row(TableMatrix *matrix, const TrialRow *row)
{
	const WantedAccess *wanted = matrix->wanted;
	const AccessKey *keys[] = {wanted->tenant_key, wanted->user_key};
	StringInfoData proof;

	matrix->target = trial_target_make(wanted, row, wanted->insertable);
	matrix->services_target = trial_target_make(wanted, row, NIL);
	initStringInfo(&proof);
	appendStringInfoString(&proof, "SELECT pg_catalog.concat_ws(' ', 'it'");
	for (size_t i = 0; i < lengthof(keys); i++)
	{
		if (keys[i])
			appendStringInfo(&proof, ", pg_catalog.format('%%L', %s)", quote_identifier(keys[i]->column));
	}
	if (wanted->public_expr)
		appendStringInfo(&proof, ", (%s) IS TRUE", access_public_condition(wanted, true));
	appendStringInfo(&proof, ") FROM %s WHERE %s", matrix->target->table, row->where);
	matrix->proof = proof.data;
	matrix->proof_expected = trial_query_row_text(row->relid, proof.data);
	trial_cursor_open(row);
}

static void
test_statements(TableMatrix *matrix, const TrialStatement *statements, int n, const char *which)
{
	for (int kind = 0; kind < KINDS; kind++)
	{
		StatementsOfKind tried = {matrix, kind, statements, n, which};
		TrialWorld	before = matrix->world;
		int			nparents = list_length(before.parents);
		ErrorData  *error;

		/*
		 * The row may be a restaurant itself, and its members would be in the
		 * services' way.
		 */
		if (!membership_is_used() || statements[0] >= TRIAL_INSERT || (kind != KIND_TENANT && kind != KIND_UNCLAIMED))
		{
			test_of_kind(&tried);
			continue;
		}
		error = attempt_and_undo(test_with_members, &tried);
		if (error)
			ReThrowError(error);
		before.parents = list_truncate(matrix->world.parents, nparents);
		matrix->world = before;
	}
}

static void
test_with_members(void *arg)
{
	const StatementsOfKind *tried = arg;

	trial_member_make_all(&tried->matrix->world);
	test_of_kind(arg);
}

static void
test_of_kind(void *arg)
{
	const StatementsOfKind *tried = arg;
	TableMatrix *matrix = tried->matrix;

	for (int i = 0; i < tried->n; i++)
	{
		TrialStatement statement = tried->statements[i];
		char	   *sql = trial_statement_text(tried->kind == KIND_ADMIN ? matrix->services_target : matrix->target,
											   statement);

		if (sql)
			access_cell_try(matrix, tried->kind, trial_statement_name(statement), tried->which, sql,
							tried_row_allows(matrix, tried->kind, trial_statement_needs(statement)),
							!trial_statement_is_thorough(statement));
	}
}

/*
 * Nobody may give an own row to somebody else, or to nobody, and nobody may take
 * over what belongs to others, or to nobody.
 */
static void
test_moves(TableMatrix *matrix, bool is_user)
{
	const AccessKey *key = is_user ? matrix->wanted->user_key : matrix->wanted->tenant_key;
	const char *which = tried_row_name(matrix);

	if (matrix->owner != OWN)
	{
		test_move(matrix, is_user,
				  quote_literal_cstr(trial_row_owner_value(&matrix->world, key, OWN, is_user)),
				  psprintf("%s, taken over", which), true);
		return;
	}
	test_move(matrix, is_user,
			  quote_literal_cstr(trial_row_owner_value(&matrix->world, key, FOREIGN, is_user)),
			  psprintf("%s, to foreign", which), false);
	if (trial_row_can_be_ownerless(matrix->wanted))
		test_move(matrix, is_user, "NULL", psprintf("%s, to nobody", which), false);
}

static void
test_move(TableMatrix *matrix, bool is_user, const char *value, const char *which, bool is_swap)
{
	const AccessKey *key = is_user ? matrix->wanted->user_key : matrix->wanted->tenant_key;
	const char *column = quote_identifier(key->column);
	const TrialTarget *target = trial_target_with(matrix->target, column, value);

	for (size_t i = 0; i < lengthof(all_moves); i++)
	{
		/*
		 * With another key it would be a row of its own, to which nothing
		 * conflicts.
		 */
		bool		is_other_row = all_moves[i] == TRIAL_UPSERT && key_has_column(target, column);
		char	   *sql = is_other_row || (all_moves[i] == TRIAL_UPSERT && !is_swap) ? NULL :
			trial_statement_text(target, all_moves[i]);

		if (sql)
			access_cell_try(matrix, is_user ? KIND_USER : KIND_TENANT, trial_statement_name(all_moves[i]),
							which, sql, false, true);
	}
}

/* True if the column, quoted, is one of the primary key's. */
static bool
key_has_column(const TrialTarget *target, const char *column)
{
	return strstr(psprintf(", %s, ", target->key), psprintf(", %s, ", column)) != NULL;
}
