/*-------------------------------------------------------------------------
 *
 * access_privileges.h
 *	  What a role may do with a table that policies do not bind, by its rights.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_PRIVILEGES_H
#define MENUCA_ACCESS_PRIVILEGES_H

#include "base/access_roles.h"

/* A command that no policy binds, and that visitors should not be granted. */
typedef struct UnboundPrivilege
{
	char	   *command;		/* in lower case, such as truncate */
	bool		is_granted;		/* to the role, to everybody, or to a role
								 * that it is a member of */
	char	   *remedy;			/* where to look */
} UnboundPrivilege;

/*
 * The commands on a table that policies do not bind: TRUNCATE, REFERENCES, TRIGGER
 * and what newer servers add; COPY FROM, which is refused where policies are; and
 * setval on its sequences.  UnboundPrivileges.
 */
extern List *access_privileges_unbound(Oid relid, AccessRole role);

/*
 * True if the role could not insert a row without giving its key: trial rows
 * have keys, so they do not need the sequence.
 */
extern bool access_privileges_lacks_sequence(Oid relid, AccessRole role);

#endif							/* MENUCA_ACCESS_PRIVILEGES_H */
