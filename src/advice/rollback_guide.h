/*-------------------------------------------------------------------------
 *
 * rollback_guide.h
 *	  The calls that undo what was done here.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ROLLBACK_GUIDE_H
#define MENUCA_ROLLBACK_GUIDE_H

/* The ways back, from the smallest to the greatest. */
typedef enum RollbackOption
{
	ROLLBACK_ITEMS,				/* what runs have inserted */
	ROLLBACK_INDEXES,
	ROLLBACK_ACCESS,			/* policies and grants */
	ROLLBACK_SNAPSHOT,			/* the tables as they were copied */
	ROLLBACK_RESTORE			/* the whole database, from a backup */
} RollbackOption;

#define ROLLBACK_OPTIONS (ROLLBACK_RESTORE + 1)

/* Called for each call; what it undoes is for people. */
typedef void (*RollbackCallFn) (RollbackOption option, const char *what,
								const char *statement, void *arg);

/*
 * Passes the calls to fn from the most recent change to the first one.  Snapshots and the
 * backup come last, since restoring one undoes everything at once.
 */
extern void rollback_guide_each(RollbackCallFn fn, void *arg);

#endif							/* MENUCA_ROLLBACK_GUIDE_H */
