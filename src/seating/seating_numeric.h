/*-------------------------------------------------------------------------
 *
 * seating_numeric.h
 *	  Scores, which are integers of ten-thousandths, as numbers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SEATING_NUMERIC_H
#define MENUCA_SEATING_NUMERIC_H

/* "7.5" for 75000; in the current memory context. */
extern char *seating_numeric_text(int64 score);

/* The same as a numeric datum. */
extern Datum seating_numeric_of(int64 score);

#endif							/* MENUCA_SEATING_NUMERIC_H */
