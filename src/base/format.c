/*-------------------------------------------------------------------------
 *
 * format.c
 *	  Figures, words and lists as text: see format.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "base/format.h"

char *
format_count(uint64 count)
{
	char	   *digits = psprintf(UINT64_FORMAT, count);
	int			length = strlen(digits);
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < length; i++)
	{
		if (i > 0 && (length - i) % 3 == 0)
			appendStringInfoChar(&buf, ',');
		appendStringInfoChar(&buf, digits[i]);
	}
	return buf.data;
}

char *
format_things(uint64 count, const char *noun)
{
	return psprintf("%s %s%s", format_count(count), noun, count == 1 ? "" : "s");
}

char *
format_pct(uint64 part, uint64 whole)
{
	return whole == 0 ? pstrdup("n/a") : psprintf("%.2f %%", format_percentage(part, whole));
}

double
format_percentage(uint64 part, uint64 whole)
{
	return whole == 0 ? 0 : 100.0 * (double) part / (double) whole;
}

char *
format_utc(TimestampTz time)
{
	struct pg_tm tm;
	fsec_t		fraction;

	if (TIMESTAMP_NOT_FINITE(time))
		return pstrdup(time < 0 ? "-infinity" : "infinity");
	if (timestamp2tm(time, NULL, &tm, &fraction, NULL, NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return psprintf("%04d-%02d-%02d %02d:%02d:%02d UTC", tm.tm_year, tm.tm_mon, tm.tm_mday,
					tm.tm_hour, tm.tm_min, tm.tm_sec);
}

char *
format_seconds(double seconds)
{
	if (seconds < 99.5)
		return psprintf("%.0f s", seconds < 1 ? 1 : seconds);
	if (seconds < 99.5 * SECS_PER_MINUTE)
		return psprintf("%.0f min", seconds / SECS_PER_MINUTE);
	return psprintf("%.1f h", seconds / SECS_PER_HOUR);
}

char *
format_shell_word(const char *word)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '\'');
	for (const char *p = word; *p; p++)
	{
		if (*p == '\'')
			appendStringInfoString(&buf, "'\\''");
		else
			appendStringInfoChar(&buf, *p);
	}
	appendStringInfoChar(&buf, '\'');
	return buf.data;
}

char *
format_one_line(const char *text)
{
	char	   *line = pstrdup(text);

	for (char *p = line; *p; p++)
	{
		if ((unsigned char) *p < ' ' || *p == 0x7f)
			*p = ' ';
	}
	return line;
}

void
format_append(StringInfo list, const char *separator, const char *format,...)
{
	if (list->len > 0)
		appendStringInfoString(list, separator);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, format);
		needed = appendStringInfoVA(list, format, args);
		va_end(args);
		if (needed == 0)
			return;
		enlargeStringInfo(list, needed);
	}
}
