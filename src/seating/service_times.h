/*-------------------------------------------------------------------------
 *
 * service_times.h
 *	  Times of service days and days of the week for which a rule holds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SERVICE_TIMES_H
#define MENUCA_SERVICE_TIMES_H

#include "datatype/timestamp.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "pgtime.h"

#include "base/query.h"

/* Times are microseconds on the clock from midnight of the service day on. */
typedef struct ServiceTimes
{
	int64		from;			/* a booking that starts then or later */
	int64		until;			/* and before this */
	int			weekdays;		/* a bit for each day, 1 for Monday to 7 for
								 * Sunday */
} ServiceTimes;

/*
 * The arguments from_time, until_time and weekdays, from that position on.  Raises
 * an error unless some booking can start then.
 */
extern ServiceTimes service_times_arguments(FunctionCallInfo fcinfo, int place);

/* The columns from_time, until_time and weekdays, from that column on. */
extern ServiceTimes service_times_of(TupleTableSlot *slot, int column);

/* Appends three arguments for these columns. */
extern void service_times_query_args(QueryArgs *args, const ServiceTimes *times);

/* True if a booking that starts at that instant is among those meant. */
extern bool service_times_hold(const ServiceTimes *times, TimestampTz start, pg_tz *zone);

#endif							/* MENUCA_SERVICE_TIMES_H */
