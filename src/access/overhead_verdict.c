/*-------------------------------------------------------------------------
 *
 * overhead_verdict.c
 *	  Whether measured times show an overhead: see overhead_verdict.h.
 *
 * menuca_judge_overhead(owner_ms, role_ms, owner_buffers, role_buffers, same_plan)
 *
 * On a busy machine single times, and so their medians, say little.  Two
 * executions next to each other share what else the machine does, so each role's
 * time is divided by its neighbour's; and since whoever comes second finds warmer
 * caches, two pairs in opposite order make one sample.  How far the median of the
 * samples can be trusted is said by ranks alone, whatever their distribution is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "access/overhead_verdict.h"
#include "base/arguments.h"
#include "base/compare.h"
#include "base/results.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(menuca_judge_overhead);

/* A difference per query, in ms, that nobody can notice. */
#define NOTICEABLE_MS 0.05

/* Pages, 1 MB, that are noticed when they are read besides. */
#define NOTICEABLE_BUFFERS 128

/* The interval has the true median in 99 of 100 measurements. */
#define CONFIDENCE_PCT 99
#define CONFIDENCE_Z 2.5758

static int	take_samples(const OverheadFigures *figures, double *pcts);
static void find_interval(OverheadVerdict *verdict, const double *sorted, int n);
static void judge(OverheadVerdict *verdict, const OverheadFigures *figures, int n);
static FindingStatus status_of_times(const OverheadVerdict *verdict);
static bool contains(const OverheadVerdict *verdict, double limit);
static bool is_equal_work(const OverheadFigures *figures);
static bool reads_much_more(const OverheadFigures *figures);
static char *describe_times(const OverheadVerdict *verdict, int n);
static const char *describe_doubt(const OverheadVerdict *verdict);
static char *describe_work(const OverheadFigures *figures);
static double *times_of_argument(FunctionCallInfo fcinfo, int arg, const char *name, int *n);


/* menuca_judge_overhead(...): one row. */
Datum
menuca_judge_overhead(PG_FUNCTION_ARGS)
{
	OverheadFigures figures = {0};
	OverheadVerdict verdict;
	int			n;
	Datum		values[7];
	bool		nulls[7] = {0};
	TupleDesc	desc = result_row_type(fcinfo, "nnnnntt");

	figures.owner = times_of_argument(fcinfo, 0, "owner_ms", &figures.pairs);
	figures.role = times_of_argument(fcinfo, 1, "role_ms", &n);
	if (n != figures.pairs)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("owner_ms has %d times, role_ms %d", figures.pairs, n),
				 errdetail("Each time of the role is compared with the one of the owner that was measured next to it."),
				 errhint("Pass as many times in both.")));
	if (!PG_ARGISNULL(2) && !PG_ARGISNULL(3) && !PG_ARGISNULL(4))
	{
		figures.has_work = true;
		figures.owner_buffers = PG_GETARG_INT64(2);
		figures.role_buffers = PG_GETARG_INT64(3);
		figures.same_plan = PG_GETARG_BOOL(4);
	}
	verdict = overhead_verdict(&figures);

	values[0] = result_numeric(verdict.owner_ms, 4);
	values[1] = result_numeric(verdict.role_ms, 4);
	values[2] = result_numeric(verdict.pct, 2);
	values[3] = result_numeric(verdict.low_pct, 2);
	values[4] = result_numeric(verdict.high_pct, 2);
	nulls[3] = nulls[4] = !verdict.has_interval;
	values[5] = CStringGetTextDatum(finding_status_name(verdict.status));
	values[6] = result_text(verdict.detail, &nulls[6]);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

OverheadVerdict
overhead_verdict(const OverheadFigures *figures)
{
	OverheadVerdict verdict = {0};
	double	   *sorted = palloc(sizeof(double) * figures->pairs);
	int			n;

	memcpy(sorted, figures->owner, sizeof(double) * figures->pairs);
	verdict.owner_ms = compare_median(sorted, figures->pairs);
	memcpy(sorted, figures->role, sizeof(double) * figures->pairs);
	verdict.role_ms = compare_median(sorted, figures->pairs);

	n = take_samples(figures, sorted);
	verdict.pct = compare_median(sorted, n);
	find_interval(&verdict, sorted, n);
	judge(&verdict, figures, n);
	pfree(sorted);
	return verdict;
}

/* How many percent longer the role took, for each two pairs; a last one counts alone if it is the only one. */
static int
take_samples(const OverheadFigures *figures, double *pcts)
{
	int			n = Max(figures->pairs / 2, 1);

	for (int i = 0; i < n; i++)
	{
		int			j = Min(2 * i + 1, figures->pairs - 1);
		double		ratio = sqrt(figures->role[2 * i] / figures->owner[2 * i] *
								 (figures->role[j] / figures->owner[j]));

		pcts[i] = 100.0 * (ratio - 1);
	}
	return n;
}

/*
 * The number of samples below the true median is like that of heads among n
 * coins, so with that confidence it is at least rank, and so is that above.
 */
static void
find_interval(OverheadVerdict *verdict, const double *sorted, int n)
{
	int			rank = (int) floor((n - 1 - CONFIDENCE_Z * sqrt(n)) / 2);

	verdict->has_interval = rank >= 0;
	if (!verdict->has_interval)
		return;
	verdict->low_pct = sorted[rank];
	verdict->high_pct = sorted[n - 1 - rank];
}

static void
judge(OverheadVerdict *verdict, const OverheadFigures *figures, int n)
{
	const char *reason = NULL;
	char	   *work = describe_work(figures);

	verdict->status = status_of_times(verdict);
	verdict->undecided = !reads_much_more(figures) &&
		(contains(verdict, menuca_max_access_overhead / 2) ||
		 (contains(verdict, menuca_max_access_overhead) && !is_equal_work(figures)));
	if (reads_much_more(figures))
	{
		verdict->status = CHECK_FAIL;
		reason = "a table is read whole, which fails whatever the time";
	}
	else if (verdict->status == CHECK_FAIL && is_equal_work(figures))
	{
		verdict->status = CHECK_WARN;
		reason = "the same work, so time alone is no failure";
	}
	else if (verdict->status == CHECK_FAIL && verdict->pct / 100.0 * verdict->owner_ms < NOTICEABLE_MS)
	{
		verdict->status = CHECK_WARN;
		reason = psprintf("less than %.2f ms: too little to notice, whatever its percentage", NOTICEABLE_MS);
	}
	else if (verdict->status == CHECK_WARN)
		reason = describe_doubt(verdict);
	verdict->detail = psprintf("%s%s%s%s%s", describe_times(verdict, n), reason ? "; " : "", reason ? reason : "",
							   work ? "; " : "", work ? work : "");
}

/* What cannot be told apart from a limit is neither below nor above it. */
static FindingStatus
status_of_times(const OverheadVerdict *verdict)
{
	if (!verdict->has_interval)
		return CHECK_WARN;
	if (verdict->high_pct < menuca_max_access_overhead / 2)
		return CHECK_PASS;
	return verdict->low_pct >= menuca_max_access_overhead ? CHECK_FAIL : CHECK_WARN;
}

static bool
contains(const OverheadVerdict *verdict, double limit)
{
	return verdict->has_interval && verdict->low_pct < limit && verdict->high_pct >= limit;
}

static bool
is_equal_work(const OverheadFigures *figures)
{
	return figures->has_work && figures->same_plan && figures->role_buffers <= figures->owner_buffers;
}

static bool
reads_much_more(const OverheadFigures *figures)
{
	return figures->has_work && figures->reads_whole &&
		figures->role_buffers - figures->owner_buffers >= NOTICEABLE_BUFFERS &&
		figures->role_buffers >= figures->owner_buffers * (1 + menuca_max_access_overhead / 100);
}

static char *
describe_times(const OverheadVerdict *verdict, int n)
{
	char	   *extra = psprintf("%+.4f ms per query", verdict->pct / 100.0 * verdict->owner_ms);

	if (!verdict->has_interval)
		return psprintf("%s; too few pairs for a confidence interval, which 18 have", extra);
	return psprintf("%s; between %.1f and %.1f %% with %d %% confidence, by %d samples of two pairs each",
					extra, verdict->low_pct, verdict->high_pct, CONFIDENCE_PCT, n);
}

/* Why it is a warning; NULL when the figures say it. */
static const char *
describe_doubt(const OverheadVerdict *verdict)
{
	double		fail = menuca_max_access_overhead;

	if (!verdict->has_interval)
		return NULL;
	if (contains(verdict, fail / 2))
		return psprintf("cannot be told apart from %g %%", fail / 2);
	if (contains(verdict, fail))
		return psprintf("cannot be told apart from %g %%", fail);
	return psprintf("more than %g %%", fail / 2);
}

static char *
describe_work(const OverheadFigures *figures)
{
	if (!figures->has_work)
		return NULL;
	return psprintf("%s, %lld pages %s",
					figures->same_plan ? "the same plan" : figures->difference ? figures->difference : "another plan",
					(long long) figures->role_buffers,
					figures->role_buffers == figures->owner_buffers ? "each" :
					psprintf("instead of %lld", (long long) figures->owner_buffers));
}

/* The times of an argument: at least one, and all of them greater than 0. */
static double *
times_of_argument(FunctionCallInfo fcinfo, int arg, const char *name, int *n)
{
	ArrayType  *array;
	Datum	   *values;
	bool	   *nulls;
	double	   *times;

	argument_require(fcinfo, arg, name);
	array = PG_GETARG_ARRAYTYPE_P(arg);
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &values, &nulls, n);
	times = palloc(sizeof(double) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
	{
		times[i] = nulls[i] ? 0 : DatumGetFloat8(values[i]);
		if (!(times[i] > 0) || isinf(times[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must have times in milliseconds, greater than 0", name),
					 errdetail("Element %d is %s.", i + 1,
							   nulls[i] ? "NULL" : psprintf("%g", times[i])),
					 errhint("Omit the pair.")));
	}
	if (*n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s has no times", name),
				 errhint("Pass the times of at least one pair of executions; 18 are needed for a confidence interval.")));
	return times;
}
