/*-------------------------------------------------------------------------
 *
 * owner.h
 *	  Acting as the owner of a relation.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_OWNER_H
#define MENUCA_OWNER_H

/* The user and security context before owner_become(). */
typedef struct OwnerContext
{
	Oid			user;
	int			security_context;
} OwnerContext;

/*
 * Switches to the owner of a relation, whose row security does not apply, until
 * owner_return() or an error.  No code of users may run in between: it would
 * have the owner's rights.  Returns the caller, for owner_return().
 */
extern OwnerContext owner_become(Oid relid);

/* Switches back to the caller. */
extern void owner_return(const OwnerContext *caller);

#endif							/* MENUCA_OWNER_H */
