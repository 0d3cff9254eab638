/*-------------------------------------------------------------------------
 *
 * index_plan.h
 *	  The index plan: what has to be done for each wanted index.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_INDEX_PLAN_H
#define MENUCA_INDEX_PLAN_H

#include "index/wanted_index.h"

typedef enum IndexAction
{
	INDEX_EXISTS,				/* it exists and is usable */
	INDEX_CREATE,
	INDEX_REBUILD,				/* a failed build left it invalid */
	INDEX_COVERED,				/* another index serves the same queries */
	INDEX_CONFLICT,				/* its name is used by something else */
	INDEX_IMPOSSIBLE			/* its table is missing, for example */
} IndexAction;

#define INDEX_ACTION_COUNT (INDEX_IMPOSSIBLE + 1)

typedef struct PlannedIndex
{
	const WantedIndex *wanted;
	IndexAction action;
	Oid			table;			/* InvalidOid: it does not exist */
	Oid			index;			/* the relation that has the index's name;
								 * InvalidOid: none */
	bool		not_concurrently;	/* impossible, but only with CONCURRENTLY */
	bool		recreate;		/* rebuild it by dropping and creating it */
	bool		exceeds;		/* the existing index is unique, or has
								 * INCLUDE columns */
	bool		owned;			/* the caller owns the table */
	char	   *covered_by;		/* the index that covers it, or NULL */
	char	   *detail;			/* for people, or NULL */
	char	   *name;			/* qualified and quoted */
	char	   *body;			/* of CREATE INDEX, from ON on; NULL:
								 * impossible */
} PlannedIndex;

/* "exists", "create", ... */
extern const char *index_action_name(IndexAction action);

/*
 * The plan for a schema: PlannedIndexes, in the order of wanted_indexes().
 * Reads only, and takes an AccessShareLock on the tables.  Raises an error
 * when there is no such schema, and what wanted_indexes() raises.
 */
extern List *index_plan_make(const char *schema);

/* The plan for one index, made now; errors as above. */
extern PlannedIndex *index_plan_one(const char *schema, const WantedIndex *wanted);

/*
 * The statements that carry it out, in their order: C strings; NIL when there
 * is nothing to do.
 */
extern List *index_plan_statements(const PlannedIndex *planned, bool concurrently);

/* True if there are such statements. */
extern bool index_plan_has_work(const PlannedIndex *planned, bool concurrently);

#endif							/* MENUCA_INDEX_PLAN_H */
