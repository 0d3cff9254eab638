/*-------------------------------------------------------------------------
 *
 * service_date.c
 *	  Service days by date: see service_date.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "seating/local_time.h"
#include "survey/service_date.h"

/* Dates whose instants, and those of the days beside them, are timestamps. */
#define LEAST_DATE (DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE + 2)
#define GREATEST_DATE (TIMESTAMP_END_JULIAN - POSTGRES_EPOCH_JDATE - 3)


DateADT
service_date_require(DateADT date)
{
	if (DATE_NOT_FINITE(date) || date < LEAST_DATE || date > GREATEST_DATE)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("a service day has a date that instants can have"),
				 errdetail("Dates go from 4713 BC to 294276, and are not infinite."),
				 errhint("Omit the date for the current one.")));
	return date;
}

DateADT
service_date_today(const FloorReader *reader)
{
	return local_time_service_day(GetCurrentTimestamp(), reader->zone);
}

TimestampTz
service_date_begin(const FloorReader *reader, DateADT date)
{
	return local_time_instant((Timestamp) date * USECS_PER_DAY + SERVICE_DAY_BEGINS, reader->zone);
}
