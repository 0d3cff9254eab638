/*-------------------------------------------------------------------------
 *
 * seating_refusal.c
 *	  Texts of refusals: see seating_refusal.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/format.h"
#include "seating/local_time.h"
#include "seating/seating_refusal.h"

static void split_local(const FloorReader *reader, TimestampTz instant, struct pg_tm *tm);


char *
refusal_id(const pg_uuid_t *id)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)));
}

char *
refusal_time(const FloorReader *reader, TimestampTz instant)
{
	struct pg_tm tm;

	split_local(reader, instant, &tm);
	return psprintf("%04d-%02d-%02d %02d:%02d", tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min);
}

char *
refusal_instant(TimestampTz instant)
{
	struct pg_tm tm;
	fsec_t		fraction;

	if (TIMESTAMP_NOT_FINITE(instant) || timestamp2tm(instant, NULL, &tm, &fraction, NULL, NULL) != 0)
		return pstrdup("...");
	return psprintf("%04d-%02d-%02d %02d:%02d:%02d%s+00", tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
					fraction ? psprintf(".%06d", (int) fraction) : "");
}

/* As its type writes it, and reads it again. */
char *
refusal_argument(FunctionCallInfo fcinfo, int place, const char *name)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, place);
	Oid			output;
	bool		varlena;

	if (PG_ARGISNULL(place) || !OidIsValid(type))
		return "";
	getTypeOutputInfo(type, &output, &varlena);
	return psprintf(", %s => %s", name, quote_literal_cstr(OidOutputFunctionCall(output, fcinfo->args[place].value)));
}

char *
refusal_date(DateADT date)
{
	int			year;
	int			month;
	int			day;

	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return psprintf("%04d-%02d-%02d", year, month, day);
}

char *
refusal_window(const FloorReader *reader, TimestampTz start, TimestampTz end)
{
	struct pg_tm first;
	struct pg_tm last;

	split_local(reader, start, &first);
	split_local(reader, end, &last);
	if (first.tm_mday != last.tm_mday || first.tm_mon != last.tm_mon || first.tm_year != last.tm_year)
		return psprintf("%s to %s", refusal_time(reader, start), refusal_time(reader, end));
	return psprintf("%s to %02d:%02d", refusal_time(reader, start), last.tm_hour, last.tm_min);
}

/* Zeros when the time is out of range: a message is no reason for an error. */
static void
split_local(const FloorReader *reader, TimestampTz instant, struct pg_tm *tm)
{
	fsec_t		fraction;

	memset(tm, 0, sizeof(*tm));
	if (TIMESTAMP_NOT_FINITE(instant) ||
		timestamp2tm(local_time_of(instant, reader->zone), NULL, tm, &fraction, NULL, NULL) != 0)
		memset(tm, 0, sizeof(*tm));
}

char *
refusal_numbers(const FloorReader *reader, const int *tables, int n)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < n; i++)
		format_append(&text, ", ", "%s", reader->floor.tables[tables[i]].number);
	return text.data;
}

char *
refusal_ids(const FloorReader *reader, const int *tables, int n)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < n; i++)
		format_append(&text, ",", "%s", refusal_id(&reader->table_ids[tables[i]]));
	return psprintf("{%s}", text.data);
}

void
refusal_raise_argument(const char *message, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s", message),
			 errdetail("Nothing was changed."),
			 errhint("%s", hint)));
}
