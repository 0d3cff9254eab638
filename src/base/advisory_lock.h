/*-------------------------------------------------------------------------
 *
 * advisory_lock.h
 *	  Locks on what one session may do at a time.
 *
 * They are advisory locks of the server's kind with two keys: the first says
 * what is done, the second to what.  The view menuca_held_lock shows them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ADVISORY_LOCK_H
#define MENUCA_ADVISORY_LOCK_H

typedef enum AdvisoryLock
{
	ADVISORY_LOCK_RUN,			/* a run writes to the table of that OID */
	ADVISORY_LOCK_ACCESS,		/* access is deployed or rolled back; of 0 */
	ADVISORY_LOCK_TICKET		/* the ticket of that number runs */
} AdvisoryLock;

/*
 * Takes the lock, without waiting, to the end of the transaction or, with
 * for_session, until advisory_lock_release() or the end of the session.
 * Returns false when another session holds it.
 */
extern bool advisory_lock_try(AdvisoryLock lock, uint32 object, bool for_session);

/* Releases a lock that was taken for the session. */
extern void advisory_lock_release(AdvisoryLock lock, uint32 object);

#endif							/* MENUCA_ADVISORY_LOCK_H */
