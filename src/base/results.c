/*-------------------------------------------------------------------------
 *
 * results.c
 *	  Results of SQL-callable functions: see results.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/results.h"

static Oid	type_of_letter(char letter);
static const char *extension_of(Oid function);


TupleDesc
result_row_type(FunctionCallInfo fcinfo, const char *columns)
{
	int			n = (int) strlen(columns);
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (desc->natts != n)
		result_raise_other_version(fcinfo, psprintf("The SQL function returns %d columns, the library expects %d.",
													desc->natts, n));
	for (int i = 0; i < n; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			result_raise_other_version(fcinfo, psprintf("Column %d of the result was dropped from its type.", i + 1));
		if (att->atttypid != type_of_letter(columns[i]))
			result_raise_other_version(fcinfo, psprintf("Column \"%s\" of the result has type %s, the library expects %s.",
														NameStr(att->attname), format_type_be(att->atttypid),
														format_type_be(type_of_letter(columns[i]))));
	}
	return BlessTupleDesc(desc);
}

static Oid
type_of_letter(char letter)
{
	switch (letter)
	{
		case 'i':
			return INT8OID;
		case 'n':
			return NUMERICOID;
		case 'b':
			return BOOLOID;
		case 't':
			return TEXTOID;
		case 'a':
			return TEXTARRAYOID;
		case 'v':
			return INTERVALOID;
		case 'j':
			return JSONBOID;
		case 'z':
			return TIMESTAMPTZOID;
	}
	return InvalidOid;
}

void
result_raise_other_version(FunctionCallInfo fcinfo, const char *difference)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the extension's SQL functions and its library are of different versions"),
			 errdetail("%s Nothing was changed.", difference),
			 errhint("ALTER EXTENSION %s UPDATE; do not drop it, since that drops the ledger.",
					 extension_of(fcinfo->flinfo->fn_oid))));
}

static const char *
extension_of(Oid function)
{
	Oid			extension = getExtensionOfObject(ProcedureRelationId, function);

	return OidIsValid(extension) ? quote_identifier(get_extension_name(extension)) : MENUCA_LIBRARY;
}

Datum
result_text(const char *string, bool *isnull)
{
	*isnull = string == NULL;
	return string ? CStringGetTextDatum(string) : (Datum) 0;
}

Datum
result_percent(uint64 part, uint64 whole, bool *isnull)
{
	*isnull = whole == 0;
	if (*isnull)
		return (Datum) 0;
	return result_numeric(format_percentage(part, whole), 2);
}

Datum
result_numeric(double value, int decimals)
{
	return DirectFunctionCall3(numeric_in,
							   CStringGetDatum(psprintf("%.*f", decimals, value)),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

Datum
result_elapsed(TimestampTz start)
{
	return DirectFunctionCall2(timestamp_mi,
							   TimestampTzGetDatum(GetCurrentTimestamp()),
							   TimestampTzGetDatum(start));
}

Datum
result_json(const char *json)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json));
}

Datum
result_text_array(List *strings)
{
	Datum	   *datums = palloc(sizeof(Datum) * Max(list_length(strings), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, strings)
		datums[n++] = CStringGetTextDatum((char *) lfirst(lc));

	return PointerGetDatum(construct_array(datums, n, TEXTOID, -1, false,
										   TYPALIGN_INT));
}
