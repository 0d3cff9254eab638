/*-------------------------------------------------------------------------
 *
 * user_metadata.h
 *	  What users write about themselves must not say what they may do.
 *
 * Supabase keeps it in auth.users.raw_user_meta_data, and copies it into each
 * token as user_metadata.  app_metadata is what only its services write.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_USER_METADATA_H
#define MENUCA_USER_METADATA_H

#include "nodes/nodes.h"

/*
 * Raises an error when a text, such as a claim's path, names either of the two, in
 * any case and with any quotes or signs in between.  where names the text.
 */
extern void user_metadata_refuse(const char *text, const char *where);

/*
 * The same for an analyzed condition on a table's rows, in which a name may also be
 * put together from constants.
 */
extern void user_metadata_refuse_in(Oid relid, Node *condition, const char *where);

#endif							/* MENUCA_USER_METADATA_H */
