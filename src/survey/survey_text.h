/*-------------------------------------------------------------------------
 *
 * survey_text.h
 *	  Dining tables, zones and bookings in the words of the survey.
 *
 * Results are allocated in the current memory context.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SURVEY_TEXT_H
#define MENUCA_SURVEY_TEXT_H

#include "lib/stringinfo.h"

#include "seating/floor_reader.h"

/* Names that a text has of a list before it says how many more there are. */
#define SURVEY_NAMES 10

/* A list of which a text names the first; begins as {0}, or with a separator. */
typedef struct SurveyNames
{
	const char *separator;		/* NULL: a comma */
	int64		count;
	StringInfoData text;
} SurveyNames;

/* Adds a name; the text must live as long as the list. */
extern void survey_text_add(SurveyNames *names, const char *name);

/* "a, b and 3 more", on one line; NULL for an empty list. */
extern char *survey_text_names(const SurveyNames *names);

/* "MD-01 + MD-03": the numbers of n dining tables, ordered by the floor. */
extern char *survey_text_tables(const FloorReader *reader, const int *tables, int n);

/* The name of one of the floor's zones; "no zone" for FLOOR_NO_ZONE. */
extern const char *survey_text_zone(const FloorReader *reader, int zone);

/* The floor's zones by name as bytes, then by id; their number is floor.nzones. */
extern int *survey_text_zone_order(const FloorReader *reader);

#endif							/* MENUCA_SURVEY_TEXT_H */
