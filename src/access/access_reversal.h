/*-------------------------------------------------------------------------
 *
 * access_reversal.h
 *	  Rolling back the access of one table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_REVERSAL_H
#define MENUCA_ACCESS_REVERSAL_H

#include "nodes/pg_list.h"

/* The rollback of a table, or of what concerns the schemas. */
typedef struct AccessReversal
{
	char	   *table;			/* NULL: the schemas */
	Oid			relid;
	List	   *changes;		/* AccessChanges, the latest first */
	const List *all;			/* the reversals that this one is of */
	const List *references;		/* which policies read which tables */
	bool		dry_run;
	bool		by_table;		/* it is a transaction of its own, which takes
								 * the lock and may be tried again */
	MemoryContext context;		/* of the reasons why it is busy */

	/* Results */
	const char *status;			/* planned, undone, each also in part, gone,
								 * failed, or busy: others hold the table */
	int			dropped;		/* policies */
	int			changed;		/* policies and views that are kept, since
								 * they changed */
	int			gone;			/* policies, or changes to a dropped table */
	int			grants;			/* grants and revokes undone */
	bool		rls_off;		/* row security is switched off */
	bool		rls_kept;		/* policies remain, so it is not */
	bool		is_unmet;		/* a privilege was not given back */
	List	   *reasons;		/* C strings */
} AccessReversal;

/*
 * The rollbacks of the tables with changes in the ledger: each after those whose policies
 * read it, otherwise sorted by table, and the schemas last.  names: only of these tables,
 * C strings; NIL for all.
 */
extern List *access_reversals_make(List *names, bool dry_run, bool by_table);

/*
 * Carries a rollback out in a subtransaction, or plans it in a dry run, and sets its
 * results; an error is a result, too.  The table is locked already or, with by_table,
 * is locked if it can be had at once; otherwise the status is busy.  So it is while a
 * table whose policies read it is busy, since its requests would fail.  The schemas fail
 * when one of the tables before them has not been rolled back.
 */
extern void access_reversal_carry_out(AccessReversal *reversal);

#endif							/* MENUCA_ACCESS_REVERSAL_H */
