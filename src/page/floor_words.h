/*-------------------------------------------------------------------------
 *
 * floor_words.h
 *	  What a picture of a floor says in words.
 *
 * Results are in the database's encoding, not harmless yet, in the current memory context.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FLOOR_WORDS_H
#define MENUCA_FLOOR_WORDS_H

#include "page/floor_state.h"

/* An instant on the restaurant's clock: "2025-11-15 19:30", or what there is of it. */
extern char *floor_words_time(const FloorState *state, TimestampTz instant);

/* "Party of 5, until 20:45"; of a hold, "Held for a party of 5, until 20:45". */
extern char *floor_words_party(const FloorState *state, const FloorParty *party);

/* The state of a dining table in some letters ("5 until 20:45"), in few ("5 guests"), and in full. */
extern char *floor_words_state(const FloorState *state, int table);
extern char *floor_words_short_state(const FloorState *state, int table);
extern char *floor_words_table(const FloorState *state, int table);

/* What the whole floor is like, in a sentence. */
extern char *floor_words_summary(const FloorState *state);

/* The number of a dining table, and the name of a zone or of none. */
extern const char *floor_words_number(const FloorState *state, int table);
extern const char *floor_words_zone(const FloorState *state, int zone);

#endif							/* MENUCA_FLOOR_WORDS_H */
