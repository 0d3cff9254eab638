/*-------------------------------------------------------------------------
 *
 * trial_rows.c
 *	  Rows to try policies out on: see trial_rows.h.
 *
 * A new row is a copy of an existing one, the pattern, which meets the table's
 * checks.  What must differ is changed: keys, unique values, the owner.  Rows
 * that it must refer to are made first, for the same owner.  In an empty table
 * a row gets its defaults, and otherwise any value of the column's type.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access_expression.h"
#include "access/trial_columns.h"
#include "access/trial_condition.h"
#include "access/trial_query.h"
#include "access/trial_rows.h"
#include "base/column.h"
#include "base/format.h"
#include "base/relation.h"

/* Maximum depth of parent rows created. */
#define MAX_DEPTH 5

/* The value that a column of a new row must have. */
typedef struct Override
{
	AttrNumber	attnum;
	char	   *value;			/* as text; NULL is a null */
} Override;

/* How a new row is made. */
typedef struct RowPlan
{
	Oid			relid;
	int			owner;
	List	   *columns;		/* TrialColumns */
	List	   *overrides;		/* Overrides */
	bool		has_pattern;	/* it is a copy of another row */
	int			depth;			/* of parents around it */
} RowPlan;

static TrialRow *make_wanted_row(TrialWorld *world, const WantedAccess *wanted, int owner,
								 const char *pattern_where);
static bool names_include(const List *names, const char *name);
static List *add_override(List *overrides, AttrNumber attnum, char *value);
static List *owner_overrides(TrialWorld *world, const WantedAccess *wanted, int owner, int depth);
static List *path_overrides(TrialWorld *world, const AccessKey *key, int owner, char *claim, int depth);
static char *column_value(const TrialRow *row, AttrNumber attnum);
static TrialRow *make_parent_row(TrialWorld *world, Oid relid, int owner, List *overrides, int depth);
static TrialRow *make_row(TrialWorld *world, Oid relid, int owner,
						  const char *pattern_where, List *overrides, int depth);
static char *key_condition(const RowPlan *plan, char **single_column);
static char *trial_insert_statement(const RowPlan *plan, const char *pattern_where, const char *returning);
static void choose_values(TrialWorld *world, RowPlan *plan);
static void choose_overrides(RowPlan *plan);
static void choose_parent(TrialWorld *world, RowPlan *plan, TrialColumn *column);
static char *parent_value(TrialWorld *world, const RowPlan *plan, const TrialColumn *column,
						  const WantedAccess *parent);
static const WantedAccess *find_wanted(const TrialWorld *world, Oid relid);


TrialRow *
trial_row_make(TrialWorld *world, const WantedAccess *wanted, int owner, bool public)
{
	char	   *pattern_where = NULL;
	TrialRow   *row;

	if (wanted->public_expr)
		pattern_where = psprintf("((%s) IS TRUE) IS %s",
								 access_expression_text(wanted->relid, wanted->public_expr),
								 public ? "TRUE" : "FALSE");
	row = make_wanted_row(world, wanted, owner, pattern_where);
	if (wanted->public_expr)
		trial_condition_make(wanted, row->where, public);

	if (access_key_is_primary(wanted->tenant_key, wanted->relid))
		world->tenant[owner] = row->key;
	if (access_key_is_primary(wanted->user_key, wanted->relid))
		world->user[owner] = row->key;
	return row;
}

static TrialRow *
make_wanted_row(TrialWorld *world, const WantedAccess *wanted, int owner,
				const char *pattern_where)
{
	return make_row(world, wanted->relid, owner, pattern_where,
					owner_overrides(world, wanted, owner, 0), 0);
}

bool
trial_row_can_be_ownerless(const WantedAccess *wanted)
{
	const AccessKey *keys[] = {wanted->tenant_key, wanted->user_key};
	bool		has_key = false;

	for (size_t i = 0; i < lengthof(keys); i++)
	{
		if (keys[i] == NULL)
			continue;
		has_key = true;
		if (column_is_not_null(wanted->relid, keys[i]->attnum))
			return false;
	}
	return has_key;
}

TrialRow *
trial_row_make_any(TrialWorld *world, const WantedAccess *wanted, int owner)
{
	return make_wanted_row(world, wanted, owner, NULL);
}

char *
trial_row_owner_value(TrialWorld *world, const AccessKey *key, int owner, bool is_user)
{
	const Override *first = linitial(path_overrides(world, key, owner,
													is_user ? world->user[owner] : world->tenant[owner], 0));

	return first->value;
}

/* Literals for the columns, but for no generated one. */
char *
trial_row_values(const TrialRow *row, const List *only, const char *column, const char *value)
{
	StringInfoData names;
	StringInfoData values;
	ListCell   *lc;

	initStringInfo(&names);
	initStringInfo(&values);
	foreach(lc, trial_columns_of(row->relid))
	{
		const TrialColumn *other = lfirst(lc);

		if (only != NIL && !names_include(only, other->name))
			continue;
		format_append(&names, ", ", "%s", other->name);
		if (column && strcmp(other->name, column) == 0)
			format_append(&values, ", ", "%s", quote_literal_cstr(value));
		else
			format_append(&values, ", ", "pg_catalog.format('%%L', %s)", other->name);
	}
	return psprintf("(%s) OVERRIDING SYSTEM VALUE VALUES (%s)", names.data,
					trial_query_row_text(row->relid,
										 psprintf("SELECT pg_catalog.array_to_string(ARRAY[%s], ', ') FROM %s WHERE %s",
												  values.data, relation_quoted_name(row->relid), row->where)));
}

char *
trial_row_key_columns(const TrialRow *row)
{
	StringInfoData names;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, trial_columns_of(row->relid))
	{
		const TrialColumn *column = lfirst(lc);

		if (column->in_key)
			format_append(&names, ", ", "%s", column->name);
	}
	return names.data;
}

static bool
names_include(const List *names, const char *name)
{
	const ListCell *lc;

	foreach(lc, names)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

static List *
add_override(List *overrides, AttrNumber attnum, char *value)
{
	Override   *override = palloc(sizeof(Override));

	override->attnum = attnum;
	override->value = value;
	return lappend(overrides, override);
}

/* What makes a row the owner's, unless it is an owner itself. */
static List *
owner_overrides(TrialWorld *world, const WantedAccess *wanted, int owner, int depth)
{
	List	   *overrides = NIL;

	if (owner == NOBODY)
	{
		if (wanted->tenant_key)
			overrides = add_override(overrides, wanted->tenant_key->attnum, NULL);
		if (wanted->user_key)
			overrides = add_override(overrides, wanted->user_key->attnum, NULL);
		return overrides;
	}
	if (wanted->tenant_key && !access_key_is_primary(wanted->tenant_key, wanted->relid))
		overrides = list_concat(overrides, path_overrides(world, wanted->tenant_key, owner,
														  world->tenant[owner], depth));
	if (wanted->user_key && !access_key_is_primary(wanted->user_key, wanted->relid))
		overrides = list_concat(overrides, path_overrides(world, wanted->user_key, owner,
														  world->user[owner], depth));
	return overrides;
}

/*
 * The values of the key's first column, and of those that go with it in a foreign
 * key; parents are made from the last one on.
 */
static List *
path_overrides(TrialWorld *world, const AccessKey *key, int owner, char *claim, int depth)
{
	List	   *with_it = NIL;
	char	   *value = claim;

	for (int i = list_length(key->hops) - 1; i >= 0; i--)
	{
		const AccessHop *hop = list_nth(key->hops, i);
		List	   *overrides = add_override(with_it, column_require(hop->relid, hop->column, InvalidOid), value);
		const TrialRow *parent = make_parent_row(world, hop->relid, owner, overrides, depth + 1);
		ListCell   *lc;

		value = column_value(parent, hop->key);
		with_it = NIL;
		foreach(lc, hop->pairs)
		{
			const AccessPair *pair = lfirst(lc);

			with_it = add_override(with_it, pair->child, column_value(parent, pair->parent));
		}
	}
	return lcons(linitial(add_override(NIL, key->attnum, value)), with_it);
}

/* The value of a row's column as text. */
static char *
column_value(const TrialRow *row, AttrNumber attnum)
{
	return trial_query_row_text(row->relid,
								psprintf("SELECT pg_catalog.format('%%s', %s) FROM %s WHERE %s",
										 column_quoted(row->relid, attnum), relation_quoted_name(row->relid),
										 row->where));
}

char *
trial_row_of_owner(const TrialWorld *world, const WantedAccess *wanted, int owner)
{
	const ListCell *lc;

	if (access_key_is_primary(wanted->tenant_key, wanted->relid))
		return psprintf("%s OPERATOR(pg_catalog.=) %s", quote_identifier(wanted->tenant_key->column),
						quote_literal_cstr(world->tenant[owner]));
	foreach(lc, world->parents)
	{
		const TrialRow *row = lfirst(lc);

		if (row->relid == wanted->relid && row->owner == owner)
			return pstrdup(row->where);
	}
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("no row of %s was made for that owner", relation_display_name(wanted->relid))));
}

TrialRow *
trial_row_make_with(TrialWorld *world, Oid relid, const List *attnums, const List *values)
{
	List	   *overrides = NIL;
	const ListCell *lc,
			   *lc2;

	forboth(lc, attnums, lc2, values)
		overrides = add_override(overrides, lfirst_int(lc), lfirst(lc2));
	return make_row(world, relid, OWN, NULL, overrides, 0);
}

/* A row that others refer to, made once for each owner. */
static TrialRow *
make_parent_row(TrialWorld *world, Oid relid, int owner, List *overrides, int depth)
{
	const WantedAccess *wanted = find_wanted(world, relid);
	TrialRow   *row;
	ListCell   *lc;

	foreach(lc, world->parents)
	{
		row = lfirst(lc);
		if (row->relid == relid && row->owner == owner)
			return row;
	}
	if (depth > MAX_DEPTH)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("rows of %s refer to each other without an end",
						relation_display_name(relid))));

	/* A row may be a tenant's and a customer's at the same time. */
	if (wanted)
		overrides = list_concat(owner_overrides(world, wanted, owner, depth), overrides);
	row = make_row(world, relid, owner, NULL, overrides, depth);

	/* What belongs to a row that is not public is not public either. */
	if (wanted && wanted->public_expr)
		trial_condition_make(wanted, row->where, true);
	world->parents = lappend(world->parents, row);
	return row;
}

/* A row that meets pattern_where, if there is one, is the best to copy. */
static TrialRow *
make_row(TrialWorld *world, Oid relid, int owner,
		 const char *pattern_where, List *overrides, int depth)
{
	RowPlan		plan = {.relid = relid,.owner = owner,.overrides = overrides,.depth = depth};
	TrialRow   *row = palloc0(sizeof(TrialRow));
	char	   *key;
	char	   *key_column;

	CHECK_FOR_INTERRUPTS();
	plan.columns = trial_columns_of(relid);
	if (pattern_where)
		pattern_where = trial_condition_text(trial_query_row_finder(relid, pattern_where));
	plan.has_pattern = pattern_where || trial_query_has_rows(relid);
	choose_values(world, &plan);

	row->relid = relid;
	row->owner = owner;
	key = key_condition(&plan, &key_column);
	row->where = trial_query_write(relid, trial_insert_statement(&plan, pattern_where ? pattern_where : "true", key));
	if (!row->where)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg("an INSERT into %s inserted nothing", relation_display_name(relid)),
				 errdetail("A trigger or rule of the table discarded the row.")));
	if (key_column)
		row->key = trial_query_row_text(relid,
										psprintf("SELECT pg_catalog.format('%%s', %s) FROM %s WHERE %s",
												 key_column, relation_quoted_name(relid), row->where));
	return row;
}

/*
 * An SQL expression that yields, for a row, the condition that only this row
 * meets.  *single_column is set to the primary key's column if it is one,
 * otherwise to NULL.
 */
static char *
key_condition(const RowPlan *plan, char **single_column)
{
	StringInfoData condition;
	int			nkeys = 0;
	ListCell   *lc;

	*single_column = NULL;
	initStringInfo(&condition);
	foreach(lc, plan->columns)
	{
		const TrialColumn *column = lfirst(lc);

		if (!column->in_key)
			continue;
		format_append(&condition, " OPERATOR(pg_catalog.||) ' AND ' OPERATOR(pg_catalog.||) ",
					  "%s OPERATOR(pg_catalog.||) pg_catalog.format('%%L', %s)",
					  quote_literal_cstr(psprintf("%s OPERATOR(pg_catalog.=) ", column->name)),
					  column->name);
		*single_column = column->name;
		nkeys++;
	}
	if (nkeys == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s has no primary key, so its rows cannot be told apart",
						relation_display_name(plan->relid))));
	if (nkeys > 1)
		*single_column = NULL;
	return condition.data;
}

/* The row that meets pattern_where is the pattern, if the plan has one. */
static char *
trial_insert_statement(const RowPlan *plan, const char *pattern_where, const char *returning)
{
	const char *table = relation_quoted_name(plan->relid);
	StringInfoData names;
	StringInfoData values;
	ListCell   *lc;

	initStringInfo(&names);
	initStringInfo(&values);
	foreach(lc, plan->columns)
	{
		const TrialColumn *column = lfirst(lc);

		if (!column->value)
			continue;
		format_append(&names, ", ", "%s", column->name);
		format_append(&values, ", ", "%s", column->value);
	}
	return psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s%s RETURNING %s",
					table, names.data, values.data,
					plan->has_pattern ? psprintf(" FROM (SELECT * FROM %s WHERE %s LIMIT 1) AS pattern",
												 table, pattern_where) : "",
					returning);
}

static void
choose_values(TrialWorld *world, RowPlan *plan)
{
	ListCell   *lc;

	choose_overrides(plan);
	foreach(lc, plan->columns)
		choose_parent(world, plan, lfirst(lc));
	trial_columns_renew_keys(plan->relid, plan->columns, plan->has_pattern);

	foreach(lc, plan->columns)
	{
		TrialColumn *column = lfirst(lc);

		if (column->value)
			continue;
		if (plan->has_pattern)
			column->value = psprintf("pattern.%s", column->name);
		else if (column->not_null && !column->has_default)
			column->value = trial_column_any_value(column);
	}
}

static void
choose_overrides(RowPlan *plan)
{
	ListCell   *lc;

	foreach(lc, plan->overrides)
	{
		const Override *override = lfirst(lc);
		TrialColumn *column = trial_columns_find(plan->columns, override->attnum);

		column->value = psprintf("%s::%s", override->value ? quote_literal_cstr(override->value) : "NULL",
								 column->type);
		column->is_new = override->value != NULL;
	}
}

/*
 * Chooses the row that a column refers to: none where it may be NULL, the
 * pattern's where that row belongs to nobody, otherwise one of the same owner.
 */
static void
choose_parent(TrialWorld *world, RowPlan *plan, TrialColumn *column)
{
	const WantedAccess *parent;
	bool		has_owner;

	if (column->value || !OidIsValid(column->parent))
		return;
	if (!column->not_null)
	{
		column->value = psprintf("NULL::%s", column->type);
		return;
	}
	parent = find_wanted(world, column->parent);
	has_owner = parent && (parent->tenant_key || parent->user_key);
	if (column->parent == plan->relid || (plan->has_pattern && !has_owner))
		return;
	if (!has_owner && trial_query_has_rows(column->parent))
	{
		column->value = psprintf("%s::%s",
								 trial_query_row_text(column->parent,
													  psprintf("SELECT pg_catalog.format('%%L', %s) FROM %s LIMIT 1",
															   column->parent_column,
															   relation_quoted_name(column->parent))),
								 column->type);
		return;
	}
	column->value = psprintf("%s::%s", parent_value(world, plan, column, parent), column->type);
	column->is_new = true;
}

/*
 * A literal that refers to the owner's own row, or to a row made for the owner;
 * what a row without an owner refers to is the third one's.
 */
static char *
parent_value(TrialWorld *world, const RowPlan *plan, const TrialColumn *column,
			 const WantedAccess *parent)
{
	int			owner = plan->owner == NOBODY ? THIRD : plan->owner;
	const TrialRow *row;

	if (parent && world->tenant[owner] && access_key_is_primary(parent->tenant_key, column->parent))
		return quote_literal_cstr(world->tenant[owner]);
	if (parent && world->user[owner] && access_key_is_primary(parent->user_key, column->parent))
		return quote_literal_cstr(world->user[owner]);
	row = make_parent_row(world, column->parent, owner, NIL, plan->depth + 1);
	return trial_query_row_text(column->parent,
								psprintf("SELECT pg_catalog.format('%%L', %s) FROM %s WHERE %s",
										 column->parent_column, relation_quoted_name(column->parent),
										 row->where));
}

/* The wanted access of a table, or NULL. */
static const WantedAccess *
find_wanted(const TrialWorld *world, Oid relid)
{
	const ListCell *lc;

	foreach(lc, world->wanted)
	{
		const WantedAccess *wanted = lfirst(lc);

		if (wanted->relid == relid && !wanted->problem)
			return wanted;
	}
	return NULL;
}
