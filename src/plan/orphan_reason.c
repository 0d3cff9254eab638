/*-------------------------------------------------------------------------
 *
 * orphan_reason.c
 *	  Why a combo group has no items: see orphan_reason.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "plan/orphan_reason.h"


OrphanReason
orphan_reason(const ParentRow *group, const GroupTally *tally, SourceSystem system)
{
	uint64		rejected;

	if (tally && tally->mapped > 0)
		return ORPHAN_FIX_PENDING;

	if (tally == NULL || !(group->flags & PARENT_REFERENCED))
	{
		if (group->system == SYSTEM_V2 && system != SYSTEM_V2)
			return ORPHAN_V2_GROUP;
		if (!(group->flags & PARENT_HAS_LEGACY_ID))
			return ORPHAN_NO_LEGACY_ID;
		return tally ? ORPHAN_NO_SOURCE_ROW : ORPHAN_NO_SOURCE_STAGED;
	}

	rejected = orphan_reason_rows(tally);
	if (tally->unmapped_dish == rejected)
		return ORPHAN_UNMAPPED_DISHES;
	if (tally->cross_restaurant == rejected)
		return ORPHAN_CROSS_RESTAURANT;
	if (tally->ambiguous == rejected)
		return ORPHAN_AMBIGUOUS;
	if (tally->invalid == rejected)
		return ORPHAN_INVALID;
	return ORPHAN_MIXED;
}

const char *
orphan_reason_name(OrphanReason reason)
{
	static const char *const names[ORPHAN_REASON_COUNT] = {
		"fix_pending", "unmapped_dishes", "cross_restaurant", "ambiguous",
		"invalid", "mixed", "no_source_row", "v2_group", "no_legacy_id",
		"no_source_staged"
	};

	return names[reason];
}

uint64
orphan_reason_rows(const GroupTally *tally)
{
	return (uint64) tally->mapped + tally->unmapped_dish + tally->ambiguous +
		tally->cross_restaurant + tally->invalid;
}
