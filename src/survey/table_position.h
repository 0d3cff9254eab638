/*-------------------------------------------------------------------------
 *
 * table_position.h
 *	  Where dining tables stand: the column position of table_inventory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TABLE_POSITION_H
#define MENUCA_TABLE_POSITION_H

#include "seating/floor_reader.h"
#include "survey/survey_text.h"

/* The centre of a dining table. */
typedef struct TablePosition
{
	int			table;			/* its index on the floor */
	double		x;
	double		y;
} TablePosition;

typedef struct TablePositions
{
	int			n;
	TablePosition *positions;	/* of active dining tables with a zone: by
								 * zone, then x */
	SurveyNames none;			/* numbers of those without a position */
	SurveyNames unreadable;		/* and of those whose position has no numbers
								 * x and y */
} TablePositions;

/*
 * Reads the positions of the restaurant's active dining tables that have a zone: JSON
 * objects with x and y, numbers or texts of numbers.  Raises an error when there is no
 * column position of type jsonb or json.
 */
extern TablePositions *table_position_read(const FloorReader *reader);

#endif							/* MENUCA_TABLE_POSITION_H */
