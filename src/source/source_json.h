/*-------------------------------------------------------------------------
 *
 * source_json.h
 *	  A source whose rows hold a group and its dishes in JSON: V2's.
 *
 * ["149|0", "143"] are dishes 149, in size 0, and 143; {"1": ["973|0"],
 * "2": ["974"]} are dishes by step.  What a SourceRow has no place for, the
 * step and the size, is kept beside the rows, by their numbers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SOURCE_JSON_H
#define MENUCA_SOURCE_JSON_H

#include "source/source_row.h"

/* What a list says of a dish besides its id. */
typedef struct ListedDish
{
	int32		step;			/* 0: its list has no steps */
	char	   *suffix;			/* its size; NULL: none */
} ListedDish;

/* Makes room for the dishes of a source's lists. */
extern struct ListedDishes *source_json_begin(void);

/*
 * Hands out a row for each dish of each list: "149", "149|0" or the number
 * 149, whose position is its place in the list.  An object is lists by step;
 * a dish instead of a list is a list of one.  NULL, an empty text, null, "",
 * [] and {} are no rows, as a list or a step.  What else there is has no dish,
 * and so has a dish of a step that is no number from 1 to the source's
 * max_step.  Returns the number of rows.  Raises an error, which names the
 * group, on a text that is no JSON.
 */
extern uint64 source_json_read(const Source *source, SourceRowFn fn, void *arg);

/* The dish of the row of that number, in the last reading. */
extern const ListedDish *source_json_dish(const Source *source, int64 number);

#endif							/* MENUCA_SOURCE_JSON_H */
