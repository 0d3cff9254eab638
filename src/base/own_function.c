/*-------------------------------------------------------------------------
 *
 * own_function.c
 *	  Whether the current role may call a function of the extension: see
 *	  own_function.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"

#include "base/own_function.h"
#include "base/query.h"


bool
own_function_may_call(const char *name)
{
	QueryArgs	args = {0};

	query_arg_text(&args, name);
	query_arg(&args, OIDOID, ObjectIdGetDatum(GetUserId()), false);
	return query_bool("SELECT bool_and(has_function_privilege($2, p.oid, 'EXECUTE')"
					  " AND has_schema_privilege($2, p.pronamespace, 'USAGE'))"
					  " FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass"
					  " AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid"
					  " WHERE p.proname = $1 AND e.extname = 'menuca_migrate'", &args);
}
