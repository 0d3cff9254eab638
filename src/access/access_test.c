/*-------------------------------------------------------------------------
 *
 * access_test.c
 *	  The matrix of roles, tables and commands as rows.
 *
 * menuca_test_access(tables)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "access/access_cell.h"
#include "access/access_matrix.h"
#include "base/arguments.h"
#include "base/results.h"

PG_FUNCTION_INFO_V1(menuca_test_access);


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
