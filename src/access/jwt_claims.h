/*-------------------------------------------------------------------------
 *
 * jwt_claims.h
 *	  The claims of a request.
 *
 * A claim is named by its key, or by the keys that lead to it, with arrows
 * between them: restaurant_id, app_metadata -> restaurant_id.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_JWT_CLAIMS_H
#define MENUCA_JWT_CLAIMS_H

#include "nodes/pg_list.h"

/* The keys of a claim's name, as C strings. */
extern List *jwt_claim_keys(const char *name);

/* A JSON object in which that claim has that value, which is JSON. */
extern char *jwt_claim_object(const char *name, const char *value);

#endif							/* MENUCA_JWT_CLAIMS_H */
