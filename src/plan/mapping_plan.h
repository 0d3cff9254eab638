/*-------------------------------------------------------------------------
 *
 * mapping_plan.h
 *	  One outcome for every source row.
 *
 * A plan reads the target's parents into maps, counts the existing items, and
 * decides the outcome of each row of the source.  It writes nothing and does
 * not know how rows are written.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MAPPING_PLAN_H
#define MENUCA_MAPPING_PLAN_H

#include "plan/group_counts.h"
#include "plan/orphan_figures.h"
#include "plan/plan_outcome.h"
#include "source/source_row.h"
#include "target/item_census.h"
#include "target/junction.h"
#include "target/parent_map.h"

/* A source row with its outcome. */
typedef struct PlanRow
{
	Outcome		outcome;
	SourceRow	source;
	bool		mapped;			/* the next two are set */
	int64		group_id;
	int64		dish_id;
} PlanRow;

/*
 * Receives the source rows: first those that cannot be mapped, in the
 * source's order, then the others, ordered by group, dish and source id.
 */
typedef void (*PlanRowFn) (const PlanRow *row, void *arg);

/* Receives the maps of a plan, which live as long as the plan. */
typedef void (*PlanMapsFn) (ParentMap *groups, ParentMap *dishes, void *arg);

/* Receives a pair that has items, and that no source row leads to. */
typedef void (*PlanUnexplainedFn) (uint32 group, uint32 dish, void *arg);

/*
 * The source's rows for one group by their outcome, for the list of orphans.
 */
typedef struct GroupTally
{
	uint32		mapped;
	uint32		unmapped_dish;
	uint32		ambiguous;
	uint32		cross_restaurant;
	uint32		invalid;
} GroupTally;

/* The source's distinct legacy ids of groups, or of dishes. */
typedef struct Coverage
{
	uint64		ids;			/* positive ones */
	uint64		covered;		/* of these, those that identify one row of
								 * the target */
} Coverage;

typedef struct PlanFigures
{
	uint64		source_rows;
	uint64		outcomes[OUTCOME_COUNT];
	Coverage	groups;
	Coverage	dishes;
	uint64		fits_declared;	/* rows whose group and dish share a
								 * restaurant */
	uint64		fits_swapped;	/* the same with group and dish swapped */
	ItemCensus	census;			/* of the existing items */
	OrphanFigures before;
	OrphanFigures after;		/* once the plan is carried out */
	Distribution planned;		/* groups by their dishes, likewise; this and
								 * the next only with counts */
	Distribution in_source;		/* groups by the dishes that the source names */
	uint64		source_checksum;	/* of the source's rows, in any order; 0
									 * unless asked for, as the next one */
	uint64		mapping_checksum;	/* of the rows that lead to one pair of
									 * group and dish, with that pair */
} PlanFigures;

typedef struct MappingPlan
{
	MemoryContext context;
	const Target *target;
	const Source *source;
	ParentMap  *groups;
	ParentMap  *dishes;
	struct id_set_hash *missing_dishes; /* legacy ids that the target lacks */
	GroupTally *tallies;		/* by number of the group's row; NULL unless
								 * requested */
	GroupCounts *counts;		/* likewise */
	struct PlanPairs *pairs;	/* sorted; NULL unless kept */
	PlanFigures figures;
} MappingPlan;

/*
 * What a plan returns besides its figures; all pointers may be NULL.  A plan
 * that only classifies does not look for equal pairs: each row that can be
 * mapped counts as insert, all rows are handed out in the source's order, and
 * the figures of the state afterwards are not valid.
 */
typedef struct PlanRequest
{
	PlanRowFn	row_fn;			/* receives source rows */
	PlanMapsFn	maps_fn;		/* receives the maps, before anything else */
	ItemCensusRowFn item_fn;	/* receives the existing items */
	ItemCensusSortedFn sorted_fn;	/* receives their pairs, by group and dish */
	PlanUnexplainedFn unexplained_fn;	/* receives those without a source row */
	void	   *arg;			/* for all of them */
	bool		tallies;
	bool		counts;			/* and the distributions; not with
								 * classify_only */
	bool		checksums;		/* of the source and the mapping */
	bool		classify_only;	/* see above */
	bool		empty_ok;		/* a source without rows is no error */
	bool		keep;			/* for plan_next_insert() */
	bool		across_transactions;	/* the plan may outlive this one */
	int			kilobytes;		/* of memory; 0: maintenance_work_mem */
} PlanRequest;

/*
 * Raises an error when a staged table is one of the target's own: its ids are no
 * legacy ids.  what names the argument, "source" or "menu".
 */
extern void plan_refuse_own_table(const Target *target, Oid relid, const char *what);

/*
 * Makes a plan from what the active snapshot sees; source and target are
 * opened for the same system.  Raises an error on an empty source, unless
 * empty_ok.  The result lives in a context of its own, below the current one.
 */
extern MappingPlan *plan_make(const Target *target, const Source *source,
							  const PlanRequest *request);

/*
 * Fetches the next source row whose outcome is insert, by group, dish and
 * source id; false at the end.  Only of a plan made with keep.
 */
extern bool plan_next_insert(MappingPlan *plan, PlanRow *row);

/* Frees the set of legacy ids that the target lacks. */
extern void plan_forget_missing(MappingPlan *plan);

/*
 * Frees what plan_next_insert() needed, and the map of dishes: rebuilding an
 * index needs the memory.
 */
extern void plan_end_inserts(MappingPlan *plan);

/* Releases a plan's memory and files. */
extern void plan_free(MappingPlan *plan);

#endif							/* MENUCA_MAPPING_PLAN_H */
