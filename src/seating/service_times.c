/*-------------------------------------------------------------------------
 *
 * service_times.c
 *	  Times of service days and days of the week: see service_times.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/compat.h"
#include "base/slot.h"
#include "seating/local_time.h"
#include "seating/service_times.h"

#define ALL_DAYS 0xFE			/* bits 1 to 7 */

static int	read_weekdays(ArrayType *array);
static int64 clock_microseconds(const Interval *interval);
pg_noreturn static void refuse_times(const char *message, const char *detail);


ServiceTimes
service_times_arguments(FunctionCallInfo fcinfo, int place)
{
	ServiceTimes times;
	Interval   *from;
	Interval   *until;

	argument_require(fcinfo, place, "from_time");
	argument_require(fcinfo, place + 1, "until_time");
	from = PG_GETARG_INTERVAL_P(place);
	until = PG_GETARG_INTERVAL_P(place + 1);
	times.from = clock_microseconds(from);
	times.until = clock_microseconds(until);
	if (times.from < 0 || times.until <= times.from || times.until > 2 * USECS_PER_DAY)
		refuse_times(psprintf("no booking starts from %s until before %s",
							  DatumGetCString(DirectFunctionCall1(interval_out, IntervalPGetDatum(from))),
							  DatumGetCString(DirectFunctionCall1(interval_out, IntervalPGetDatum(until)))),
					 "Both are from midnight of the service day on, such as 18 hours, or 25:30 for half past one at night.");
	times.weekdays = PG_ARGISNULL(place + 2) ? ALL_DAYS : read_weekdays(PG_GETARG_ARRAYTYPE_P(place + 2));
	if (times.weekdays == 0)
		refuse_times("weekdays must be numbers from 1 for Monday to 7 for Sunday", "NULL means all of them.");
	return times;
}

/* 0 when there is none, or something else. */
static int
read_weekdays(ArrayType *array)
{
	Datum	   *values;
	bool	   *nulls;
	int			n;
	int			days = 0;

	deconstruct_array(array, INT4OID, sizeof(int32), true, TYPALIGN_INT, &values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i] || DatumGetInt32(values[i]) < 1 || DatumGetInt32(values[i]) > 7)
			return 0;
		days |= 1 << DatumGetInt32(values[i]);
	}
	return days;
}

ServiceTimes
service_times_of(TupleTableSlot *slot, int column)
{
	ServiceTimes times;

	times.from = clock_microseconds(DatumGetIntervalP(slot_datum(slot, column, INTERVALOID)));
	times.until = clock_microseconds(DatumGetIntervalP(slot_datum(slot, column + 1, INTERVALOID)));
	times.weekdays = slot->tts_isnull[column + 2] ? ALL_DAYS :
		read_weekdays(DatumGetArrayTypeP(slot_datum(slot, column + 2, INT4ARRAYOID)));
	return times;
}

void
service_times_query_args(QueryArgs *args, const ServiceTimes *times)
{
	Interval   *from = palloc0(sizeof(Interval));
	Interval   *until = palloc0(sizeof(Interval));
	Datum		days[7];
	int			n = 0;

	from->time = times->from;
	until->time = times->until;
	for (int day = 1; day <= 7; day++)
	{
		if (times->weekdays & (1 << day))
			days[n++] = Int32GetDatum(day);
	}
	query_arg(args, INTERVALOID, IntervalPGetDatum(from), false);
	query_arg(args, INTERVALOID, IntervalPGetDatum(until), false);
	query_arg(args, INT4ARRAYOID, PointerGetDatum(construct_array(days, n, INT4OID, sizeof(int32), true, TYPALIGN_INT)),
			  times->weekdays == ALL_DAYS);
}

bool
service_times_hold(const ServiceTimes *times, TimestampTz start, pg_tz *zone)
{
	int64		time = local_time_in_service_day(start, zone);

	return times->from <= time && time < times->until &&
		(times->weekdays & (1 << local_time_weekday(local_time_service_day(start, zone)))) != 0;
}

/* As a time on the clock: a day has 24 hours; -1 with months, and beyond what there is. */
static int64
clock_microseconds(const Interval *interval)
{
	int64		time;

	if (interval->month != 0 || pg_mul_s64_overflow(interval->day, USECS_PER_DAY, &time) ||
		pg_add_s64_overflow(time, interval->time, &time))
		return -1;
	return time;
}

static void
refuse_times(const char *message, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s", message),
			 errdetail("%s Nothing was changed.", detail),
			 errhint("Omit times and weekdays for bookings of all times.")));
}
