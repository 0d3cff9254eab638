/*-------------------------------------------------------------------------
 *
 * monitor_run.c
 *	  Calling the monitor, and writing down what it said: see monitor_run.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"

#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/seating_extension.h"
#include "watch/monitor_run.h"

static void add_monitor_row(TupleTableSlot *slot, void *arg);

/* What add_monitor_row() adds to, in its caller's memory. */
typedef struct RunRows
{
	MonitorRun *run;
	MemoryContext context;
} RunRows;


MonitorRun *
monitor_run_take(int days, const pg_uuid_t *restaurant)
{
	MonitorRun *run = palloc0(sizeof(MonitorRun));
	RunRows		rows = {run, CurrentMemoryContext};
	QueryArgs	args = {0};

	run->days = days;
	run->restaurant = restaurant;
	initStringInfo(&run->rows);
	initStringInfo(&run->failures);
	query_arg(&args, INT4OID, Int32GetDatum(days), false);
	query_arg_uuid(&args, restaurant);
	(void) query_each(psprintf("SELECT m.name, m.status, m.actual, m.next_step, to_jsonb(m)::text AS row FROM %smenuca_seating_monitor($1, $2) m ORDER BY m.check_no",
							   seating_extension_schema()), &args, add_monitor_row, &rows);
	appendStringInfoChar(&run->rows, ']');
	return run;
}

/* The last one is the summary. */
static void
add_monitor_row(TupleTableSlot *slot, void *arg)
{
	RunRows    *rows = arg;
	MonitorRun *run = rows->run;
	MemoryContext old = MemoryContextSwitchTo(rows->context);
	char	   *name = slot_text(slot, 0);
	char	   *json = slot_text(slot, 4);

	run->status = slot_text(slot, 1);
	run->actual = slot_text_or_null(slot, 2);
	appendStringInfo(&run->rows, "%s%s", run->rows.len == 0 ? "[" : ", ", json);
	if (strcmp(name, "summary") == 0)
	{
		run->summary = json;
		run->next_step = slot_text_or_null(slot, 3);
	}
	else if (strcmp(run->status, "FAIL") == 0 || strcmp(run->status, "ERROR") == 0)
	{
		run->failing++;
		format_append(&run->failures, "\n", "%s %s: %s", run->status, name, run->actual ? format_one_line(run->actual) : "");
	}
	MemoryContextSwitchTo(old);
}

/* Called as the extension's owner, so it only stores. */
static void
store_run_id(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = slot_int8(slot, 0);
}

int64
monitor_run_store(const MonitorRun *run)
{
	QueryArgs	args = {0};
	int64		id = 0;

	query_arg(&args, INT4OID, Int32GetDatum(run->days), false);
	query_arg_uuid(&args, run->restaurant);
	query_arg_text(&args, run->status);
	query_arg_text(&args, run->actual);
	query_arg_json(&args, run->rows.data);
	seating_write("menuca_seating_monitor_run",
				  psprintf("INSERT INTO %smenuca_seating_monitor_run (days, restaurant_id, status, summary, rows)"
						   " VALUES ($1, $2, $3, $4, $5) RETURNING run_id",
						   seating_extension_schema()), &args, store_run_id, &id);
	return id;
}
