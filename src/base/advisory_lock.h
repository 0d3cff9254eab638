/*-------------------------------------------------------------------------
 *
 * advisory_lock.h
 *	  Locks on activities that only one session may run at a time.
 *
 * They are the server's advisory locks with two keys: the first identifies the
 * activity, the second its object.  The view menuca_held_lock shows them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ADVISORY_LOCK_H
#define MENUCA_ADVISORY_LOCK_H

typedef enum AdvisoryLock
{
	ADVISORY_LOCK_RUN,			/* a run that writes to a table; object: its
								 * OID */
	ADVISORY_LOCK_ACCESS,		/* deploying or rolling back access; object: 0 */
	ADVISORY_LOCK_TICKET		/* running a ticket; object: its number */
} AdvisoryLock;

/*
 * Takes the lock without waiting, until the end of the transaction or, with
 * for_session, until advisory_lock_release() or the end of the session.
 * Returns false when another session holds it.
 */
extern bool advisory_lock_try(AdvisoryLock lock, uint32 object, bool for_session);

/* Releases a lock that was taken for the session. */
extern void advisory_lock_release(AdvisoryLock lock, uint32 object);

#endif							/* MENUCA_ADVISORY_LOCK_H */
