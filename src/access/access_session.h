/*-------------------------------------------------------------------------
 *
 * access_session.h
 *	  Impersonating a role with claims.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_SESSION_H
#define MENUCA_ACCESS_SESSION_H

#include "access/access_roles.h"

/*
 * Raises an error when the configured roles cannot be used, or the caller may
 * not become one of them.  what is the call, for the message.
 */
extern void access_session_require(const char *what);

/*
 * Becomes the role, with these claims (JSON, or any other text) and with row
 * security on, until guc_scope_end() of the result or the end of the
 * subtransaction.
 */
extern int	access_session_begin(AccessRole role, const char *claims);

#endif							/* MENUCA_ACCESS_SESSION_H */
