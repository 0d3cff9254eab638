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


SourceColumns
source_row_columns(FunctionCallInfo fcinfo, int position)
{
	SourceColumns columns;

	columns.id = argument_text_or_null(fcinfo, position);
	columns.dish = argument_text(fcinfo, position + 1, "dish_column");
	columns.group = argument_text(fcinfo, position + 2, "group_column");
	columns.order = argument_text_or_null(fcinfo, position + 3);
	return columns;
}

SourceColumns
source_list_columns(FunctionCallInfo fcinfo, int position)
{
	SourceColumns columns = {0};

	columns.group = argument_text(fcinfo, position, "group_column");
	columns.dish = argument_text(fcinfo, position + 1, "list_column");
	return columns;
}
