/*-------------------------------------------------------------------------
 *
 * orphans.h
 *	  Orphans: combo groups without items.
 *
 * Two honest rates, both of groups, never of items: of all groups, and of
 * the expected ones, those that the source has a row for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ORPHANS_H
#define MENUCA_ORPHANS_H

#include "legacy_map.h"
#include "lib/stringinfo.h"

struct GroupTally;

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

/*
 * Counts the groups of a map.  A group is no orphan when it has any of the
 * given flags: PARENT_HAS_ITEMS after a census, PARENT_GETS_ITEMS for what a
 * plan would achieve.  has_source says that a plan has marked the expected
 * groups.
 */
extern void orphans_count(const LegacyMap *groups, uint16 item_flags,
						  bool has_source, OrphanFigures *figures);

/*
 * Marks the groups that are expected, by their ids, in another map of them,
 * where a plan has marked them.
 */
extern void orphans_copy_expected(LegacyMap *groups, const LegacyMap *planned);

/* Why a group has no items. */
typedef enum OrphanReason
{
	ORPHAN_FIX_PENDING,
	ORPHAN_UNMAPPED_DISHES,
	ORPHAN_CROSS_RESTAURANT,
	ORPHAN_AMBIGUOUS,
	ORPHAN_INVALID,
	ORPHAN_MIXED,
	ORPHAN_NO_SOURCE_ROW,
	ORPHAN_V2_GROUP,
	ORPHAN_NO_LEGACY_ID,
	ORPHAN_NO_SOURCE_STAGED
} OrphanReason;

#define ORPHAN_REASON_COUNT (ORPHAN_NO_SOURCE_STAGED + 1)

/*
 * The reason for an orphan, from how the rows for it in the source of that
 * system fare (NULL when no source is staged).
 */
extern OrphanReason orphan_reason(const ParentRow *group,
								  const struct GroupTally *tally,
								  SourceSystem told_by);

/* "fix_pending", "unmapped_dishes", ... */
extern const char *orphan_reason_name(OrphanReason reason);

/* The figures as members of a JSON object. */
extern void orphans_to_json(const OrphanFigures *figures, StringInfo buf);

/* {"v1": {"groups": ..., "orphans": ..., "orphan_pct": ...}, ...} */
extern char *orphans_by_system_json(const OrphanFigures *figures);

#endif							/* MENUCA_ORPHANS_H */
