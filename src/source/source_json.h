/*-------------------------------------------------------------------------
 *
 * source_json.h
 *	  A source whose rows hold a group and its dishes in JSON: V2's.
 *
 * ["149|0", "143"] are the dishes 149, in size 0, and 143.  {"1": ["973|0"],
 * "2": ["974"]} are dishes by step.  The step and the size, for which a SourceRow
 * has no member, are kept by the row's number.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SOURCE_JSON_H
#define MENUCA_SOURCE_JSON_H

#include "source/source_row.h"

/* The data of a dish in a list, besides its id. */
typedef struct ListedDish
{
	int32		step;			/* 0: its list has no steps */
	char	   *suffix;			/* its size; NULL: none */
} ListedDish;

/*
 * Returns room for the dishes of a source's lists, in the current memory
 * context.
 */
extern struct ListedDishes *source_json_begin(void);

/*
 * Calls fn for each dish of each list: "149", "149|0" or the number 149, whose
 * order is its position in the list, from 0.  An object has lists by step; a
 * dish in place of a list is a list of one.  NULL, an empty text, null, "", []
 * and {} give no row, as a list and as a step.  Any other value gives a row
 * without a dish, and so does a dish whose step is not a number from 1 to the
 * source's max_step.  Returns the number of rows.  Raises an error, which names
 * the group, for a text that is not JSON.
 */
extern uint64 source_json_read(const Source *source, SourceRowFn fn, void *arg);

/* The dish of the row with that number, as of the last source_json_read(). */
extern const ListedDish *source_json_dish(const Source *source, int64 number);

#endif							/* MENUCA_SOURCE_JSON_H */
