/*-------------------------------------------------------------------------
 *
 * orphan_story.c
 *	  Why an orphan has no items: see orphan_story.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"

#include "base/relation.h"
#include "base/settings.h"
#include "plan/orphan_story.h"
#include "source/source.h"

static bool may_read_all(Oid relid);
static bool lacks_source_row(OrphanReason reason);


V2Lists *
orphan_lists_read(const Target *target)
{
	V2Lists    *lists = palloc0(sizeof(V2Lists));
	SourceColumns columns = {.group = V2_GROUP_COLUMN,.dish = V2_DISH_COLUMN};
	PlanRequest request = {
		.tallies = true,
		.classify_only = true,
		.empty_ok = true,
		.kilobytes = maintenance_work_mem / 4
	};
	Oid			relid = source_find_v2();
	MappingPlan *plan;

	lists->table = menuca_v2_group_items_table;
	lists->state = orphan_lists_state(target);
	if (lists->state != V2_USABLE)
		return lists;

	plan = plan_make(target_open_for(SYSTEM_V2, target->schema, target->junction->name, ACL_SELECT),
					 source_open_lists(SOURCE_JSON_LISTS, relid, &columns), &request);
	lists->groups = plan->groups;
	lists->tallies = plan->tallies;
	return lists;
}

V2State
orphan_lists_state(const Target *target)
{
	Oid			relid = source_find_v2();

	if (target->junction->of_products)
		return V2_OTHER_MEANING;
	if (!OidIsValid(relid))
		return V2_NOT_STAGED;
	if (!may_read_all(relid))
		return V2_NOT_READABLE;
	if (!relation_has_column(relid, V2_GROUP_COLUMN) || !relation_has_column(relid, V2_DISH_COLUMN))
		return V2_OTHER_COLUMNS;
	if (target->groups.legacy_v2_attnum == InvalidAttrNumber ||
		target->dishes.legacy_v2_attnum == InvalidAttrNumber)
		return V2_NO_LEGACY_IDS;
	return V2_USABLE;
}

static bool
may_read_all(Oid relid)
{
	return relation_may(relid, ACL_SELECT) &&
		check_enable_rls(relid, InvalidOid, true) != RLS_ENABLED;
}

OrphanStory
orphan_story(const ParentRow *group, const GroupTally *tally, const V2Lists *lists)
{
	OrphanStory story = {orphan_reason(group, tally, SYSTEM_V1), SYSTEM_V1, group, tally};
	const ParentRow *in_v2;

	if (lists == NULL || lists->state != V2_USABLE || !lacks_source_row(story.reason))
		return story;
	in_v2 = parent_map_by_id(lists->groups, group->id);
	if (in_v2 == NULL ||
		(story.reason != ORPHAN_V2_GROUP && (in_v2->flags & PARENT_REFERENCED) == 0))
		return story;

	story.system = SYSTEM_V2;
	story.group = in_v2;
	story.tally = &lists->tallies[parent_map_number(lists->groups, in_v2)];
	story.reason = orphan_reason(in_v2, story.tally, SYSTEM_V2);
	return story;
}

bool
orphan_lists_needed(const ParentMap *groups, const GroupTally *tallies)
{
	for (uint32 i = 0; i < groups->nrows; i++)
	{
		const ParentRow *group = &groups->rows[i];

		if ((group->flags & PARENT_HAS_ITEMS) == 0 &&
			lacks_source_row(orphan_reason(group, tallies ? &tallies[i] : NULL, SYSTEM_V1)))
			return true;
	}
	return false;
}

/* True if the reason means that V1's source has no row for the group. */
static bool
lacks_source_row(OrphanReason reason)
{
	return reason == ORPHAN_V2_GROUP || reason == ORPHAN_NO_SOURCE_ROW ||
		reason == ORPHAN_NO_LEGACY_ID || reason == ORPHAN_NO_SOURCE_STAGED;
}
