/*-------------------------------------------------------------------------
 *
 * candidates.h
 *	  The target's rows that a source row's legacy ids lead to.
 *
 * A legacy id may belong to several rows of the target.  Which of them are
 * meant is decided by the restaurant: group and dish must share one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CANDIDATES_H
#define MENUCA_CANDIDATES_H

#include "source/source_row.h"
#include "target/parent_map.h"

/*
 * The first row of each legacy id in its map, whose next leads to the others;
 * PARENT_MAP_END: the map has no such id.
 */
typedef struct Candidates
{
	uint32		groups;
	uint32		dishes;
} Candidates;

/* The pairs of candidates that share a restaurant. */
typedef struct Match
{
	int			pairs;
	ParentRow  *group;			/* of the last pair; NULL when there is none */
	ParentRow  *dish;
	bool		several_groups; /* the pairs have different groups */
	bool		several_dishes;
} Match;

/* Compares the restaurants of all candidates for group and dish. */
extern Match candidates_match(ParentMap *groups, ParentMap *dishes,
							  const Candidates *candidates);

/*
 * True if a candidate dish belongs to the group's restaurant; dishes is the
 * first of them, as in Candidates.
 */
extern bool candidates_fit_group(const ParentRow *group, const ParentMap *dish_map,
								 uint32 dishes);

/*
 * True if the row would fit one restaurant with its group and dish swapped.
 * When more rows do than fit as declared, the columns were mixed up.
 */
extern bool candidates_fit_swapped(ParentMap *groups, ParentMap *dishes,
								   const SourceRow *source);

#endif							/* MENUCA_CANDIDATES_H */
