/*-------------------------------------------------------------------------
 *
 * source_arguments.c
 *	  Arguments of SQL functions that name the columns of a source: see
 *	  source_arguments.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/arguments.h"
#include "source/source_arguments.h"

static void require_two_columns(const SourceColumns *columns, const char *dish_argument);


SourceColumns
source_row_columns(FunctionCallInfo fcinfo, int position)
{
	SourceColumns columns;

	columns.id = argument_text_or_null(fcinfo, position);
	columns.dish = argument_text(fcinfo, position + 1, "dish_column");
	columns.group = argument_text(fcinfo, position + 2, "group_column");
	columns.order = argument_text_or_null(fcinfo, position + 3);
	require_two_columns(&columns, "dish_column");
	return columns;
}

SourceColumns
source_list_columns(FunctionCallInfo fcinfo, int position)
{
	SourceColumns columns = {0};

	columns.group = argument_text(fcinfo, position, "group_column");
	columns.dish = argument_text(fcinfo, position + 1, "list_column");
	require_two_columns(&columns, "list_column");
	return columns;
}

/* Otherwise each id would be taken for a group's and for a dish's. */
static void
require_two_columns(const SourceColumns *columns, const char *dish_argument)
{
	if (strcmp(columns->group, columns->dish) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("group_column and %s are both \"%s\"", dish_argument, columns->dish),
				 errdetail("Group and dish are different columns of the source. Nothing was changed."),
				 errhint("Name both, or omit both to use their defaults.")));
}
