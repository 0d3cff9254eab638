/*-------------------------------------------------------------------------
 *
 * created_index.h
 *	  The ledger of indexes that were created here: table
 *	  menuca_created_index.
 *
 * An entry is announced while its name is free, and created once the index
 * is there with the announced definition; so an index that was there before
 * can never be in it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CREATED_INDEX_H
#define MENUCA_CREATED_INDEX_H

#include "index/index_plan.h"

/* An entry, with the plan for an index of its definition. */
typedef struct CreatedIndex
{
	int64		entry_no;
	bool		announced;		/* and not known to be there yet */
	Oid			index;			/* InvalidOid while announced */
	bool		same_database;	/* the entry was made in this database */
	WantedIndex wanted;
	PlannedIndex *there;
} CreatedIndex;

/* Raises an error unless the caller may read and write the ledger. */
extern void created_index_require_rights(void);

/* What the caller lacks for that, with the GRANT to make, or NULL. */
extern char *created_index_lacking_right(void);

/*
 * Requires the rights and that what calls this can write here; then locks the
 * ledger until the transaction ends, so that one at a time brings it up to date,
 * and pushes a snapshot that sees what the one before did.  what is the
 * call; the message of a wait that took too long says milliseconds.
 */
extern void created_index_claim(const char *what, int milliseconds);

/* Pops that snapshot. */
extern void created_index_end_claim(void);

/*
 * Ends the entries whose indexes are not there any more, or have not come.
 */
extern void created_index_close_gone(const char *schema);

/* The entries of a schema that stand: a list of CreatedIndexes, by name. */
extern List *created_index_entries(const char *schema);

/* Enters an index that was announced (InvalidOid) or created just now. */
extern void created_index_enter(const char *schema, const WantedIndex *wanted,
								Oid index, const char *through);

/* The entry's index is there, or was dropped; forget: it never came. */
extern void created_index_mark_created(const CreatedIndex *entry, Oid index);
extern void created_index_mark_dropped(const CreatedIndex *entry);
extern void created_index_forget(const CreatedIndex *entry);

#endif							/* MENUCA_CREATED_INDEX_H */
