/*-------------------------------------------------------------------------
 *
 * access_session.h
 *	  Being somebody else: a role with claims.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_SESSION_H
#define MENUCA_ACCESS_SESSION_H

#include "access/access.h"

/*
 * Raises an error when the configured roles do not fit, or the caller may not
 * become one of them.  what is the call.
 */
extern void access_session_require(const char *what);

/*
 * Becomes the role, with those claims (as JSON, or any text) and with row
 * security on, until the subtransaction ends or AtEOXact_GUC() of the result.
 */
extern int	access_session_begin(AccessRole role, const char *claims);

#endif							/* MENUCA_ACCESS_SESSION_H */
