/*-------------------------------------------------------------------------
 *
 * orphan_reason.h
 *	  Why a combo group has no items.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ORPHAN_REASON_H
#define MENUCA_ORPHAN_REASON_H

#include "plan/mapping_plan.h"

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
								  const GroupTally *tally,
								  SourceSystem told_by);

/* "fix_pending", "unmapped_dishes", ... */
extern const char *orphan_reason_name(OrphanReason reason);

/* All source rows that name a group. */
extern uint64 orphan_reason_rows(const GroupTally *tally);

#endif							/* MENUCA_ORPHAN_REASON_H */
