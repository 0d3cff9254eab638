/*-------------------------------------------------------------------------
 *
 * owner.h
 *	  Acting as the owner of a relation, or as nobody.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_OWNER_H
#define MENUCA_OWNER_H

/* The user, the security context and the settings before owner_become(). */
typedef struct OwnerContext
{
	Oid			user;
	int			security_context;
	int			guc_level;
} OwnerContext;

/*
 * Switches to the owner of a relation, whose row security does not apply, until
 * owner_return() or an error.  As in CREATE INDEX or VACUUM, it is a
 * security-restricted operation with a search_path of pg_catalog: code of the
 * owner's that runs in between has his rights only, and can neither change a
 * setting nor leave anything behind that runs later as the caller.  Returns the
 * caller, for owner_return().
 */
extern OwnerContext owner_become(Oid relid);

/*
 * The same, but switches to nobody: a role without rights.  So code that
 * somebody else wrote, and that has to run, can do what everybody may, and no
 * more.
 */
extern OwnerContext owner_become_nobody(void);

/* Switches to nobody again, between owner_become_nobody() and owner_return(). */
extern void owner_become_nobody_again(const OwnerContext *caller);

/* The role that owns a function; InvalidOid when it does not exist any more. */
extern Oid	owner_of_function(Oid function);

/*
 * True for a superuser, for a member of one, and for the server's own roles and
 * their members that reach its files or programs: nobody is made a member of
 * such a role, and no code of others runs as one.
 */
extern bool owner_is_powerful(Oid role);

/* Switches back to the caller and his settings. */
extern void owner_return(const OwnerContext *caller);

#endif							/* MENUCA_OWNER_H */
