/*-------------------------------------------------------------------------
 *
 * probes.h
 *	  Whether a source means what the plan assumes.
 *
 * A mapping may be complete by id and still be wrong: its columns may be
 * swapped, its ids may be those of other things with the same numbers, or its
 * rows may mean something else than the target's rows.
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
	bool		of_products;	/* a row of the target says which groups a
								 * combo product uses */
	bool		of_rows;		/* the source has rows, not lists, whose
								 * meaning only its dishes tell */
	uint64		source_rows;

	/* Orientation: source rows whose group and dish share a restaurant */
	uint64		fits_declared;
	uint64		fits_swapped;	/* with group and dish swapped */

	/* Id space: source rows that lead to other restaurants */
	uint64		crossed_rows;
	uint64		crossed_dishes; /* distinct legacy ids of their dishes */
	const char *ingredients_table;	/* the staged one; NULL: none */
	uint64		crossed_ingredients;	/* ids that are also in that table */
	const char *menu_table;		/* V1's staged menu; NULL: none */
	uint64		crossed_menu;	/* ids that are also on that menu */

	/* Direction: what the source's rows mean, by the dishes that they name */
	const char *flag_table;		/* the table that says which dishes are combo
								 * products; NULL: none */
	uint64		dishes_known;	/* distinct ids for which it says yes or no */
	uint64		combo_products; /* of these, those with yes */
	const char *offers_table;	/* the staged table of the dishes that groups
								 * offer; NULL: none */
	uint64		pairs_offered;	/* its pairs of group and dish */
	uint64		pairs_in_source;	/* of these, those that the source has */
	ItemCountFigures item_counts;	/* stated counts against planned ones; all
									 * 0 when they are not known */

	/* Distribution: groups by the number of their dishes */
	Distribution planned;		/* in the target, once the plan is carried out */
	Distribution in_source;
} Probes;

/*
 * The probes examine a plan that was just made, on the active snapshot.
 * probes_take() does all of it, for a plan made with counts; item_counts were
 * begun with the plan, or are NULL.  The others do one thing each, after
 * probes_begin(), which also sets the figures of the orientation.
 *
 * The staged tables are those that the settings menuca.menu_table,
 * menuca.ingredients_table and menuca.group_dishes_table name, if they exist;
 * the first two only for a source of V1, the last one only for V1's combos.
 * Raises an error when one of them lacks a column, or the caller may not read
 * it.
 */
extern void probes_take(const MappingPlan *plan, ItemCounts *item_counts,
						Probes *probes);
extern void probes_begin(const MappingPlan *plan, Probes *probes);
extern void probes_id_space(const MappingPlan *plan, Probes *probes);
extern void probes_direction(const MappingPlan *plan, Probes *probes);

/*
 * True if the source means the reverse of what the target's rows mean: at
 * least half of the known dishes are combo products or, for a target of
 * products, less than half of them are.
 */
extern bool probes_direction_reversed(const Probes *probes);

/*
 * What the probe of that name found: a clause with figures, without a full
 * stop.
 */
extern char *probes_orientation_text(const Probes *probes);
extern char *probes_id_space_text(const Probes *probes);
extern char *probes_direction_text(const Probes *probes);
extern char *probes_distribution_text(const Probes *probes);

/* The warning of a reversed direction, likewise. */
extern char *probes_direction_warning(const Probes *probes);

/*
 * A warning that nothing staged tells what the source's rows mean, with the call that
 * says what to stage; NULL when it is known, or the source has lists, whose meaning is.
 */
extern char *probes_direction_unknown(const Probes *probes);

/* All warnings, as a list of C strings; NIL when there are none. */
extern List *probes_warnings(const Probes *probes);

/* The figures as a JSON object. */
extern char *probes_json(const Probes *probes);

#endif							/* MENUCA_PROBES_H */
