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
source_row_columns(FunctionCallInfo fcinfo, int place)
{
	SourceColumns columns;

	columns.id = optional_cstring(fcinfo, place);
	columns.dish = required_text(fcinfo, place + 1, "dish_column");
	columns.group = required_text(fcinfo, place + 2, "group_column");
	columns.order = optional_cstring(fcinfo, place + 3);
	return columns;
}

SourceColumns
source_list_columns(FunctionCallInfo fcinfo, int place)
{
	SourceColumns columns = {0};

	columns.group = required_text(fcinfo, place, "group_column");
	columns.dish = required_text(fcinfo, place + 1, "dish_column");
	return columns;
}
