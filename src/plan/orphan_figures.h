/*-------------------------------------------------------------------------
 *
 * orphan_figures.h
 *	  How many combo groups have no items.
 *
 * There are two rates, both of groups, never of items: of all groups, and of
 * the expected ones, those that the source has a row for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ORPHAN_FIGURES_H
#define MENUCA_ORPHAN_FIGURES_H

#include "lib/stringinfo.h"

#include "target/parent_map.h"

typedef struct OrphanFigures
{
	uint64		groups;
	uint64		orphans;
	bool		has_source;		/* false: the expected figures are unknown */
	uint64		expected_groups;
	uint64		expected_orphans;
	uint64		groups_by_system[SYSTEM_COUNT];
	uint64		orphans_by_system[SYSTEM_COUNT];
} OrphanFigures;

/* The rate from which the band is FAIL, in percent (the tickets' CB-11). */
#define ORPHAN_BAND_FAIL 20.0

/*
 * The band of an orphan rate: EXCELLENT, PASS, WARNING or FAIL; NULL when
 * there are no groups.
 */
extern const char *orphan_band(uint64 orphans, uint64 groups);

/*
 * Counts the groups of a map.  A group is an orphan unless it has any of the
 * given flags: PARENT_HAS_ITEMS, which a census sets, or PARENT_GETS_ITEMS,
 * which a plan sets.  has_source: the expected groups were marked, too.
 */
extern void orphan_figures_count(const ParentMap *groups, uint16 item_flags,
								 bool has_source, OrphanFigures *figures);

/*
 * Marks in groups those that a plan has marked as expected in its own map of
 * the same table; they are found by their ids.
 */
extern void orphan_figures_copy_expected(ParentMap *groups, const ParentMap *planned);

/* Appends the figures as members of the JSON object that buf holds. */
extern void orphan_figures_json(const OrphanFigures *figures, StringInfo buf);

/* {"v1": {"groups": ..., "orphans": ..., "orphan_pct": ...}, ...} */
extern char *orphan_figures_by_system(const OrphanFigures *figures);

#endif							/* MENUCA_ORPHAN_FIGURES_H */
