/*-------------------------------------------------------------------------
 *
 * seating_alert.c
 *	  The monitor for cron: it raises an error, or is written down.
 *
 * menuca_seating_alert(days), menuca_seating_record_monitor(days, restaurant)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "base/query.h"
#include "base/results.h"
#include "base/sqlstate.h"
#include "seating/seating_extension.h"
#include "watch/monitor_run.h"
#include "watch/watch_figures.h"

PG_FUNCTION_INFO_V1(menuca_seating_alert);
PG_FUNCTION_INFO_V1(menuca_seating_record_monitor);

static void return_summary(FunctionCallInfo fcinfo, const MonitorRun *run);
static void put_summary(TupleTableSlot *slot, void *arg);
pg_noreturn static void raise_alert(const MonitorRun *run);


/* menuca_seating_alert(days): the summary's row, or an error when a check fails. */
Datum
menuca_seating_alert(PG_FUNCTION_ARGS)
{
	MonitorRun *run = monitor_run_take(watch_figures_days(fcinfo, 0), NULL);

	if (run->failing > 0)
		raise_alert(run);
	if (!XactReadOnly)
		(void) monitor_run_store(run);
	if (strcmp(run->status, "SKIP") == 0)
		ereport(NOTICE,
				(errmsg("there are no data to be monitored"),
				 errdetail("No booking starts, and no attempt was made, in the last %d hours or later.", run->days * 24)));
	return_summary(fcinfo, run);
	return (Datum) 0;
}

/* menuca_seating_record_monitor(days, restaurant): one row. */
Datum
menuca_seating_record_monitor(PG_FUNCTION_ARGS)
{
	int			days = watch_figures_days(fcinfo, 0);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MonitorRun *run;
	Datum		values[4];
	bool		nulls[4] = {0};

	query_require_writable("menuca_seating_record_monitor()");
	run = monitor_run_take(days, PG_ARGISNULL(1) ? NULL : PG_GETARG_UUID_P(1));
	InitMaterializedSRF(fcinfo, 0);
	values[0] = Int64GetDatum(monitor_run_store(run));
	values[1] = CStringGetTextDatum(run->status);
	values[2] = result_text(run->actual, &nulls[2]);
	values[3] = result_text(run->next_step, &nulls[3]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	return (Datum) 0;
}

/* The row as the monitor gave it. */
static void
return_summary(FunctionCallInfo fcinfo, const MonitorRun *run)
{
	QueryArgs	args = {0};

	InitMaterializedSRF(fcinfo, 0);
	query_arg_json(&args, run->summary);
	(void) query_each("SELECT s.check_no, s.name, s.title, s.status, s.expected, s.actual, s.detail, s.remedy, s.next_step, s.metadata"
					  " FROM jsonb_to_record($1) s(check_no int4, name text, title text, status text, expected text, actual text,"
					  " detail text, remedy text, next_step text, metadata jsonb)", &args, put_summary, fcinfo->resultinfo);
}

static void
put_summary(TupleTableSlot *slot, void *arg)
{
	ReturnSetInfo *rsinfo = arg;

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, slot->tts_values, slot->tts_isnull);
}

static void
raise_alert(const MonitorRun *run)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ALERT),
			 errmsg(run->failing == 1 ? "1 check of seating fails" : "%d checks of seating fail", run->failing),
			 errdetail("%s", run->failures.data),
			 errhint("%s", run->next_step ? run->next_step :
					 seating_call("SELECT * FROM menuca_seating_monitor(days => %d) WHERE status IN ('FAIL', 'ERROR');", run->days))));
}
