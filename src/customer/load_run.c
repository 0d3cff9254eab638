/*-------------------------------------------------------------------------
 *
 * load_run.c
 *	  Recording a load run.
 *
 * menuca_record_load(latencies_us, errors, connections, started_at, finished_at,
 *					  seed, blocks_hit, blocks_read, menu_latencies_us)
 *
 * The percentiles' spread comes from ranks alone, whatever the distribution of the
 * latencies is: of n values, the one at rank k is above the quantile q with a
 * probability that the binomial distribution tells.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/compare.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "ledger/environment.h"

PG_FUNCTION_INFO_V1(menuca_record_load);

/* Greatest number of latencies that one call takes, and the longest one, a day. */
#define MAX_LATENCIES 10000000
#define MAX_LATENCY_US INT64CONST(86400000000)

/* Standard deviations to either side within which 95 % of the runs are. */
#define SPREAD 1.96

/* A percentile in ms, and between which values it may be. */
typedef struct LoadPercentile
{
	double		value;
	double		low;
	double		high;
} LoadPercentile;

static int64 *latencies_argument(FunctionCallInfo fcinfo, int place, int *n);
static int64 optional_count(FunctionCallInfo fcinfo, int place, const char *name);
static void require_times(TimestampTz started, TimestampTz finished);
static LoadPercentile percentile_of(const int64 *sorted, int n, double quantile);
static double latency_at(const int64 *sorted, int n, double rank);
static void add_percentile(QueryArgs *args, const LoadPercentile *percentile, bool known);
static void add_ms(QueryArgs *args, double ms, bool known);
static void add_optional_count(QueryArgs *args, int64 count);


/* Returns the number of the run. */
Datum
menuca_record_load(PG_FUNCTION_ARGS)
{
	int			n;
	int			menus = 0;
	int64	   *latencies;
	int64	   *menu_latencies = NULL;
	int			errors = argument_int4(fcinfo, 1, "errors");
	int			connections = argument_int4(fcinfo, 2, "connections");
	int64		hit = optional_count(fcinfo, 6, "blocks_hit");
	int64		read = optional_count(fcinfo, 7, "blocks_read");
	double		sum = 0;
	LoadPercentile p50;
	LoadPercentile p95;
	LoadPercentile menu_p50;
	LoadPercentile menu_p95;
	QueryArgs	args = {0};
	int64		load_id = 0;

	argument_require(fcinfo, 0, "latencies_us");
	latencies = latencies_argument(fcinfo, 0, &n);
	if (!PG_ARGISNULL(8))
		menu_latencies = latencies_argument(fcinfo, 8, &menus);
	argument_require(fcinfo, 3, "started_at");
	argument_require(fcinfo, 4, "finished_at");
	require_times(PG_GETARG_TIMESTAMPTZ(3), PG_GETARG_TIMESTAMPTZ(4));
	if (errors < 0 || connections < 1 || n + (int64) errors < 1 || n + (int64) errors > MAX_LATENCIES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a load run has 1 to %d requests, no negative number of errors, and at least one connection", MAX_LATENCIES),
				 errdetail("It was given with %d latencies, %d errors and %d connections. Nothing was recorded.",
						   n, errors, connections),
				 errhint("The program menuca-load measures and records a run.")));
	if (menus > n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the requests of menus are some of all requests"),
				 errdetail("It was given with %d latencies of menus, and %d of all requests. Nothing was recorded.", menus, n),
				 errhint("latencies_us has those of menus, too.")));
	query_require_writable("menuca_record_load()");

	for (int i = 0; i < n; i++)
		sum += latencies[i];
	p50 = percentile_of(latencies, n, 0.50);
	p95 = percentile_of(latencies, n, 0.95);
	menu_p50 = percentile_of(menu_latencies, menus, 0.50);
	menu_p95 = percentile_of(menu_latencies, menus, 0.95);

	query_arg_int8(&args, environment_require()->id);
	query_arg(&args, INT4OID, Int32GetDatum(n + errors), false);
	query_arg(&args, INT4OID, Int32GetDatum(connections), false);
	query_arg(&args, INT4OID, Int32GetDatum(errors), false);
	query_arg(&args, INT8OID, PG_ARGISNULL(5) ? (Datum) 0 : PG_GETARG_DATUM(5), PG_ARGISNULL(5));
	add_ms(&args, n > 0 ? sum / n / 1000 : 0, n > 0);
	add_percentile(&args, &p50, n > 0);
	add_percentile(&args, &p95, n > 0);
	add_ms(&args, percentile_of(latencies, n, 0.99).value, n > 0);
	add_ms(&args, n > 0 ? latencies[n - 1] / 1000.0 : 0, n > 0);
	add_percentile(&args, &menu_p50, menus > 0);
	add_percentile(&args, &menu_p95, menus > 0);
	add_optional_count(&args, hit);
	add_optional_count(&args, read);
	query_arg(&args, TIMESTAMPTZOID, PG_GETARG_DATUM(3), false);
	query_arg(&args, TIMESTAMPTZOID, PG_GETARG_DATUM(4), false);
	(void) migrate_write("menuca_load_run",
						 psprintf("INSERT INTO %smenuca_load_run (environment_id, requests, connections, errors, seed, mean_ms,"
								  " p50_ms, p50_low_ms, p50_high_ms, p95_ms, p95_low_ms, p95_high_ms, p99_ms, max_ms,"
								  " menu_p50_ms, menu_p50_low_ms, menu_p50_high_ms, menu_p95_ms, menu_p95_low_ms, menu_p95_high_ms,"
								  " blocks_hit, blocks_read, started_at, finished_at)"
								  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
								  " $19, $20, $21, $22, $23, $24)"
								  " RETURNING load_id", migrate_schema()),
						 &args, slot_store_int8, &load_id);
	PG_RETURN_INT64(load_id);
}

/* Latencies, which may be none, in their order; a copy. */
static int64 *
latencies_argument(FunctionCallInfo fcinfo, int place, int *n)
{
	Datum	   *values;
	bool	   *nulls;
	int64	   *latencies;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(place), INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &values, &nulls, n);
	latencies = palloc(sizeof(int64) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
	{
		if (nulls[i] || DatumGetInt64(values[i]) < 0 || DatumGetInt64(values[i]) > MAX_LATENCY_US)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a latency must be between 0 and %lld microseconds, and not NULL", (long long) MAX_LATENCY_US),
					 errdetail("The one at position %d is not. Nothing was recorded.", i + 1),
					 errhint("A request that has failed has no latency: it is one of the errors.")));
		latencies[i] = DatumGetInt64(values[i]);
	}
	qsort(latencies, *n, sizeof(int64), compare_int8);
	return latencies;
}

/* -1: not known. */
static int64
optional_count(FunctionCallInfo fcinfo, int place, const char *name)
{
	int64		count = PG_ARGISNULL(place) ? -1 : PG_GETARG_INT64(place);

	if (!PG_ARGISNULL(place) && count < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative", name),
				 errdetail("It was given as %lld. Nothing was recorded.", (long long) count),
				 errhint("The server's counters were reset during the run: omit it.")));
	return count;
}

/* Times in the future would make a run count after changes that are still to come. */
static void
require_times(TimestampTz started, TimestampTz finished)
{
	if (!TIMESTAMP_NOT_FINITE(started) && !TIMESTAMP_NOT_FINITE(finished) && started <= finished &&
		finished <= GetCurrentTimestamp())
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("a load run begins before it ends, and has ended when it is recorded"),
			 errdetail("It was given from %s to %s. Nothing was recorded.",
					   TIMESTAMP_NOT_FINITE(started) ? "an infinite time" : timestamptz_to_str(started),
					   TIMESTAMP_NOT_FINITE(finished) ? "an infinite time" : pstrdup(timestamptz_to_str(finished))),
			 errhint("Pass the times of the server's clock.")));
}

/* Of latencies in microseconds, in order; zeros when there are none. */
static LoadPercentile
percentile_of(const int64 *sorted, int n, double quantile)
{
	double		deviation = SPREAD * sqrt(n * quantile * (1 - quantile));
	LoadPercentile percentile = {0};

	if (n == 0)
		return percentile;
	percentile.value = latency_at(sorted, n, ceil(n * quantile));
	percentile.low = latency_at(sorted, n, floor(n * quantile - deviation));
	percentile.high = latency_at(sorted, n, ceil(n * quantile + deviation) + 1);
	return percentile;
}

/* The value at a rank, counted from 1, in ms; the first or the last one beyond them. */
static double
latency_at(const int64 *sorted, int n, double rank)
{
	return sorted[(int) Min(Max(rank, 1), n) - 1] / 1000.0;
}

static void
add_percentile(QueryArgs *args, const LoadPercentile *percentile, bool known)
{
	add_ms(args, percentile->value, known);
	add_ms(args, percentile->low, known);
	add_ms(args, percentile->high, known);
}

static void
add_ms(QueryArgs *args, double ms, bool known)
{
	query_arg(args, NUMERICOID, known ? result_numeric(ms, 3) : (Datum) 0, !known);
}

static void
add_optional_count(QueryArgs *args, int64 count)
{
	query_arg(args, INT8OID, Int64GetDatum(count), count < 0);
}
