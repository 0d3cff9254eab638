/*-------------------------------------------------------------------------
 *
 * index_plan.h
 *	  What is to be done for each wanted index.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_INDEX_PLAN_H
#define MENUCA_INDEX_PLAN_H

#include "index/wanted_index.h"

typedef enum IndexAction
{
	INDEX_EXISTS,				/* it is there, and usable */
	INDEX_CREATE,
	INDEX_REBUILD,				/* it is there, left over by a failed build */
	INDEX_COVERED,				/* another one does what it would do */
	INDEX_CONFLICT,				/* its name stands for something else */
	INDEX_IMPOSSIBLE			/* its table or a column is missing, or so */
} IndexAction;

#define INDEX_ACTION_COUNT (INDEX_IMPOSSIBLE + 1)

typedef struct PlannedIndex
{
	const WantedIndex *wanted;
	IndexAction action;
	Oid			table;			/* InvalidOid: it is not there */
	Oid			index;			/* what has its name; InvalidOid: nothing */
	bool		only_plainly;	/* impossible, but not without CONCURRENTLY */
	bool		anew;			/* rebuilt by dropping and creating it */
	bool		more;			/* what is there is unique, or has more
								 * columns */
	bool		owned;			/* the caller owns the table */
	char	   *covered_by;		/* name of the other index, or NULL */
	char	   *detail;			/* or NULL */
	char	   *name;			/* qualified and quoted */
	char	   *body;			/* of CREATE INDEX, from ON on; NULL:
								 * impossible */
} PlannedIndex;

/* "exists", "create", ... */
extern const char *index_action_name(IndexAction action);

/*
 * The plan for a schema: a list of PlannedIndexes, in the order of
 * wanted_indexes().  Reads only, and takes an AccessShareLock on the tables.
 * Raises an error when there is no such schema.
 */
extern List *index_plan_make(const char *schema);

/* The plan of one of them, anew. */
extern PlannedIndex *index_plan_one(const char *schema, const WantedIndex *wanted);

/*
 * The statements that carry it out, one after the other: a list of strings,
 * which is empty when there is nothing to do.
 */
extern List *index_plan_statements(const PlannedIndex *planned, bool concurrently);

/* True if those are to be executed. */
extern bool index_plan_is_work(const PlannedIndex *planned, bool concurrently);

/* The index that a CREATE INDEX would make; body as in PlannedIndex. */
extern char *index_create_statement(const char *name, const char *body, bool concurrently);

#endif							/* MENUCA_INDEX_PLAN_H */
