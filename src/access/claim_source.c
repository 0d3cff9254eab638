/*-------------------------------------------------------------------------
 *
 * claim_source.c
 *	  Where policies read the claims of a request: see claim_source.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "access/claim_source.h"
#include "access/user_metadata.h"
#include "base/claim_setting.h"
#include "base/extension.h"
#include "base/relation.h"
#include "base/settings.h"

static char *read_claim(const char *claim, Oid type, const char *claims);


/*
 * A scalar sub-select is an InitPlan, so the claim is read once per statement.  The
 * function that returns all claims is in one of its own: Supabase's linter looks for
 * that.
 */
char *
claim_source_expression(const char *claim, Oid type)
{
	char	   *claims;

	user_metadata_refuse(menuca_jwt_claims, "setting menuca.jwt_claims");
	if (claim_setting_is_function())
	{
		const char *parentheses = strstr(menuca_jwt_claims, "()");
		RangeVar   *name = relation_parse_name("menuca.jwt_claims",
											   pnstrdup(menuca_jwt_claims,
														parentheses - menuca_jwt_claims));

		claims = psprintf("(SELECT %s())::pg_catalog.jsonb",
						  quote_qualified_identifier(name->schemaname, name->relname));
	}
	else
		claims = psprintf("%s::pg_catalog.text", quote_literal_cstr(menuca_jwt_claims));

	return read_claim(claim, type, claims);
}

char *
claim_source_setting_expression(const char *claim, Oid type)
{
	user_metadata_refuse(claim_setting_name(), "setting menuca.jwt_claims");
	return read_claim(claim, type, psprintf("%s::pg_catalog.text",
											quote_literal_cstr(claim_setting_name())));
}

static char *
read_claim(const char *claim, Oid type, const char *claims)
{
	user_metadata_refuse(claim, psprintf("the claim \"%s\"", claim));
	return psprintf("(SELECT %s%s(%s::pg_catalog.text, %s))", migrate_schema(),
					type == UUIDOID ? "menuca_claim_uuid" : "menuca_claim_bigint",
					quote_literal_cstr(claim), claims);
}
