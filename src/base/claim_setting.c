/*-------------------------------------------------------------------------
 *
 * claim_setting.c
 *	  Which setting holds the claims of a request: see claim_setting.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/claim_setting.h"
#include "base/settings.h"

/* The setting that PostgREST, and so Supabase's auth.jwt(), keeps claims in. */
#define DEFAULT_CLAIMS_SETTING "request.jwt.claims"


bool
claim_setting_is_function(void)
{
	return strstr(menuca_jwt_claims, "()") != NULL;
}

const char *
claim_setting_name(void)
{
	return claim_setting_is_function() ? DEFAULT_CLAIMS_SETTING : menuca_jwt_claims;
}
