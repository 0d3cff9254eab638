/*-------------------------------------------------------------------------
 *
 * probes.h
 *	  Whether a source means what it is taken for.
 *
 * A mapping may be perfect by id and still be wrong: read with its columns
 * exchanged, led to things of another kind that bear the same numbers, or
 * telling something else than the target's table says.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PROBES_H
#define MENUCA_PROBES_H

#include "nodes/pg_list.h"

#include "plan/mapping_plan.h"
#include "target/item_counts.h"

typedef struct Probes
{
	bool		of_products;	/* the target's rows are of combo products */
	uint64		source_rows;

	/* Orientation: source rows that fit one restaurant */
	uint64		fits_declared;
	uint64		fits_swapped;

	/* Id space: what leads to other restaurants */
	uint64		crossed_rows;
	uint64		crossed_dishes; /* distinct legacy ids */
	const char *ingredients;	/* the staged table; NULL: none is */
	uint64		crossed_ingredients;	/* of these ids, those that are in it */
	const char *menu;			/* the same of V1's staged menu */
	uint64		crossed_menu;

	/* Direction of meaning: dishes that the source names, distinct ids */
	const char *told_by;		/* which table knows combo products; NULL:
								 * none */
	uint64		told;			/* dishes that it knows */
	uint64		combos;			/* of these, combo products */
	const char *offers;			/* the staged table of what groups offer;
								 * NULL: none */
	uint64		offered;		/* its pairs of group and dish */
	uint64		offered_in_source;	/* of these, pairs of the source, too */
	ItemCountFigures item_counts;	/* groups with what they will have; all 0:
									 * not known */

	/* Distribution: groups by the number of their dishes */
	Distribution planned;		/* in the target, once the plan is carried out */
	Distribution in_source;
} Probes;

/*
 * Probes a plan that was just made, on the active snapshot: everything, of a
 * plan with counts and with item counts that were begun with it (or NULL), or
 * one thing after probes_begin(), which sets the figures of the orientation.
 * Staged tables are those that the settings menuca.menu_table,
 * menuca.ingredients_table and menuca.group_dishes_table name, as far as they
 * exist and the source is V1's, too.  Raises an error when one of them has not the columns that it should,
 * or may not be read by the caller.
 */
extern void probes_take(const MappingPlan *plan, ItemCounts *item_counts,
						Probes *probes);
extern void probes_begin(const MappingPlan *plan, Probes *probes);
extern void probes_id_space(const MappingPlan *plan, Probes *probes);
extern void probes_direction(const MappingPlan *plan, Probes *probes);

/*
 * True if the source says the reverse of what the target's rows mean: half of
 * the dishes that are known are (or, to a target of products, are not) combo
 * products.
 */
extern bool probes_direction_reversed(const Probes *probes);

/* Plain sentences, with figures: what the probe of that name found. */
extern char *probes_orientation_text(const Probes *probes);
extern char *probes_id_space_text(const Probes *probes);
extern char *probes_direction_text(const Probes *probes);
extern char *probes_distribution_text(const Probes *probes);

/* The sentence that warns of a reversed direction. */
extern char *probes_direction_warning(const Probes *probes);

/* The sentences that warn, as a list of C strings. */
extern List *probes_warnings(const Probes *probes);

/* The figures as a JSON object. */
extern char *probes_json(const Probes *probes);

#endif							/* MENUCA_PROBES_H */
