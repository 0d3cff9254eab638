/*-------------------------------------------------------------------------
 *
 * report.c
 *	  Figures as people and programs read them: see report.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#include "base/report.h"

static void json_key(StringInfo buf, const char *key);


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
	return whole == 0 ? pstrdup("n/a") : psprintf("%.2f %%", percent(part, whole));
}

double
percent(uint64 part, uint64 whole)
{
	return whole == 0 ? 0 : 100.0 * (double) part / (double) whole;
}

Datum
percent_numeric(uint64 part, uint64 whole, bool *isnull)
{
	*isnull = whole == 0;
	if (*isnull)
		return (Datum) 0;
	return numeric_of(percent(part, whole), 2);
}

Datum
numeric_of(double value, int decimals)
{
	return DirectFunctionCall3(numeric_in,
							   CStringGetDatum(psprintf("%.*f", decimals, value)),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

Datum
elapsed_interval(TimestampTz start)
{
	return DirectFunctionCall2(timestamp_mi,
							   TimestampTzGetDatum(GetCurrentTimestamp()),
							   TimestampTzGetDatum(start));
}

Datum
text_array(List *strings)
{
	Datum	   *datums = palloc(sizeof(Datum) * Max(list_length(strings), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, strings)
		datums[n++] = CStringGetTextDatum((char *) lfirst(lc));

	return PointerGetDatum(construct_array(datums, n, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

void
json_begin(StringInfo buf)
{
	appendStringInfoChar(buf, '{');
}

void
json_count(StringInfo buf, const char *key, uint64 value)
{
	json_key(buf, key);
	appendStringInfo(buf, UINT64_FORMAT, value);
}

void
json_pct(StringInfo buf, const char *key, uint64 part, uint64 whole)
{
	json_key(buf, key);
	if (whole == 0)
		appendStringInfoString(buf, "null");
	else
		appendStringInfo(buf, "%.2f", percent(part, whole));
}

void
json_text(StringInfo buf, const char *key, const char *value)
{
	json_key(buf, key);
	if (value == NULL)
		appendStringInfoString(buf, "null");
	else
		escape_json(buf, value);
}

void
json_raw(StringInfo buf, const char *key, const char *json)
{
	json_key(buf, key);
	appendStringInfoString(buf, json);
}

void
json_end(StringInfo buf)
{
	appendStringInfoChar(buf, '}');
}

static void
json_key(StringInfo buf, const char *key)
{
	if (buf->data[buf->len - 1] != '{')
		appendStringInfoString(buf, ", ");
	escape_json(buf, key);
	appendStringInfoString(buf, ": ");
}

char *
shell_quoted(const char *word)
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
