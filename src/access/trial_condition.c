/*-------------------------------------------------------------------------
 *
 * trial_condition.c
 *	  Making a table's public condition true, or not, for a trial row: see
 *	  trial_condition.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/bitmapset.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"

#include "access/access_expression.h"
#include "access/access_public.h"
#include "access/trial_columns.h"
#include "access/trial_condition.h"
#include "access/trial_query.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/sqlstate.h"

/*
 * Combinations of values tried to satisfy a condition: enough for four columns
 * with six values each.
 */
#define MAX_COMBINATIONS 1500

/* The row, what its condition is to be, and the values being tried. */
typedef struct ConditionTrial
{
	Oid			relid;
	const char *table;
	const char *where;
	const char *condition;
	bool		is_true;
	const char *assignments;
} ConditionTrial;

/* State of trial_condition_text(). */
typedef struct ConditionQuery
{
	const char *sql;
	char	   *text;
} ConditionQuery;

/*
 * Variants of a row that is not public: each executes some statements for each
 * role, and a condition with many columns and values must not make hours of it.
 */
#define MAX_VARIANTS 40

/* A value of a column that makes one part of the condition not true. */
typedef struct VariantTrial
{
	const WantedAccess *wanted;
	const char *where;
	const char *part;			/* of the condition; NULL: any value is tried */
	const char *others;			/* the other parts */
	const TrialColumn *column;
	const char *value;
	TrialVariantFn fn;
	void	   *arg;
	bool		was_called;
} VariantTrial;

static List *columns_in_condition(const WantedAccess *wanted, Node *condition);
static List *columns_of_policies_alone(const WantedAccess *wanted);
static bool names_column(const List *names, const char *name);
static bool has_column(const List *columns, const TrialColumn *column);
static List *parts_of_condition(Node *condition);
static char *all_parts_but(const WantedAccess *wanted, const List *parts, const void *part);
static List *values_to_try(const WantedAccess *wanted, const TrialColumn *column);
static void try_variant(void *arg);
static char *name_of_variant(const VariantTrial *trial);
static bool is_owners_column(const WantedAccess *wanted, const TrialColumn *column);
static char *nth_assignments(const List *columns, const List *candidates, int n);
static void try_assignments(void *arg);
static bool condition_is_met(const ConditionTrial *trial);
static void evaluate(void *arg);


void
trial_condition_make(const WantedAccess *wanted, const char *where, bool is_true)
{
	ConditionTrial trial = {.where = where,.is_true = is_true};
	List	   *columns;
	List	   *candidates = NIL;
	int			combinations = 1;
	ListCell   *lc;

	trial.relid = wanted->relid;
	trial.table = relation_quoted_name(wanted->relid);
	trial.condition = access_expression_text(wanted->relid, wanted->public_expr);
	if (condition_is_met(&trial))
		return;
	columns = columns_in_condition(wanted, wanted->public_expr);
	foreach(lc, columns)
	{
		List	   *values = values_to_try(wanted, lfirst(lc));

		candidates = lappend(candidates, values);
		combinations = Min(combinations * list_length(values), MAX_COMBINATIONS);
	}
	for (int i = 0; i < combinations && columns != NIL; i++)
	{
		CHECK_FOR_INTERRUPTS();
		trial.assignments = nth_assignments(columns, candidates, i);
		if (attempt(try_assignments, &trial) == NULL)
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("no row could be made for which \"%s\" is %s", wanted->public_where,
					is_true ? "true" : "not true")));
}

bool
trial_condition_is_true(const WantedAccess *wanted, const char *where)
{
	char	   *found = trial_query_text(psprintf("SELECT ((%s) IS TRUE)::pg_catalog.text FROM %s WHERE %s",
												  access_public_condition(wanted, true),
												  relation_quoted_name(wanted->relid), where));

	return found && strcmp(found, "true") == 0;
}

void
trial_condition_each_variant(const WantedAccess *wanted, const char *where, TrialVariantFn fn, void *arg)
{
	List	   *parts = parts_of_condition(wanted->public_expr);
	int			called = 0;
	ListCell   *lc,
			   *lc2,
			   *lc3;

	foreach(lc, parts)
	{
		VariantTrial trial = {.wanted = wanted,.where = where,.fn = fn,.arg = arg};

		trial.part = access_expression_text(wanted->relid, lfirst(lc));
		trial.others = all_parts_but(wanted, parts, lfirst(lc));
		foreach(lc2, columns_in_condition(wanted, lfirst(lc)))
		{
			trial.column = lfirst(lc2);
			if (is_owners_column(wanted, trial.column))
				continue;
			foreach(lc3, values_to_try(wanted, trial.column))
			{
				CHECK_FOR_INTERRUPTS();
				trial.value = lfirst(lc3);
				trial.was_called = false;

				/* A value that the table refuses is no way. */
				(void) attempt_and_undo(try_variant, &trial);
				called += trial.was_called;
				if (called >= MAX_VARIANTS)
					return;
			}
		}
	}
}

bool
trial_condition_has_policy_values(const WantedAccess *wanted)
{
	return columns_of_policies_alone(wanted) != NIL;
}

void
trial_condition_each_policy_value(const WantedAccess *wanted, const char *where, TrialVariantFn fn, void *arg)
{
	VariantTrial trial = {.wanted = wanted,.where = where,.fn = fn,.arg = arg};
	int			called = 0;
	ListCell   *lc,
			   *lc2;

	foreach(lc, columns_of_policies_alone(wanted))
	{
		trial.column = lfirst(lc);
		foreach(lc2, values_to_try(wanted, trial.column))
		{
			CHECK_FOR_INTERRUPTS();
			trial.value = lfirst(lc2);
			trial.was_called = false;
			(void) attempt_and_undo(try_variant, &trial);
			called += trial.was_called;
			if (called >= MAX_VARIANTS)
				return;
		}
	}
}

/* Columns that policies read, but for keys and what the public condition reads. */
static List *
columns_of_policies_alone(const WantedAccess *wanted)
{
	List	   *in_condition = wanted->public_expr ? columns_in_condition(wanted, wanted->public_expr) : NIL;
	List	   *columns = NIL;
	QueryArgs	args = {0};
	List	   *names;
	ListCell   *lc;

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	names = query_texts(psprintf("SELECT column_name FROM %smenuca_policy_column WHERE table_oid = $1",
								 migrate_schema()), &args);
	foreach(lc, names == NIL ? NIL : trial_columns_of(wanted->relid))
	{
		TrialColumn *column = lfirst(lc);

		if (names_column(names, column->name) && !column->in_key && !is_owners_column(wanted, column) &&
			!has_column(in_condition, column))
			columns = lappend(columns, column);
	}
	return columns;
}

static bool
names_column(const List *names, const char *name)
{
	const ListCell *lc;

	foreach(lc, names)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

static bool
has_column(const List *columns, const TrialColumn *column)
{
	const ListCell *lc;

	foreach(lc, columns)
	{
		if (((const TrialColumn *) lfirst(lc))->attnum == column->attnum)
			return true;
	}
	return false;
}

/* The conditions that AND connects, all of which have to be true. */
static List *
parts_of_condition(Node *condition)
{
	List	   *parts = NIL;
	ListCell   *lc;

	if (!is_andclause(condition))
		return list_make1(condition);
	foreach(lc, castNode(BoolExpr, condition)->args)
		parts = list_concat(parts, parts_of_condition(lfirst(lc)));
	return parts;
}

static char *
all_parts_but(const WantedAccess *wanted, const List *parts, const void *part)
{
	StringInfoData text;
	const ListCell *lc;

	initStringInfo(&text);
	appendStringInfoString(&text, "true");
	foreach(lc, parts)
	{
		if (lfirst(lc) != part)
			appendStringInfo(&text, " AND (%s)", access_expression_text(wanted->relid, lfirst(lc)));
	}
	return text.data;
}

/*
 * What the condition names may make it true, and a policy that lets more through
 * often names the value that it lets through.
 */
static List *
values_to_try(const WantedAccess *wanted, const TrialColumn *column)
{
	List	   *values = trial_column_candidates(column);
	QueryArgs	args = {0};
	ListCell   *lc;

	if (column->category != TYPCATEGORY_STRING && column->category != TYPCATEGORY_NUMERIC)
		return values;
	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg_text(&args, wanted->public_expr ? access_expression_text(wanted->relid, wanted->public_expr) : NULL);
	foreach(lc, query_texts(psprintf("SELECT value FROM %smenuca_trial_value WHERE table_oid = $1"
									 " UNION SELECT replace(m[1], '''''', '''')"
									 " FROM regexp_matches($2, '''((?:[^'']|'''')*)''', 'g') m ORDER BY 1",
									 migrate_schema()), &args))
		values = lappend(values, quote_literal_cstr(lfirst(lc)));
	return values;
}

/* With another owner the row would be another case. */
static bool
is_owners_column(const WantedAccess *wanted, const TrialColumn *column)
{
	return (wanted->tenant_key && wanted->tenant_key->attnum == column->attnum) ||
		(wanted->user_key && wanted->user_key->attnum == column->attnum);
}

/* Called in a subtransaction that is undone. */
static void
try_variant(void *arg)
{
	VariantTrial *trial = arg;
	const char *table = relation_quoted_name(trial->wanted->relid);
	char	   *is_way;

	(void) trial_query_write(trial->wanted->relid,
							 psprintf("UPDATE %s SET %s = %s WHERE %s", table, trial->column->name,
									  trial->value, trial->where));
	is_way = trial->part == NULL ? "true" : trial_query_text(psprintf("SELECT ((%s) IS NOT TRUE AND (%s) IS TRUE)::pg_catalog.text FROM %s WHERE %s",
																	  trial->part, trial->others, table, trial->where));
	if (!is_way || strcmp(is_way, "true") != 0)
		return;
	trial->was_called = true;
	trial->fn(name_of_variant(trial), trial->arg);
}

/* "is_used = true" */
static char *
name_of_variant(const VariantTrial *trial)
{
	const char *value = trial->value;

	if (strcmp(value, TRIAL_A_DAY_AGO) == 0)
		value = "a day ago";
	else if (strcmp(value, TRIAL_IN_A_DAY) == 0)
		value = "in a day";
	return psprintf("%s = %s", trial->column->name, value);
}

static List *
columns_in_condition(const WantedAccess *wanted, Node *condition)
{
	Bitmapset  *attributes = NULL;
	List	   *columns = NIL;
	ListCell   *lc;

	pull_varattnos(condition, 1, &attributes);
	foreach(lc, trial_columns_of(wanted->relid))
	{
		TrialColumn *column = lfirst(lc);

		if (bms_is_member(column->attnum - FirstLowInvalidHeapAttributeNumber, attributes))
			columns = lappend(columns, column);
	}
	return columns;
}

/* The nth combination: n is read as a number whose digits are the candidates. */
static char *
nth_assignments(const List *columns, const List *candidates, int n)
{
	StringInfoData assignments;
	const ListCell *lc,
			   *lc2;

	initStringInfo(&assignments);
	forboth(lc, columns, lc2, candidates)
	{
		const TrialColumn *column = lfirst(lc);
		const List *values = lfirst(lc2);

		format_append(&assignments, ", ", "%s = %s", column->name,
					  (char *) list_nth(values, n % list_length(values)));
		n /= list_length(values);
	}
	return assignments.data;
}

/* Raises an error when the condition is not as desired, which undoes the update. */
static void
try_assignments(void *arg)
{
	const ConditionTrial *trial = arg;

	(void) trial_query_write(trial->relid, psprintf("UPDATE %s SET %s WHERE %s", trial->table,
													trial->assignments, trial->where));
	if (!condition_is_met(trial))
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("the condition is not met")));
}

static bool
condition_is_met(const ConditionTrial *trial)
{
	char	   *found = trial_condition_text(psprintf("SELECT ((%s) IS TRUE)::pg_catalog.text FROM %s WHERE %s",
													  trial->condition, trial->table, trial->where));

	return found && strcmp(found, trial->is_true ? "true" : "false") == 0;
}

static void
evaluate(void *arg)
{
	ConditionQuery *query = arg;

	query->text = trial_query_text(query->sql);
}

char *
trial_condition_text(const char *sql)
{
	ConditionQuery query = {sql, NULL};
	ErrorData  *error = attempt(evaluate, &query);

	if (error)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ACCESS),
				 errmsg("the condition raises an error: %s", attempt_message(error))));
	return query.text;
}
