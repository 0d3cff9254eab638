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
#include "miscadmin.h"
#include "nodes/bitmapset.h"
#include "optimizer/optimizer.h"

#include "access/access_expression.h"
#include "access/trial_columns.h"
#include "access/trial_condition.h"
#include "access/trial_query.h"
#include "base/attempt.h"
#include "base/format.h"
#include "base/relation.h"
#include "base/sqlstate.h"

/*
 * Combinations of values tried to satisfy a condition: enough for four columns
 * with four values each.
 */
#define MAX_COMBINATIONS 256

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

static List *columns_in_condition(const WantedAccess *wanted);
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
	columns = columns_in_condition(wanted);
	foreach(lc, columns)
	{
		List	   *values = trial_column_candidates(lfirst(lc));

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

static List *
columns_in_condition(const WantedAccess *wanted)
{
	Bitmapset  *attributes = NULL;
	List	   *columns = NIL;
	ListCell   *lc;

	pull_varattnos(wanted->public_expr, 1, &attributes);
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
	char	   *found = trial_condition_text(psprintf("SELECT ((%s) IS TRUE)::text FROM %s WHERE %s",
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
