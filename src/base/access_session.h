/*-------------------------------------------------------------------------
 *
 * access_session.h
 *	  Impersonating a role with claims.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_SESSION_H
#define MENUCA_ACCESS_SESSION_H

#include "base/access_roles.h"

/*
 * Raises an error when nothing may act as one of the configured roles, or the
 * caller may not become it.  A role that no policy binds is no reason: what it can
 * do is to be found out.  what is the call, for the message.
 */
extern void access_session_require(const char *what);

/*
 * The same for the roles of visitors and of staff alone, when nobody acts as the
 * services.
 */
extern void access_session_require_visitors(const char *what);

/* True if the caller may become the role, which exists; SET ROLE asks who logged in. */
extern bool access_session_may_become(AccessRole role);

/* The statement that lets the caller become it. */
extern char *access_session_grant(AccessRole role);

/* The caller, for access_session_end(). */
typedef struct AccessSession
{
	int			scope;
	Oid			user;
	int			security_context;
} AccessSession;

/*
 * Becomes the role, with these claims (JSON, or any other text) and with row
 * security on, until access_session_end() or the end of the subtransaction.
 * It is a security-restricted operation: code of others, in policies and
 * triggers, cannot become the caller again.
 */
extern AccessSession access_session_begin(AccessRole role, const char *claims);

/* Becomes the caller again. */
extern void access_session_end(const AccessSession *session);

#endif							/* MENUCA_ACCESS_SESSION_H */
