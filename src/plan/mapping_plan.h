/*-------------------------------------------------------------------------
 *
 * mapping_plan.h
 *	  One outcome for every source row.
 *
 * A plan reads the target's parents into maps, takes a census of the items
 * that are there, and decides for each row of the source what is to become
 * of it.  It writes nothing and does not know how rows are written.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MAPPING_PLAN_H
#define MENUCA_MAPPING_PLAN_H

#include "plan/group_counts.h"
#include "plan/orphan_figures.h"
#include "source/source.h"
#include "target/item_census.h"
#include "target/junction.h"
#include "target/parent_map.h"

/*
 * Every source row has exactly one.  Rows of the same pair of group and dish
 * are one insert or already_present, the row with the lowest source id (of
 * JSON lists, the first one), and duplicates: so the duplicates of a source are the same before and after a
 * run.
 */
typedef enum Outcome
{
	OUTCOME_INSERT,
	OUTCOME_ALREADY_PRESENT,
	OUTCOME_DUPLICATE,
	OUTCOME_UNMAPPED_GROUP,
	OUTCOME_UNMAPPED_DISH,
	OUTCOME_UNMAPPED_BOTH,
	OUTCOME_AMBIGUOUS_GROUP,	/* several groups of the dish's restaurant */
	OUTCOME_AMBIGUOUS_DISH,
	OUTCOME_CROSS_RESTAURANT,	/* no group and dish of one restaurant */
	OUTCOME_INVALID				/* an id that is NULL, not positive or beyond
								 * what its column can hold */
} Outcome;

#define OUTCOME_COUNT (OUTCOME_INVALID + 1)

/* A source row with its outcome. */
typedef struct PlanRow
{
	Outcome		outcome;
	SourceRow	source;
	bool		mapped;			/* the next two are known */
	int64		group_id;
	int64		dish_id;
} PlanRow;

/*
 * Receives the source rows: first those that cannot be mapped, in the
 * source's order, then the others, by group, dish and source id.
 */
typedef void (*PlanRowFn) (const PlanRow *row, void *arg);

/* Receives the maps of a plan, which live as long as it. */
typedef void (*PlanMapsFn) (ParentMap *groups, ParentMap *dishes, void *arg);

/* How the source's rows for one group fare; for the list of orphans. */
typedef struct GroupTally
{
	uint32		mapped;
	uint32		unmapped_dish;
	uint32		ambiguous;
	uint32		cross_restaurant;
	uint32		invalid;
} GroupTally;

/* What the source's distinct legacy ids of one kind come to. */
typedef struct Coverage
{
	uint64		ids;			/* distinct ids, > 0 */
	uint64		covered;		/* of these, identified by the target */
} Coverage;

typedef struct PlanFigures
{
	uint64		source_rows;
	uint64		outcomes[OUTCOME_COUNT];
	Coverage	groups;
	Coverage	dishes;
	uint64		fits_declared;	/* rows of one restaurant, read as declared */
	uint64		fits_swapped;	/* and with group and dish exchanged */
	ItemCensus		census;			/* before */
	OrphanFigures before;
	OrphanFigures after;		/* once the plan is carried out */
	Distribution planned;		/* the groups by their dishes, likewise */
	Distribution in_source;		/* the source's own; both only on request */
} PlanFigures;

typedef struct PlanPairs PlanPairs;

typedef struct MappingPlan
{
	MemoryContext context;
	const Target *target;
	const Source *source;
	ParentMap  *groups;
	ParentMap  *dishes;
	struct id_set_hash *missing_dishes; /* legacy ids that the target lacks */
	GroupTally *tallies;		/* by row of groups, or NULL */
	GroupCounts *counts;		/* or NULL */
	PlanPairs  *pairs;			/* sorted; NULL unless kept */
	PlanFigures figures;
} MappingPlan;

/*
 * What a plan is asked for besides its figures; all may be NULL.  A plan that
 * only classifies does not look for equal pairs: each row that can be mapped
 * counts as insert, rows come in the source's order, and nothing is known of
 * what is to come.
 */
typedef struct PlanRequest
{
	PlanRowFn	row_fn;			/* receives source rows */
	PlanMapsFn	maps_fn;		/* receives the maps, before anything else */
	ItemCensusRowFn item_fn;		/* receives the items that are there */
	ItemCensusSortedFn sorted_fn;	/* receives their pairs, by group and dish */
	void	   *arg;			/* for all of them */
	bool		tallies;
	bool		counts;			/* and the distributions; not of a plan that
								 * only classifies */
	bool		classify_only;	/* see above */
	bool		empty_ok;		/* a source without rows is no error */
	bool		keep;			/* for plan_next_insert() */
	bool		across_transactions;	/* so that it may outlive this one */
	int			kilobytes;		/* of memory; 0: maintenance_work_mem */
} PlanRequest;

/*
 * Makes a plan from what the active snapshot sees, of source and target of
 * the same system.  Raises an error on an empty source, unless that is ok.  The result lives in a context of its own, below the current
 * one.
 */
extern MappingPlan *plan_make(const Target *target, const Source *source,
							  const PlanRequest *request);

/*
 * Fetches the next source row whose outcome is insert, by group, dish and
 * source id; false when there is none left.  Only of a plan that was asked to
 * keep.
 */
extern bool plan_next_insert(MappingPlan *plan, PlanRow *row);

/* Gives back the set of legacy ids that the target lacks. */
extern void plan_forget_missing(MappingPlan *plan);

/*
 * Gives back what plan_next_insert() needed, and the map of dishes: an index
 * that is rebuilt wants the memory.
 */
extern void plan_end_inserts(MappingPlan *plan);

/* Releases a plan's memory and files. */
extern void plan_free(MappingPlan *plan);

/* "insert", "unmapped_dish", ... */
extern const char *plan_outcome_name(Outcome outcome);

#endif							/* MENUCA_MAPPING_PLAN_H */
