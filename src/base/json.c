/*-------------------------------------------------------------------------
 *
 * json.c
 *	  JSON objects, written member by member: see json.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/json.h"
#include "utils/timestamp.h"

#include "base/format.h"
#include "base/json.h"

static void append_key(StringInfo buf, const char *key);


void
json_begin(StringInfo buf)
{
	appendStringInfoChar(buf, '{');
}

void
json_count(StringInfo buf, const char *key, uint64 value)
{
	append_key(buf, key);
	appendStringInfo(buf, UINT64_FORMAT, value);
}

void
json_pct(StringInfo buf, const char *key, uint64 part, uint64 whole)
{
	append_key(buf, key);
	if (whole == 0)
		appendStringInfoString(buf, "null");
	else
		appendStringInfo(buf, "%.2f", format_percentage(part, whole));
}

void
json_text(StringInfo buf, const char *key, const char *value)
{
	append_key(buf, key);
	if (value == NULL)
		appendStringInfoString(buf, "null");
	else
		escape_json(buf, value);
}

void
json_bool(StringInfo buf, const char *key, bool value)
{
	json_raw(buf, key, value ? "true" : "false");
}

void
json_seconds(StringInfo buf, const char *key, TimestampTz start)
{
	append_key(buf, key);
	appendStringInfo(buf, "%.3f", (double) (GetCurrentTimestamp() - start) / USECS_PER_SEC);
}

void
json_texts(StringInfo buf, const char *key, const List *values)
{
	ListCell   *lc;

	append_key(buf, key);
	appendStringInfoChar(buf, '[');
	foreach(lc, values)
	{
		if (foreach_current_index(lc) > 0)
			appendStringInfoString(buf, ", ");
		escape_json(buf, (char *) lfirst(lc));
	}
	appendStringInfoChar(buf, ']');
}

void
json_raw(StringInfo buf, const char *key, const char *json)
{
	append_key(buf, key);
	appendStringInfoString(buf, json);
}

void
json_end(StringInfo buf)
{
	appendStringInfoChar(buf, '}');
}

static void
append_key(StringInfo buf, const char *key)
{
	if (buf->data[buf->len - 1] != '{')
		appendStringInfoString(buf, ", ");
	escape_json(buf, key);
	appendStringInfoString(buf, ": ");
}

char *
json_one_count(const char *key, uint64 count)
{
	StringInfoData object;

	initStringInfo(&object);
	json_begin(&object);
	json_count(&object, key, count);
	json_end(&object);
	return object.data;
}
