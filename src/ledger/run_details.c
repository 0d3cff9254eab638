/*-------------------------------------------------------------------------
 *
 * run_details.c
 *	  Everything that the ledger knows of a run, for people.
 *
 * menuca_run_details(run_id)	the rows of view menuca_run_detail, in order
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/extension.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "ledger/run_ledger.h"

PG_FUNCTION_INFO_V1(menuca_run_details);

static void return_detail(TupleTableSlot *slot, void *arg);


/* menuca_run_details(run_id bigint): section, name, value. */
Datum
menuca_run_details(PG_FUNCTION_ARGS)
{
	Run		   *run = run_find(run_argument(fcinfo, 0, migrate_call("SELECT run_id, kind, status, started_at FROM menuca_runs ORDER BY 1;")));
	QueryArgs	args = {0};

	InitMaterializedSRF(fcinfo, 0);
	query_arg_int8(&args, run->id);
	query_each(psprintf("SELECT section, name, value FROM %smenuca_run_detail WHERE run_id = $1 ORDER BY section_no, position",
						migrate_schema()),
			   &args, return_detail, fcinfo->resultinfo);
	return (Datum) 0;
}

static void
return_detail(TupleTableSlot *slot, void *arg)
{
	ReturnSetInfo *rsinfo = arg;
	Datum		values[3];
	bool		nulls[3];

	for (int i = 0; i < 3; i++)
		values[i] = result_text(slot_text_or_null(slot, i), &nulls[i]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
