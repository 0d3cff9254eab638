/*-------------------------------------------------------------------------
 *
 * jwt_claim.h
 *	  The name of a claim of a request, and claims that hold only it.
 *
 * A claim is named by its key, or, inside other objects, by the path of keys
 * with arrows between them: restaurant_id, app_metadata -> restaurant_id.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_JWT_CLAIM_H
#define MENUCA_JWT_CLAIM_H

#include "nodes/pg_list.h"

/* The keys of a claim's name: a list of C strings, none of them missing. */
extern List *jwt_claim_path(const char *name);

/* Claims that hold only the named one, as a JSON object; value is JSON. */
extern char *jwt_claim_object(const char *name, const char *value);

#endif							/* MENUCA_JWT_CLAIM_H */
