/*-------------------------------------------------------------------------
 *
 * arguments.c
 *	  Arguments of SQL-callable functions: see arguments.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/blank.h"

/* As in menuca-backup, whose file names have a date behind the label. */
#define MAX_LABEL_LENGTH 100

static bool may_be_omitted(FunctionCallInfo fcinfo, int place);


void
argument_require(FunctionCallInfo fcinfo, int place, const char *name)
{
	if (PG_ARGISNULL(place))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be NULL", name),
				 errdetail("Nothing was changed."),
				 may_be_omitted(fcinfo, place) ?
				 errhint("Pass a value, or omit the argument to use its default.") :
				 errhint("Pass a value; the argument has no default.")));
}

static bool
may_be_omitted(FunctionCallInfo fcinfo, int place)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(fcinfo->flinfo->fn_oid));
	int			defaults;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", fcinfo->flinfo->fn_oid);
	defaults = ((Form_pg_proc) GETSTRUCT(tuple))->pronargdefaults;
	ReleaseSysCache(tuple);
	return place >= PG_NARGS() - defaults;
}

char *
argument_text(FunctionCallInfo fcinfo, int place, const char *name)
{
	argument_require(fcinfo, place, name);
	return text_to_cstring(PG_GETARG_TEXT_PP(place));
}

char *
argument_text_not_blank(FunctionCallInfo fcinfo, int place, const char *name)
{
	char	   *text = argument_text(fcinfo, place, name);

	if (blank_text(text, strlen(text)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be blank", name),
				 errdetail("Nothing was changed."),
				 errhint("Pass a text, for example: %s => 'before'.", name)));
	return text;
}

bool
argument_says_nothing(const char *text)
{
	static const char *const placeholders[] = {
		ARGUMENT_REASON, ARGUMENT_NAME, ARGUMENT_NOTE, ARGUMENT_WHO_AND_WHY
	};

	for (size_t i = 0; i < lengthof(placeholders); i++)
	{
		if (strcmp(text, placeholders[i]) == 0)
			return true;
	}
	return blank_text(text, strlen(text));
}

char *
argument_said(FunctionCallInfo fcinfo, int place, const char *name)
{
	char	   *text = argument_text(fcinfo, place, name);

	if (argument_says_nothing(text))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must say something", name),
				 errdetail("It is recorded and shown to others. Nothing was changed."),
				 errhint("Pass the name of a person, or a reason in words.")));
	return text;
}

char *
argument_text_or_null(FunctionCallInfo fcinfo, int place)
{
	return PG_ARGISNULL(place) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(place));
}

char *
argument_label(FunctionCallInfo fcinfo, int place)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	char	   *label = argument_text(fcinfo, place, "label");
	size_t		length = strlen(label);

	if (length == 0 || length > MAX_LABEL_LENGTH || strspn(label, allowed) != length ||
		strchr("._-", label[0]))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("\"%s\" cannot be a label", label),
				 errdetail("A label has 1 to %d characters: ASCII letters, digits, dots, underscores and hyphens. It begins with a letter or digit. Nothing was changed.",
						   MAX_LABEL_LENGTH),
				 errhint("Name its purpose and its date, for example: production-before-fix-2025-10-15.")));
	return label;
}

double
argument_numeric(FunctionCallInfo fcinfo, int place, const char *name)
{
	argument_require(fcinfo, place, name);
	return argument_numeric_or(fcinfo, place, 0);
}

double
argument_numeric_or(FunctionCallInfo fcinfo, int place, double fallback)
{
	if (PG_ARGISNULL(place))
		return fallback;

	/*
	 * An absurd number is infinite, and refused by name; the server's error
	 * is not.
	 */
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, PG_GETARG_DATUM(place)));
}

void
argument_check_percentage(const char *name, double value)
{
	/* This form of the condition refuses NaN, too. */
	if (!(value >= 0 && value <= 100))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 0 and 100", name),
				 errdetail("It was given as %g; nothing was changed.", value),
				 errhint("It is a percentage: 95 means 95 %%.")));

	if (value > 0 && value < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is a percentage, and %g looks like a share", name, value),
				 errdetail("Values between 0 and 1 are refused; nothing was changed."),
				 errhint("95 means 95 %%: %s => %g.", name, value * 100)));
}

void
argument_check_batch_size(int batch_size)
{
	if (batch_size < 1 || batch_size > ARGUMENT_MAX_BATCH_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("batch_size must be between 1 and %d", ARGUMENT_MAX_BATCH_SIZE),
				 errdetail("It was given as %d; nothing was changed.", batch_size),
				 errhint("Omit it to write 10000 rows at a time.")));
}

bool
argument_bool(FunctionCallInfo fcinfo, int place, const char *name)
{
	argument_require(fcinfo, place, name);
	return PG_GETARG_BOOL(place);
}

int
argument_int4(FunctionCallInfo fcinfo, int place, const char *name)
{
	argument_require(fcinfo, place, name);
	return PG_GETARG_INT32(place);
}

int
argument_milliseconds(FunctionCallInfo fcinfo, int place, const char *name)
{
	argument_require(fcinfo, place, name);
	return argument_check_milliseconds(name, PG_GETARG_INTERVAL_P(place));
}

int
argument_check_milliseconds(const char *name, const Interval *interval)
{
	double		ms = interval->time / 1000.0 + (interval->day + interval->month * 30.0) * 86400000.0;

	if (ms < 1 || ms > INT_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 1 ms and %d ms", name, INT_MAX),
				 errdetail("Nothing was changed."),
				 errhint("For example: %s => '5s'. Without a timeout, later sessions would queue behind this lock request.", name)));
	return (int) ms;
}

Oid
argument_table_or_invalid(FunctionCallInfo fcinfo, int place, const char *name)
{
	if (PG_ARGISNULL(place))
		return InvalidOid;
	if (!OidIsValid(PG_GETARG_OID(place)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" names no table", name),
				 errdetail("It was given as 0, or '-'. Nothing was changed."),
				 errhint("Name a table: %s => 'schema.table'; or omit the argument to use its default.", name)));
	return PG_GETARG_OID(place);
}

List *
argument_text_list(FunctionCallInfo fcinfo, int place, const char *name)
{
	List	   *list = NIL;
	Datum	   *values;
	bool	   *nulls;
	int			n;

	if (PG_ARGISNULL(place))
		return NIL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(place), TEXTOID, -1, false, TYPALIGN_INT,
					  &values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" must not contain NULL", name),
					 errdetail("Nothing was changed."),
					 errhint("Name each one, or omit the argument to include all.")));
		list = lappend(list, TextDatumGetCString(values[i]));
	}

	/* An empty list could mean all or nothing, so it is refused. */
	if (list == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" is an empty list", name),
				 errdetail("Nothing was changed."),
				 errhint("Omit the argument to include all.")));
	return list;
}
