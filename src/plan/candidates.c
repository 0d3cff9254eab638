/*-------------------------------------------------------------------------
 *
 * candidates.c
 *	  Comparing the restaurants of candidates: see candidates.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "plan/candidates.h"

static bool same_restaurant(const ParentRow *group, const ParentRow *dish);


Match
candidates_match(ParentMap *groups, ParentMap *dishes, const Candidates *candidates)
{
	Match		match = {0};
	ParentRow  *group;
	ParentRow  *dish;

	for (uint32 g = candidates->groups; g != PARENT_MAP_END; g = group->next)
	{
		group = &groups->rows[g];
		for (uint32 d = candidates->dishes; d != PARENT_MAP_END; d = dish->next)
		{
			CHECK_FOR_INTERRUPTS();
			dish = &dishes->rows[d];
			if (!same_restaurant(group, dish))
				continue;
			if (match.pairs++ > 0)
			{
				match.several_groups |= match.group != group;
				match.several_dishes |= match.dish != dish;
			}
			match.group = group;
			match.dish = dish;
		}
	}
	return match;
}

bool
candidates_fit_group(const ParentRow *group, const ParentMap *dish_map, uint32 dishes)
{
	const ParentRow *dish;

	for (uint32 d = dishes; d != PARENT_MAP_END; d = dish->next)
	{
		dish = &dish_map->rows[d];
		if (same_restaurant(group, dish))
			return true;
	}
	return false;
}

bool
candidates_fit_swapped(ParentMap *groups, ParentMap *dishes, const SourceRow *source)
{
	Candidates	swapped;

	if (!source->has_group || !source->has_dish)
		return false;
	swapped.groups = parent_map_first(groups, source->dish);
	if (swapped.groups == PARENT_MAP_END)
		return false;
	swapped.dishes = parent_map_first(dishes, source->group);
	if (swapped.dishes == PARENT_MAP_END)
		return false;
	return candidates_match(groups, dishes, &swapped).pairs > 0;
}

/* Unknown restaurants never match. */
static bool
same_restaurant(const ParentRow *group, const ParentRow *dish)
{
	return group->restaurant == dish->restaurant &&
		(group->flags & dish->flags & PARENT_HAS_RESTAURANT) != 0;
}
