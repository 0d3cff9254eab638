/*-------------------------------------------------------------------------
 *
 * rollback_state.h
 *	  The state of a rollback, which its files share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ROLLBACK_STATE_H
#define MENUCA_ROLLBACK_STATE_H

#include "nodes/pg_list.h"

#include "base/int8_sort.h"
#include "ledger/reconcile.h"
#include "ledger/run_ledger.h"
#include "target/keyed_table.h"

/* The rollback of a run, or of a part of it. */
typedef struct Rollback
{
	Run		   *run;
	int64		requested_run_id;	/* the run in the call: this one, or the
									 * one that it is a part of */
	KeyedTable	table;
	bool		dry_run;
	char	   *real_call;		/* the same call with dry_run => false */
	char	   *forced_call;	/* the same call as a dry run with force =>
								 * true */
	bool		force;
	Int8Sort   *keys;			/* of the run's rows that still exist */
	uint64		nkeys;
	List	   *changed_keys;	/* the first ones, as text */
	Reconciliation before;
	Reconciliation after;
	uint64		dependants;		/* rows of other tables */
	bool		blocked;		/* some of them refuse even a forced rollback */
	char	   *blocking_query; /* shows the first of these rows; may be NULL */
	bool		holds_items;	/* some of them are items, which other runs
								 * inserted */
	bool		holds_steps;	/* or steps that other runs inserted */
	uint64		deleted;
	List	   *reasons;		/* why it is refused unless forced; C strings */
	List	   *parts;			/* Rollbacks of the run's parts */
	bool		parts_restored; /* the state before each part is restored */
} Rollback;

/* True if a real run of this rollback is refused. */
static inline bool
rollback_is_refused(const Rollback *rollback)
{
	return rollback->reasons != NIL && (!rollback->force || rollback->blocked);
}

#endif							/* MENUCA_ROLLBACK_STATE_H */
