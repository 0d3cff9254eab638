/*-------------------------------------------------------------------------
 *
 * parent_lock.h
 *	  Proving references as a foreign key's trigger would.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PARENT_LOCK_H
#define MENUCA_PARENT_LOCK_H

#include "target/junction.h"

/*
 * Locks the rows of those ids FOR KEY SHARE, each once, until the transaction
 * ends: they cannot be deleted, and their ids cannot be changed.  As the
 * foreign key's trigger does, this acts as the table's owner, sees what is
 * committed by now, and waits for whoever is about to delete one of them.
 * ids are sorted and distinct.  constraint is the foreign key, by which the
 * given column refers to the parent; its error is raised when a row is not
 * there.
 */
extern void parent_lock_rows(const Target *target, const ParentTable *parent,
						 Oid constraint, const char *column,
						 const int64 *ids, int n);

#endif							/* MENUCA_PARENT_LOCK_H */
