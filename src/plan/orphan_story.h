/*-------------------------------------------------------------------------
 *
 * orphan_story.h
 *	  The story of an orphan, by V1's source or V2's own lists.
 *
 * V1's source knows nothing of V2's groups.  Where V2's lists are staged, they
 * are asked about every orphan that V1's source has no row for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ORPHAN_STORY_H
#define MENUCA_ORPHAN_STORY_H

#include "plan/mapping_plan.h"
#include "plan/orphan_reason.h"

/* The columns of V2's table, as MySQL has them. */
#define V2_GROUP_COLUMN "group_id"
#define V2_DISH_COLUMN "dishes"

/* Whether the lists can be asked, and if not, why. */
typedef enum V2State
{
	V2_CAN_SAY,
	V2_NOT_STAGED,
	V2_NOT_READABLE,			/* by the caller */
	V2_OTHER_COLUMNS,			/* than group_id and dishes */
	V2_NO_LEGACY_IDS,			/* the target lacks legacy_v2_id */
	V2_OTHER_MEANING			/* the target says which groups a product uses */
} V2State;

typedef struct V2Lists
{
	V2State		state;
	const char *table;			/* what the setting names, for messages */
	ParentMap  *groups;			/* by V2's ids; NULL unless they can say */
	const GroupTally *tallies;	/* of these */
} V2Lists;

/*
 * Reads V2's lists, as the active snapshot sees them, and how their dishes
 * fare in the target.  Raises an error on a list that cannot be read.
 */
extern V2Lists *orphan_lists_read(const Target *target);

/* Why an orphan has no items, as a source knows it that can say something. */
typedef struct OrphanStory
{
	OrphanReason reason;
	SourceSystem told_by;
	const ParentRow *group;		/* with its legacy id in that system */
	const GroupTally *tally;	/* NULL when no source is staged */
} OrphanStory;

/*
 * The story of an orphan, a row of V1's map with its tally (NULL without a
 * source): V1's, or V2's when V1's source has no row for it and V2's lists
 * have, or it is V2's group.  lists may be NULL: they are not asked.
 */
extern OrphanStory orphan_story(const ParentRow *group, const GroupTally *tally,
								const V2Lists *lists);

/* True if some orphan of the map has a story that V2's lists may know better. */
extern bool orphan_lists_wanted(const ParentMap *groups, const GroupTally *tallies);

#endif							/* MENUCA_ORPHAN_STORY_H */
