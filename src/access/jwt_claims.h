/*-------------------------------------------------------------------------
 *
 * jwt_claims.h
 *	  The claims of a request.
 *
 * A claim is named by its key, or, inside other objects, by the path of keys
 * with arrows between them: restaurant_id, app_metadata -> restaurant_id.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_JWT_CLAIMS_H
#define MENUCA_JWT_CLAIMS_H

/* Claims that hold only the named one, as a JSON object; value is JSON. */
extern char *jwt_claim_object(const char *name, const char *value);

#endif							/* MENUCA_JWT_CLAIMS_H */
