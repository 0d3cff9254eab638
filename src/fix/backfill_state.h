/*-------------------------------------------------------------------------
 *
 * backfill_state.h
 *	  The state of a backfill, which its files share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BACKFILL_STATE_H
#define MENUCA_BACKFILL_STATE_H

#include "nodes/pg_list.h"

#include "plan/dish_plan.h"
#include "source/source_row.h"
#include "target/junction.h"

typedef struct Backfill
{
	Target	   *target;
	KeyedTable	table;			/* of dishes */
	Source	   *source;			/* names the dishes */
	Menu	   *menu;
	bool		dry_run;
	char	   *real_call;		/* the same call with dry_run => false */
	bool		activate;		/* dishes that V1's menu showed become active */
	double		max_cross_restaurant;	/* percent */
	char	   *name;			/* the column of names, quoted */
	AttrNumber	is_active;		/* 0: the table has no such column */
	DishPlan   *plan;
	List	   *refusals;		/* of the gate */
	int64		run_id;
	uint64		dishes_before;
	uint64		dishes_after;
	uint64		inserted;
	uint64		visible;		/* new dishes that customers see: planned,
								 * then as counted */
} Backfill;

#endif							/* MENUCA_BACKFILL_STATE_H */
