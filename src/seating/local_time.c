/*-------------------------------------------------------------------------
 *
 * local_time.c
 *	  Times as a restaurant's clock shows them: see local_time.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/query.h"
#include "seating/local_time.h"

static pg_tz *find_zone(const char *name);
static bool is_of_database(const char *name);
static bool is_in_range(Timestamp local);
static bool shows(TimestampTz instant, Timestamp local, pg_tz *zone);
static int64 offset_at(TimestampTz instant, pg_tz *zone);
pg_noreturn static void raise_out_of_range(void);


pg_tz *
local_time_zone(const SeatingSchema *schema, const pg_uuid_t *restaurant)
{
	QueryArgs	args = {.keep = true};
	char	   *name;
	pg_tz	   *zone;

	query_arg(&args, UUIDOID, UUIDPGetDatum(restaurant), false);
	name = query_text(psprintf("SELECT %s FROM %s r WHERE r.id = $1", schema->timezone, schema->restaurants), &args);
	if (name == NULL)
		seating_schema_require_restaurant(schema, restaurant);
	zone = name ? find_zone(name) : NULL;
	if (zone == NULL)
	{
		char	   *id = DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(restaurant)));

		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 name && *name ? errmsg("restaurant %s is in an unknown time zone \"%s\"", id, name) :
				 errmsg("restaurant %s has no time zone", id),
				 name && *name ? errdetail("It is not a name in pg_timezone_names. Without a time zone, no time of a booking is known.") :
				 errdetail("Without it, no time of a booking is known."),
				 errhint("UPDATE %s SET timezone = '...' WHERE id = '%s'; SELECT name FROM pg_timezone_names;",
						 schema->restaurants, id)));
	}
	return zone;
}

/* A zone of pg_timezone_names; NULL for anything else that pg_tzset() takes for one. */
static pg_tz *
find_zone(const char *name)
{
	pg_tz	   *zone = pg_tzset(name);

	return zone && pg_tz_acceptable(zone) && pg_strcasecmp(name, pg_get_timezone_name(zone)) == 0 &&
		is_of_database(pg_get_timezone_name(zone)) ? zone : NULL;
}

/*
 * Whether a zone's own name is one of the time zone database, not a POSIX specification
 * such as "XYZ+3", which is anybody's slip.  pg_tzset() gives the latter an uppercase name,
 * and it has the digits of an offset; the only such names of the database are below.  So
 * the database on disk need not be looked at.
 */
static bool
is_of_database(const char *name)
{
	static const char *const names[] = {"EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "GMT0", "GMT+0", "GMT-0"};

	for (size_t i = 0; i < lengthof(names); i++)
	{
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return strpbrk(name, "abcdefghijklmnopqrstuvwxyz") != NULL || strpbrk(name, "0123456789") == NULL;
}

TimestampTz
local_time_instant(Timestamp local, pg_tz *zone)
{
	TimestampTz instant;

	if (!is_in_range(local))
		raise_out_of_range();
	if (local_time_find(local, zone, &instant))
		return instant;
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
			 errmsg("the time %s does not exist in time zone %s",
					DatumGetCString(DirectFunctionCall1(timestamp_out, TimestampGetDatum(local))),
					pg_get_timezone_name(zone)),
			 errdetail("The clock is set forward over it that night."),
			 errhint("Choose a time before or after the clock change.")));
}

/*
 * The clock's offset is that of a day before or that of a day after, whichever
 * makes it show the time; the earlier instant comes first.
 */
bool
local_time_find(Timestamp local, pg_tz *zone, TimestampTz *instant)
{
	TimestampTz instants[2];

	if (!is_in_range(local))
		return false;
	instants[0] = local - offset_at(local - USECS_PER_DAY, zone);
	instants[1] = local - offset_at(local + USECS_PER_DAY, zone);
	if (instants[1] < instants[0])
	{
		TimestampTz first = instants[1];

		instants[1] = instants[0];
		instants[0] = first;
	}
	for (int i = 0; i < 2; i++)
	{
		if (shows(instants[i], local, zone))
		{
			*instant = instants[i];
			return true;
		}
	}
	return false;
}

/* With two days at both ends, so that all instants that are tried exist. */
static bool
is_in_range(Timestamp local)
{
	return !TIMESTAMP_NOT_FINITE(local) && IS_VALID_TIMESTAMP(local - 2 * USECS_PER_DAY) &&
		IS_VALID_TIMESTAMP(local + 2 * USECS_PER_DAY);
}

static bool
shows(TimestampTz instant, Timestamp local, pg_tz *zone)
{
	return local_time_of(instant, zone) == local;
}

Timestamp
local_time_of(TimestampTz instant, pg_tz *zone)
{
	return instant + offset_at(instant, zone);
}

/* How far the clock is ahead of UTC at an instant, in microseconds. */
static int64
offset_at(TimestampTz instant, pg_tz *zone)
{
	pg_time_t	seconds;
	struct pg_tm *tm;

	if (TIMESTAMP_NOT_FINITE(instant) || !IS_VALID_TIMESTAMP(instant))
		raise_out_of_range();
	seconds = timestamptz_to_time_t(instant);
	tm = pg_localtime(&seconds, zone);
	if (tm == NULL)
		raise_out_of_range();
	return tm->tm_gmtoff * USECS_PER_SEC;
}

DateADT
local_time_service_day(TimestampTz instant, pg_tz *zone)
{
	Timestamp	local = local_time_of(instant, zone) - SERVICE_DAY_BEGINS;
	int64		day = local / USECS_PER_DAY;

	if (local % USECS_PER_DAY < 0)
		day--;
	return (DateADT) day;
}

TimestampTz
local_time_service_day_begin(TimestampTz instant, pg_tz *zone)
{
	return local_time_instant(local_time_service_day(instant, zone) * USECS_PER_DAY + SERVICE_DAY_BEGINS, zone);
}

int64
local_time_in_service_day(TimestampTz instant, pg_tz *zone)
{
	return local_time_of(instant, zone) - local_time_service_day(instant, zone) * USECS_PER_DAY;
}

int
local_time_weekday(DateADT date)
{
	/* j2day() counts from Sunday, which is 0. */
	int			day = j2day(date + POSTGRES_EPOCH_JDATE);

	return day == 0 ? 7 : day;
}

static void
raise_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
			 errmsg("the time is out of range"),
			 errdetail("It must lie between the years 4713 BC and 294276, some days from both ends."),
			 errhint("Choose a time of a booking.")));
}
