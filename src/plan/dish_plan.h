/*-------------------------------------------------------------------------
 *
 * dish_plan.h
 *	  One outcome for every row of a staged menu.
 *
 * A source may name dishes that the target lacks.  V1's staged menu may still
 * have them; a dish is planned only where nothing has to be guessed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DISH_PLAN_H
#define MENUCA_DISH_PLAN_H

#include "plan/mapping_plan.h"
#include "source/id_space.h"

/* Every row of the menu has exactly one. */
typedef enum DishOutcome
{
	DISH_INSERT,
	DISH_ALREADY_PRESENT,		/* the target has a dish of that legacy id */
	DISH_PRESENT_ELSEWHERE,		/* the same, but only in other restaurants */
	DISH_NOT_REFERENCED,		/* the source does not name it */
	DISH_DUPLICATE,				/* repeats another row of the menu */
	DISH_AMBIGUOUS,				/* rows of the same id differ */
	DISH_UNKNOWN_RESTAURANT,	/* no restaurant has that legacy id */
	DISH_AMBIGUOUS_RESTAURANT,	/* several restaurants have it */
	DISH_BLANK_NAME,
	DISH_NAME_TOO_LONG,			/* for the target's column */
	DISH_CROSS_RESTAURANT,		/* all groups that use it belong to other
								 * restaurants */
	DISH_INVALID				/* an id that is NULL, not positive or beyond
								 * what its column can hold */
} DishOutcome;

#define DISH_OUTCOME_COUNT (DISH_INVALID + 1)

/*
 * V1's staged menu: a table with at least the columns id, restaurant and name.
 */
typedef struct Menu
{
	Oid			oid;
	char	   *name;			/* qualified and quoted, for SQL */
	char	   *display_name;
	AttrNumber	id_attnum;
	AttrNumber	restaurant_attnum;
	AttrNumber	name_attnum;
	AttrNumber	is_combo_attnum;	/* isCombo and showInMenu, in any case of
									 * letters; 0 when it lacks them */
	AttrNumber	show_in_menu_attnum;
} Menu;

typedef struct MenuRow
{
	DishOutcome outcome;
	bool		has_legacy;
	bool		has_legacy_restaurant;
	bool		has_restaurant; /* exactly one restaurant of the target has
								 * that legacy id */
	int64		legacy;			/* V1's ids */
	int64		legacy_restaurant;
	int64		restaurant;		/* the target's */
	char	   *name;			/* NULL when it is NULL */
	IdFlag		is_combo;
	IdFlag		shown;
	uint64		source_rows;	/* that name the dish and are not mapped */
	uint64		of_known_groups;	/* of these, with a group that exists */
	uint64		of_its_restaurant;	/* of these, with a group of the dish's
									 * restaurant */
	uint32		next;			/* row of the same id, or PARENT_MAP_END */
} MenuRow;

typedef struct DishPlan
{
	uint32		nrows;
	MenuRow    *rows;			/* in the menu's order */
	uint64		outcomes[DISH_OUTCOME_COUNT];
	Coverage	dishes;			/* of the source, before the backfill */
	uint64		missing;		/* distinct ids that the target lacks */
	uint64		not_in_menu;	/* of these, those that the menu lacks, too */
	uint64		rows_gained;	/* source rows that could be mapped after the
								 * backfill */
} DishPlan;

/*
 * Opens a staged menu, in the current memory context.  An invalid relid means
 * the table that the setting menuca.menu_table names.  Raises an error when
 * there is no such table, the caller may not read it, or it lacks a column.
 */
extern Menu *dish_plan_open_menu(Oid relid);

/*
 * Makes a plan from what the active snapshot sees, in the current memory
 * context.  max_name is how many characters the target's column of names can
 * hold; 0: any number.  Raises an error on an empty source, when the caller
 * may not read the target's restaurants, and on a menu of 2^31 rows or more.
 */
extern DishPlan *dish_plan_make(const Target *target, const Source *source,
								const Menu *menu, int max_name);

/* "insert", "already_present", ... */
extern const char *dish_plan_outcome_name(DishOutcome outcome);

#endif							/* MENUCA_DISH_PLAN_H */
