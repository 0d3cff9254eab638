/*-------------------------------------------------------------------------
 *
 * orphan_story.h
 *	  Why an orphan has no items, by V1's source or by V2's own lists.
 *
 * V1's source has no rows for V2's groups.  Where V2's lists are staged, they
 * are consulted for every orphan that V1's source has no row for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ORPHAN_STORY_H
#define MENUCA_ORPHAN_STORY_H

#include "plan/mapping_plan.h"
#include "plan/orphan_reason.h"

/* The columns of V2's table restaurants_combo_groups_items in MySQL. */
#define V2_GROUP_COLUMN "group_id"
#define V2_DISH_COLUMN "dishes"

/* Whether the lists can be used, and if not, why. */
typedef enum V2State
{
	V2_USABLE,
	V2_NOT_STAGED,
	V2_NOT_READABLE,			/* the caller may not read them */
	V2_OTHER_COLUMNS,			/* the table lacks group_id or dishes */
	V2_NO_LEGACY_IDS,			/* the target lacks legacy_v2_id */
	V2_OTHER_MEANING			/* the target says which groups a product
								 * uses, the lists which dishes a group offers */
} V2State;

typedef struct V2Lists
{
	V2State		state;
	const char *table;			/* the name in the setting, for messages */
	ParentMap  *groups;			/* by V2's ids; NULL unless usable */
	const GroupTally *tallies;	/* by number of the group's row */
} V2Lists;

/* Whether V2's lists are staged and can be used. */
extern V2State orphan_lists_state(const Target *target);

/*
 * Reads V2's lists, as the active snapshot sees them, and classifies their
 * rows.  The result, in the current memory context, says so when they cannot
 * be used; raises an error on a list that cannot be parsed.
 */
extern V2Lists *orphan_lists_read(const Target *target);

/* Why an orphan has no items, by the source that knows more about it. */
typedef struct OrphanStory
{
	OrphanReason reason;
	SourceSystem system;		/* of that source */
	const ParentRow *group;		/* with its legacy id in that system */
	const GroupTally *tally;	/* NULL when no source is staged */
} OrphanStory;

/*
 * The story of an orphan, a row of V1's map with its tally (NULL without a
 * source).  It is V2's when V1's source has no row for the group, and V2's
 * lists have one or the group came from V2; otherwise it is V1's.  lists may
 * be NULL: then it is V1's.
 */
extern OrphanStory orphan_story(const ParentRow *group, const GroupTally *tally,
								const V2Lists *lists);

/* True if V1's source has no row for some orphan of the map. */
extern bool orphan_lists_needed(const ParentMap *groups, const GroupTally *tallies);

#endif							/* MENUCA_ORPHAN_STORY_H */
