/*-------------------------------------------------------------------------
 *
 * claim_source.h
 *	  Where policies read the claims of a request: menuca.jwt_claims.
 *
 * Which setting that is: base/claim_setting.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CLAIM_SOURCE_H
#define MENUCA_CLAIM_SOURCE_H

/*
 * An SQL expression that is the value of a claim, named as in base/jwt_claim.h:
 * a uuid if that is the type, otherwise a bigint.  Raises an error when
 * menuca.jwt_claims holds no name, and when users could write the claim, see
 * user_metadata.h.
 */
extern char *claim_source_expression(const char *claim, Oid type);

/* The same from the setting alone, so that it calls no function of others. */
extern char *claim_source_setting_expression(const char *claim, Oid type);

#endif							/* MENUCA_CLAIM_SOURCE_H */
