/*-------------------------------------------------------------------------
 *
 * export_original.c
 *	  The database that exported files are for: see export_original.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/export_original.h"
#include "base/export_template.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/sqlstate.h"


char *
export_original_json(void)
{
	char	   *original = query_text(psprintf("SELECT original::text FROM %smenuca_copy_original", migrate_schema()), NULL);

	if (original == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ENVIRONMENT),
				 errmsg("it is not recorded of which database this one is a copy"),
				 errdetail("Exported files run only on the database that the copy was made of. Nothing was exported."),
				 errhint("Record it, with the name of the hosted database and its project, or system_identifier => N instead of the project: %s",
						 migrate_call("SELECT * FROM menuca_copy_of('postgres', project => '...');"))));
	return original;
}

char *
export_original_guard(const char *original)
{
	ExportValue values[] = {{"original", quote_literal_cstr(original)}};

	return export_template_from("menuca_export_guard_template", values, lengthof(values));
}
