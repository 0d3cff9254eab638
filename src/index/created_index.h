/*-------------------------------------------------------------------------
 *
 * created_index.h
 *	  The ledger of indexes that were created here: table
 *	  menuca_created_index.
 *
 * An index is announced while its name is free, and its entry becomes created
 * once the index exists with the announced definition.  So an index that
 * existed before is never in the ledger.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CREATED_INDEX_H
#define MENUCA_CREATED_INDEX_H

#include "index/index_plan.h"

/* An entry, with the index plan for its definition. */
typedef struct CreatedIndex
{
	int64		entry_no;
	bool		announced;		/* not known to exist yet */
	Oid			index;			/* InvalidOid while announced */
	bool		same_database;	/* the entry was made in this database */
	WantedIndex wanted;
	PlannedIndex *current;
} CreatedIndex;

/*
 * The right that the caller lacks to read and write the ledger: a text with the
 * GRANT that gives it; NULL when none is lacking.
 */
extern char *created_index_missing_right(void);

/*
 * Locks the ledger until the transaction ends, so that one session at a time
 * updates it, and pushes a query snapshot that sees the changes of the session
 * before.  Raises an error when the caller lacks the rights, the transaction
 * cannot write or is not READ COMMITTED, and when the lock cannot be had within
 * lock_timeout; what, the call, is for the messages.
 */
extern void created_index_begin_update(const char *what);

/* Pops that query snapshot; the lock stays. */
extern void created_index_end_update(void);

/* The open entries of a schema: CreatedIndexes, sorted by name. */
extern List *created_index_entries(const char *schema);

/* Closes the entries whose indexes do not exist any more, or do not exist yet. */
extern void created_index_close_gone(const char *schema);

/*
 * Records an index that was just created, or announced if index is InvalidOid;
 * through: how it is built, "deploy" or "concurrently".
 */
extern void created_index_record(const char *schema, const WantedIndex *wanted,
								 Oid index, const char *through);

/* Records that the entry's index was dropped. */
extern void created_index_mark_dropped(const CreatedIndex *entry);

/* Removes an entry whose index was never created. */
extern void created_index_forget(const CreatedIndex *entry);

#endif							/* MENUCA_CREATED_INDEX_H */
