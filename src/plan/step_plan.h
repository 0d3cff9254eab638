/*-------------------------------------------------------------------------
 *
 * step_plan.h
 *	  The steps that items get by their groups' headers.
 *
 * V1's rules state the headers under which a customer chooses: see group_headers.h.
 * A step is an item's place in that sequence of choices; its label is the header.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_STEP_PLAN_H
#define MENUCA_STEP_PLAN_H

#include "nodes/pg_list.h"

#include "target/group_headers.h"
#include "target/junction.h"
#include "target/step_table.h"

/* What the headers of a group name. */
typedef enum HeadersName
{
	HEADERS_NAME_ITEMS,			/* its items, in their order: one each */
	HEADERS_NAME_CHOICES		/* the choices of each item: each item has all */
} HeadersName;

/* What becomes of an item. */
typedef enum StepOutcome
{
	STEP_FITS,
	STEP_ALREADY_PRESENT,		/* it has steps */
	STEP_NO_HEADER,
	STEP_MORE_HEADERS,			/* than items */
	STEP_FEWER_HEADERS,
	STEP_COUNT_DIFFERS,			/* headers and item_count */
	STEP_UNORDERED,				/* display_order does not say which item is
								 * which */
	STEP_UNCLEAR_HEADER,
	STEP_LABEL_TOO_LONG,
	STEP_OTHER_STEPS,			/* items of the group have steps that the
								 * headers do not give */
	STEP_MALFORMED_RULES,
	STEP_V2_GROUP,				/* whose steps are in V2's lists */
	STEP_DUPLICATE,				/* another item has the same group and dish */
	STEP_INVALID				/* no dish, or no group that exists */
} StepOutcome;

#define STEP_OUTCOME_COUNT (STEP_INVALID + 1)

/* An item. */
typedef struct StepItem
{
	int64		id;
	int64		group_id;
	int64		dish_id;
	int64		order;
	bool		has_group;
	bool		has_dish;
	bool		has_order;
	uint32		group;			/* its number in the map; PARENT_MAP_END: none */
	StepOutcome outcome;
	bool		wanted;			/* the headers give it steps, whether or not
								 * it has some */
	int			first;			/* these: numbers from here on, */
	int			count;			/* that many */
	int			items;			/* of its group */
	uint64		present;		/* steps that it has, */
	uint64		numbered;		/* of which with such a number, */
	uint64		labelled;		/* and with its label, too */
} StepItem;

typedef struct StepPlan
{
	HeadersName headers_name;
	const StepTable *table;
	ParentMap  *groups;
	GroupHeaders *headers;		/* by the numbers of the map's rows */
	uint64		n;
	uint64		allocated;
	StepItem   *items;			/* by group, display_order and id */
	StepItem  **by_id;
	uint64		outcomes[STEP_OUTCOME_COUNT];	/* items */
	uint64		groups_with[STEP_OUTCOME_COUNT];	/* groups that have such
													 * items */
	uint64		steps;			/* of the items that fit */

	/* Groups that have items and several headers, of which with as many */
	uint64		several;
	uint64		as_many_choices;	/* as item_count, */
	uint64		as_many_items;	/* as items */
} StepPlan;

/* Called for each step of the items that fit; label is its header. */
typedef void (*StepPlanFn) (const StepItem *item, int step, const char *label, void *arg);

/* The value of the argument headers_name; raises an error on an unknown one. */
extern HeadersName step_plan_headers_name(const char *name);
extern const char *step_plan_headers_name_text(HeadersName headers_name);

/*
 * Makes the plan in the current memory context, as the active query snapshot sees
 * items, groups and steps.  Raises the errors of group_headers_read(), too.
 */
extern StepPlan *step_plan_make(const Target *target, const StepTable *table,
								HeadersName headers_name);

/* Hands out the steps of the items that fit, in the order of the items. */
extern void step_plan_each(const StepPlan *plan, StepPlanFn fn, void *arg);

/* "fits", "already_present", ... */
extern const char *step_plan_outcome_name(StepOutcome outcome);

#endif							/* MENUCA_STEP_PLAN_H */
