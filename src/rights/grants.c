/*-------------------------------------------------------------------------
 *
 * grants.c
 *	  The statements that give a role the rights for a purpose.
 *
 * menuca_grants(role, purpose)
 *
 * The list of rights is the view menuca_right; the statements are made for the
 * tables, sequences and roles that exist.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/formatting.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(menuca_grants);

static void require_role(const char *role, const char *purpose);
static void require_purpose(const char *purpose);
static char *staging_schema(void);


/* menuca_grants(role, purpose): a row per statement. */
Datum
menuca_grants(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *role = argument_text(fcinfo, 0, "role");
	char	   *purpose = argument_text(fcinfo, 1, "purpose");
	QueryArgs	args = {0};
	ListCell   *lc;

	require_role(role, purpose);
	require_purpose(purpose);

	query_arg_text(&args, role);
	query_arg_text(&args, purpose);
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, staging_schema());
	query_arg(&args, TEXTARRAYOID,
			  result_text_array(list_make3(menuca_public_role, menuca_tenant_role, menuca_admin_role)), false);

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	foreach(lc, query_texts(psprintf("SELECT s FROM %smenuca_grant_statements($1, $2, $3, $4, $5) s",
									 migrate_schema()), &args))
	{
		Datum		value = CStringGetTextDatum(lfirst(lc));
		bool		isnull = false;

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value, &isnull);
	}
	return (Datum) 0;
}

/* A role that differs in letter case only is more likely meant than a new one. */
static void
require_role(const char *role, const char *purpose)
{
	char	   *lower = asc_tolower(role, strlen(role));

	if (OidIsValid(get_role_oid(role, true)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("role \"%s\" does not exist", role),
			 errdetail("The statements would give it rights for the purpose \"%s\".", purpose),
			 OidIsValid(get_role_oid(lower, true)) ?
			 errhint("%s", migrate_call("There is a role \"%s\": SELECT statement FROM menuca_grants(%s, %s);",
										lower, quote_literal_cstr(lower), quote_literal_cstr(purpose))) :
			 *role == '\0' ? errhint("SELECT rolname FROM pg_roles;") :
			 errhint("CREATE ROLE %s;", quote_identifier(role))));
}

static void
require_purpose(const char *purpose)
{
	QueryArgs	args = {0};

	query_arg_text(&args, purpose);
	if (!query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_right"
							 " WHERE purpose = $1 AND purpose <> 'public')", migrate_schema()), &args))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown purpose \"%s\"", purpose),
				 errdetail("The purposes are: %s.",
						   query_text(psprintf("SELECT coalesce(string_agg(DISTINCT purpose, ', '), 'none') FROM %smenuca_right"
											   " WHERE purpose <> 'public'", migrate_schema()), NULL)),
				 errhint("Omit the argument for a role that only reads.")));
}

/* The schema of the setting menuca.source_table, where the loader makes its tables. */
static char *
staging_schema(void)
{
	RangeVar   *source = relation_parse_name("setting menuca.source_table", menuca_source_table);

	return source->schemaname ? source->schemaname : pstrdup("public");
}
