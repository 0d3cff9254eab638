/*-------------------------------------------------------------------------
 *
 * claim_source.h
 *	  Where policies read the claims of a request: menuca.jwt_claims.
 *
 * It names the setting that holds them as JSON, or, with (), the function that
 * returns them as jsonb, such as Supabase's auth.jwt().
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CLAIM_SOURCE_H
#define MENUCA_CLAIM_SOURCE_H

/* True if a function returns the claims. */
extern bool claim_source_is_function(void);

/* The setting to put claims into when policies are tried out. */
extern const char *claim_source_setting(void);

/*
 * An SQL expression that is the value of a claim, named as in jwt_claims.h:
 * a uuid if that is the type, otherwise a bigint.  Raises an error when
 * menuca.jwt_claims holds no name, and when users could write the claim, see
 * user_metadata.h.
 */
extern char *claim_source_expression(const char *claim, Oid type);

/* The same from the setting alone, so that it calls no function of others. */
extern char *claim_source_setting_expression(const char *claim, Oid type);

#endif							/* MENUCA_CLAIM_SOURCE_H */
