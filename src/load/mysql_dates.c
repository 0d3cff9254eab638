/*-------------------------------------------------------------------------
 *
 * mysql_dates.c
 *	  MySQL's dates and times as text: see mysql_dates.h.
 *
 * The server's own input functions accept far more, such as "today", and let
 * settings decide what it means.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/datetime.h"

#include "load/mysql_dates.h"
#include "load/mysql_types.h"

/* The pivot of years with two digits: 69 is 2069, 70 is 1970. */
#define FIRST_YEAR_OF_1900	70

/* The most digits of a second's fraction. */
#define FRACTION_DIGITS		6

static bool read_clock(const char **p, const char *end);
static bool read_zone(const char **p, const char *end);
static bool read_field(const char **p, const char *end, int limit);
static bool read_char(const char **p, const char *end, char c);


/* A date is YYYY-MM-DD, a timestamp has its time after that. */
bool
mysql_is_zero_date(const char *date, size_t len)
{
	return len >= 10 && memcmp(date, "0000-00-00", 10) == 0 && !mysql_has_time(date, len);
}

const char *
mysql_date_problem(const char *date, size_t len, bool *has_zone)
{
	const char *p = date + 10;
	const char *end = date + len;
	int			year;
	int			month;
	int			day;

	*has_zone = false;
	if (len < 10 || date[4] != '-' || date[7] != '-' || !mysql_is_digits(date, 4) ||
		!mysql_is_digits(date + 5, 2) || !mysql_is_digits(date + 8, 2))
		return "is not written as YYYY-MM-DD";

	year = atoi(pnstrdup(date, 4));
	month = atoi(pnstrdup(date + 5, 2));
	day = atoi(pnstrdup(date + 8, 2));
	if (year < 1 || month < 1 || month > MONTHS_PER_YEAR || day < 1 ||
		day > day_tab[isleap(year)][month - 1])
		return "is no date of the calendar";
	if (p == end)
		return NULL;

	if (!(read_char(&p, end, ' ') || read_char(&p, end, 'T')) ||
		!read_field(&p, end, HOURS_PER_DAY) || !read_clock(&p, end))
		return "has no time of a day, as HH:MM:SS, after the date";
	*has_zone = p < end;
	if (p < end && !(read_zone(&p, end) && p == end))
		return "has something after its time that is no time zone";
	return NULL;
}

bool
mysql_is_time(const char *time, size_t len)
{
	const char *p = time;
	const char *end = time + len;
	size_t		hours = 0;

	(void) read_char(&p, end, '-');
	while (p < end && *p >= '0' && *p <= '9')
	{
		p++;
		hours++;
	}
	return hours > 0 && read_clock(&p, end) && p == end;
}

/* Reads :MM, or :MM:SS, or :MM:SS with a fraction. */
static bool
read_clock(const char **p, const char *end)
{
	int			digits = 0;

	if (!read_char(p, end, ':') || !read_field(p, end, MINS_PER_HOUR))
		return false;
	if (!read_char(p, end, ':'))
		return true;
	if (!read_field(p, end, SECS_PER_MINUTE))
		return false;
	if (!read_char(p, end, '.'))
		return true;
	while (*p < end && **p >= '0' && **p <= '9')
	{
		(*p)++;
		digits++;
	}
	return digits > 0 && digits <= FRACTION_DIGITS;
}

/* Reads +HH:MM or -HH:MM. */
static bool
read_zone(const char **p, const char *end)
{
	return (read_char(p, end, '+') || read_char(p, end, '-')) &&
		read_field(p, end, HOURS_PER_DAY) && read_char(p, end, ':') &&
		read_field(p, end, MINS_PER_HOUR);
}

/* Reads two digits of a number below the limit. */
static bool
read_field(const char **p, const char *end, int limit)
{
	const char *d = *p;

	if (end - d < 2 || !mysql_is_digits(d, 2) || (d[0] - '0') * 10 + d[1] - '0' >= limit)
		return false;
	*p += 2;
	return true;
}

static bool
read_char(const char **p, const char *end, char c)
{
	if (*p == end || **p != c)
		return false;
	(*p)++;
	return true;
}

/*
 * MySQL up to 4.0 writes a TIMESTAMP as digits, as many as its type says; any
 * version reads dates as digits.  In a number, zeros may lack at the left.
 */
bool
mysql_date_of_digits(const MysqldumpValue *value, int timestamp_width, char *date)
{
	char		digits[15];
	int			n = value->len;
	int			year;
	const char *rest;

	if (n == 0 || n > 14 || !mysql_is_digits(value->data, n))
		return false;
	if (n != timestamp_width && value->kind == MYSQLDUMP_NUMBER)
		n = n <= 6 ? 6 : n <= 8 ? 8 : n <= 12 ? 12 : 14;
	memset(digits, '0', sizeof(digits));
	memcpy(digits + n - value->len, value->data, value->len);
	digits[n] = '\0';

	if (n != 14 && n != 12 && n != 8 && n != 6 &&
		!(n == timestamp_width && (n == 10 || n == 4 || n == 2)))
		return false;

	if (strspn(digits, "0") == (size_t) n)
	{
		strcpy(date, "0000-00-00");
		return true;
	}

	/* what a shorter TIMESTAMP leaves out is not known: its first moment */
	if (n == 14 || n == 8)
	{
		year = pg_strtoint32(pnstrdup(digits, 4));
		rest = digits + 4;
	}
	else
	{
		year = pg_strtoint32(pnstrdup(digits, 2));
		year += year < FIRST_YEAR_OF_1900 ? 2000 : 1900;
		rest = digits + 2;
	}
	n = strlen(rest);
	snprintf(date, MYSQL_DATE_SIZE, "%04d-%.2s-%.2s %.2s:%.2s:%.2s", year,
			 n >= 2 ? rest : "01", n >= 4 ? rest + 2 : "01", n >= 6 ? rest + 4 : "00",
			 n >= 8 ? rest + 6 : "00", n >= 10 ? rest + 8 : "00");
	return true;
}

bool
mysql_has_time(const char *date, size_t len)
{
	for (size_t i = 10; i < len; i++)
	{
		if (date[i] >= '1' && date[i] <= '9')
			return true;
	}
	return false;
}
