/*-------------------------------------------------------------------------
 *
 * local_time.h
 *	  Times as a restaurant's clock shows them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOCAL_TIME_H
#define MENUCA_LOCAL_TIME_H

#include "datatype/timestamp.h"
#include "pgtime.h"
#include "utils/date.h"
#include "utils/uuid.h"

#include "seating/seating_schema.h"

/* A service day begins at this hour: 00:30 belongs to the evening before. */
#define SERVICE_DAY_BEGINS (5 * USECS_PER_HOUR)

/*
 * The time zone of a restaurant: a name of pg_timezone_names, in upper or lower case.
 * Raises an error when there is no such restaurant, or its time zone is unknown or not
 * set: it is never guessed.
 */
extern pg_tz *local_time_zone(const SeatingSchema *schema, const pg_uuid_t *restaurant);

/*
 * The instant at which the restaurant's clock shows that time; the first one when it
 * shows it twice.  Raises an error when the clock change skips it.
 */
extern TimestampTz local_time_instant(Timestamp local, pg_tz *zone);

/* The same; returns false where that would raise an error. */
extern bool local_time_find(Timestamp local, pg_tz *zone, TimestampTz *instant);

/* What the clock shows at an instant. */
extern Timestamp local_time_of(TimestampTz instant, pg_tz *zone);

/* The service day that an instant belongs to. */
extern DateADT local_time_service_day(TimestampTz instant, pg_tz *zone);

/* When the service day of an instant began. */
extern TimestampTz local_time_service_day_begin(TimestampTz instant, pg_tz *zone);

/*
 * The time on the clock from midnight of the instant's service day on, in
 * microseconds: from 05:00 to less than 29:00.
 */
extern int64 local_time_in_service_day(TimestampTz instant, pg_tz *zone);

/* The day of the week of a date: 1 for Monday to 7 for Sunday. */
extern int	local_time_weekday(DateADT date);

#endif							/* MENUCA_LOCAL_TIME_H */
