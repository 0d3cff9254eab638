/*-------------------------------------------------------------------------
 *
 * rollout_gate.c
 *	  What refuses a wider stage of the rollout: see rollout_gate.h.
 *
 * The checks are those of menuca_seating_verify() and menuca_seating_monitor(), called by
 * SQL, as users do.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "base/query.h"
#include "rollout/rollout_gate.h"
#include "seating/seating_extension.h"

/* Checks of the monitor that say nothing before the first stage: they measure what it brings. */
#define MEASURED_LATER "'{usage,success,tables,latency,variants,zone_conflicts}'"

/* By which a failure of menuca_seating_verify() is known. */
#define VERIFY_FAILURE " of menuca_seating_verify() is "

static char *young_stage(const RolloutStage *current);
static int	days_of(const RolloutStage *current);


List *
rollout_gate_failures(const RolloutStage *current, const RolloutStage *stage)
{
	List	   *failures = NIL;
	QueryArgs	args = {0};
	char	   *young = current ? young_stage(current) : NULL;

	if (current && !stage_is_wider(stage, current))
		return NIL;
	if (young)
		failures = list_make1(young);
	query_begin_snapshot();
	failures = list_concat(failures,
						   query_texts(psprintf("SELECT format('%%s" VERIFY_FAILURE "%%s: %%s', name, status, actual) FROM %smenuca_seating_verify()"
												" WHERE status IN ('FAIL', 'ERROR') AND name <> 'summary'", seating_extension_schema()), NULL));
	query_arg(&args, INT4OID, Int32GetDatum(current ? days_of(current) : 1), false);
	failures = list_concat(failures,
						   query_texts(psprintf("SELECT format('%%s of menuca_seating_monitor() is %%s: %%s', name, status, actual) FROM %smenuca_seating_monitor($1)"
												" WHERE status IN ('FAIL', 'ERROR') AND name <> 'summary'%s", seating_extension_schema(),
												current ? "" : " AND name <> ALL (" MEASURED_LATER ")"), &args));
	query_end_snapshot();
	return failures;
}

char *
rollout_gate_call(List *failures)
{
	ListCell   *lc;

	foreach(lc, failures)
	{
		if (strstr(lfirst(lc), VERIFY_FAILURE))
			return seating_call("SELECT * FROM menuca_seating_verify();");
	}
	return seating_call("SELECT * FROM menuca_seating_monitor();");
}

static char *
young_stage(const RolloutStage *current)
{
	const char *least = stage_least_age(current);
	QueryArgs	args = {0};

	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(current->begun_at), false);
	query_arg_text(&args, least);
	query_arg_text(&args, stage_describe(current));
	return query_text("SELECT format('stage %s began %s ago and is watched for %s', $3,"
					  " justify_interval(date_trunc('minute', clock_timestamp() - $1)), $2::interval)"
					  " WHERE clock_timestamp() - $1 < $2::interval", &args);
}

/* The days since a stage began, at least one: the monitor looks at what it has brought. */
static int
days_of(const RolloutStage *current)
{
	int64		days = (GetCurrentTimestamp() - current->begun_at) / USECS_PER_DAY + 1;

	return (int) Max(1, Min(days, 7));
}
