/*-------------------------------------------------------------------------
 *
 * orphan_figures.h
 *	  How many combo groups have no items.
 *
 * Two honest rates, both of groups, never of items: of all groups, and of
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
	bool		has_source;		/* else the expected figures are unknown */
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
 * Counts the groups of a map.  A group is no orphan when it has any of the
 * given flags: PARENT_HAS_ITEMS after a census, PARENT_GETS_ITEMS for what a
 * plan would achieve.  has_source says that a plan has marked the expected
 * groups.
 */
extern void orphan_figures_count(const ParentMap *groups, uint16 item_flags,
						  bool has_source, OrphanFigures *figures);

/*
 * Marks the groups that are expected, by their ids, in another map of them,
 * where a plan has marked them.
 */
extern void orphan_figures_copy_expected(ParentMap *groups, const ParentMap *planned);

/* The figures as members of a JSON object. */
extern void orphan_figures_json(const OrphanFigures *figures, StringInfo buf);

/* {"v1": {"groups": ..., "orphans": ..., "orphan_pct": ...}, ...} */
extern char *orphan_figures_by_system(const OrphanFigures *figures);

#endif							/* MENUCA_ORPHAN_FIGURES_H */
