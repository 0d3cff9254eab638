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

typedef enum OrphanReason
{
	ORPHAN_FIX_PENDING,			/* some source row can be mapped */
	ORPHAN_UNMAPPED_DISHES,		/* all its source rows are rejected for this
								 * reason; likewise the next three */
	ORPHAN_CROSS_RESTAURANT,
	ORPHAN_AMBIGUOUS,
	ORPHAN_INVALID,
	ORPHAN_MIXED,				/* they are rejected for several reasons */
	ORPHAN_NO_SOURCE_ROW,
	ORPHAN_V2_GROUP,			/* it came from V2, but the source is V1's */
	ORPHAN_NO_LEGACY_ID,
	ORPHAN_NO_SOURCE_STAGED
} OrphanReason;

#define ORPHAN_REASON_COUNT (ORPHAN_NO_SOURCE_STAGED + 1)

/*
 * The reason why a group is an orphan, by the tally of its rows in the source
 * of that system; tally is NULL when no source is staged.
 */
extern OrphanReason orphan_reason(const ParentRow *group,
								  const GroupTally *tally,
								  SourceSystem system);

/* "fix_pending", "unmapped_dishes", ... */
extern const char *orphan_reason_name(OrphanReason reason);

/* The number of source rows that name a group. */
extern uint64 orphan_reason_rows(const GroupTally *tally);

#endif							/* MENUCA_ORPHAN_REASON_H */
