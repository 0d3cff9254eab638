/*-------------------------------------------------------------------------
 *
 * owner.h
 *	  Acting as the owner of a relation.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_OWNER_H
#define MENUCA_OWNER_H

/* Who one was before owner_become(). */
typedef struct OwnerContext
{
	Oid			user;
	int			security_context;
} OwnerContext;

/*
 * Acts with the rights of a relation's owner, whatever its row security,
 * until owner_return() or an error.  Nothing of the user's may be run in
 * between.
 */
extern OwnerContext owner_become(Oid relid);
extern void owner_return(const OwnerContext *caller);

#endif							/* MENUCA_OWNER_H */
