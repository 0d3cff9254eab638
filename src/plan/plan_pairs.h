/*-------------------------------------------------------------------------
 *
 * plan_pairs.h
 *	  The pairs of group and dish that items and source rows lead to, sorted.
 *
 * Existing items and mapped source rows go into one sort.  Among equal pairs
 * the items come first, then the source rows by their ids, so one pass tells
 * which source row is new, which is already present and which repeats another.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_PAIRS_H
#define MENUCA_PLAN_PAIRS_H

#include "base/int8_sort.h"
#include "plan/plan_outcome.h"
#include "source/source_row.h"
#include "target/parent_map.h"

/* Sorts rows without a source id last; so no source id may be that. */
#define PLAN_PAIRS_NO_ID PG_INT64_MAX

typedef struct PlanPairs
{
	Int8Sort   *sort;
	const ParentMap *groups;
	const ParentMap *dishes;
	bool		with_rows;		/* the pairs carry their source rows */
	bool		numbered;		/* by number, since the rows have no ids */

	/* The latest pair of the current pass; unset until any */
	bool		any;
	int64		rows;			/* numbers of group and dish, see
								 * pair_of_rows() */
	uint64		items;			/* existing items of the pair */
	bool		taken;			/* a source row was mapped to it */
	bool		named;			/* or an invalid row names it */
} PlanPairs;

/* A mapped source row of a pass. */
typedef struct PlanPair
{
	Outcome		outcome;
	uint32		group;			/* numbers of the rows in the maps */
	uint32		dish;
	SourceRow	source;			/* only its id or number, and its order */
} PlanPair;

/*
 * Called when all entries of a pair were read; group and dish are row numbers.
 */
typedef void (*PlanPairEndFn) (const PlanPairs *pairs, uint32 group, uint32 dish,
							   void *arg);

/*
 * Prepares the sort in the current memory context, with that many kilobytes of
 * memory.  with_rows: the source rows are needed, not only their counts;
 * numbered: they have a number instead of an id; across_transactions: the sort
 * may outlive the current transaction.
 */
extern PlanPairs *plan_pairs_begin(const ParentMap *groups, const ParentMap *dishes,
								   bool with_rows, bool numbered, int kilobytes,
								   bool across_transactions);

/* Adds an existing item. */
extern void plan_pairs_add_item(PlanPairs *pairs, const ParentRow *group,
								const ParentRow *dish);

/*
 * Adds a source row that leads to that pair; an invalid one names the pair but
 * is not handed out again.
 */
extern void plan_pairs_add_row(PlanPairs *pairs, const ParentRow *group,
							   const ParentRow *dish, const SourceRow *source,
							   bool invalid);

/* Sorts what was added; plan_pairs_next() then begins at the first pair. */
extern void plan_pairs_sort(PlanPairs *pairs);

/*
 * Fetches the next source row, by group, dish and source id, with its outcome:
 * insert, already_present or duplicate.  False at the end.  fn, which may be
 * NULL, is called for each pair that was passed, also for one without source
 * rows.
 */
extern bool plan_pairs_next(PlanPairs *pairs, PlanPair *pair, PlanPairEndFn fn,
							void *arg);

/* Begins another pass. */
extern void plan_pairs_rewind(PlanPairs *pairs);

/* Releases the sort's memory and files. */
extern void plan_pairs_end(PlanPairs *pairs);

#endif							/* MENUCA_PLAN_PAIRS_H */
