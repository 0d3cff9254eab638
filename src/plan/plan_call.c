/*-------------------------------------------------------------------------
 *
 * plan_call.c
 *	  The arguments of the calls that messages propose: see plan_call.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "plan/plan_call.h"
#include "source/source.h"

/* The default of the argument target. */
#define DEFAULT_TARGET "combo_items"


char *
plan_call_arguments(const Target *target, const Source *source)
{
	char	   *of_source = source ? source_call_arguments(source) : pstrdup("");
	const char *junction = target->junction->name;

	if (strcmp(junction, DEFAULT_TARGET) == 0)
		return of_source;
	return psprintf("%s%starget => %s", of_source, *of_source ? ", " : "", quote_literal_cstr(junction));
}

char *
plan_call_of_rows(const Target *target, const Source *source)
{
	Source		rows = *source;

	if (rows.kind == SOURCE_ROWS)
	{
		rows.columns.id = "id";
		rows.columns.order = "order";
	}
	return plan_call_arguments(target, &rows);
}

char *
plan_call_acceptance(const Target *target, const Source *source)
{
	char	   *of_source = source_any_arguments(source);
	char	   *of_target = plan_call_arguments(target, NULL);

	return psprintf("%s%s%s", of_source, *of_source && *of_target ? ", " : "", of_target);
}
