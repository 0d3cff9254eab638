/*-------------------------------------------------------------------------
 *
 * jwt_claim.c
 *	  Names of claims: see jwt_claim.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/json.h"

#include "base/jwt_claim.h"


List *
jwt_claim_path(const char *name)
{
	List	   *keys = NIL;
	const char *rest = name;

	while (rest)
	{
		const char *arrow = strstr(rest, "->");
		const char *end = arrow ? arrow : rest + strlen(rest);

		while (rest < end && *rest == ' ')
			rest++;
		while (end > rest && end[-1] == ' ')
			end--;
		keys = lappend(keys, pnstrdup(rest, end - rest));
		rest = arrow ? arrow + 2 : NULL;
	}
	return keys;
}

char *
jwt_claim_object(const char *name, const char *value)
{
	List	   *path = jwt_claim_path(name);
	StringInfoData json;
	ListCell   *lc;

	initStringInfo(&json);
	foreach(lc, path)
	{
		appendStringInfoChar(&json, '{');
		escape_json(&json, lfirst(lc));
		appendStringInfoString(&json, ": ");
	}
	appendStringInfoString(&json, value);
	for (int i = 0; i < list_length(path); i++)
		appendStringInfoChar(&json, '}');
	return json.data;
}
