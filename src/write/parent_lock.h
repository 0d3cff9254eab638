/*-------------------------------------------------------------------------
 *
 * parent_lock.h
 *	  Checking references as a foreign key's trigger would.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PARENT_LOCK_H
#define MENUCA_PARENT_LOCK_H

#include "target/junction.h"

/*
 * Locks the parent's rows with n ids, sorted and distinct, FOR KEY SHARE, each
 * once, until the transaction ends: meanwhile they cannot be deleted, and their
 * ids cannot be changed.  Like the foreign key's trigger, this acts as the
 * table's owner, sees what others have committed, and waits for sessions that are
 * deleting one of the rows.  constraint is the foreign key of the given column;
 * its error is raised when a row does not exist.
 */
extern void parent_lock_rows(const Target *target, const ParentTable *parent,
							 Oid constraint, const char *column,
							 const int64 *ids, int n);

#endif							/* MENUCA_PARENT_LOCK_H */
