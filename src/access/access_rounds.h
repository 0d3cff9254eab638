/*-------------------------------------------------------------------------
 *
 * access_rounds.h
 *	  One table after the other, a transaction for each.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_ROUNDS_H
#define MENUCA_ACCESS_ROUNDS_H

#include "nodes/pg_list.h"

/*
 * Changes the access of a table.  Returns false when others hold it; then it is called
 * again, in another transaction, and all that it has allocated in the current context is
 * freed before.
 */
typedef bool (*AccessRoundFn) (void *table);

/*
 * Calls fn for each of the tables and commits after it; those that others hold have
 * another turn, with pauses in between, until milliseconds have passed.  It locks the
 * ledger for that time.  To be called by a procedure that may commit.
 */
extern void access_rounds_run(const List *tables, AccessRoundFn fn, int milliseconds);

/* Copies of texts, a list of C strings, in a context that outlives the turn. */
extern List *access_rounds_keep(const List *texts, MemoryContext context);

/* Why a table had no turn in time, with who holds it. */
extern char *access_rounds_reason(Oid relid, int milliseconds);

#endif							/* MENUCA_ACCESS_ROUNDS_H */
