/*-------------------------------------------------------------------------
 *
 * floor_layout.h
 *	  Where each zone and each dining table is in a picture of a floor.
 *
 * Lengths are units of the picture, whose scale its viewer chooses.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FLOOR_LAYOUT_H
#define MENUCA_FLOOR_LAYOUT_H

#include "page/floor_state.h"

/* What the words in a dining table need. */
#define LAYOUT_TABLE_WIDTH 88.0
#define LAYOUT_TABLE_HEIGHT 60.0

/* Of a zone: the height of its heading. */
#define LAYOUT_HEADING 34.0

typedef struct LayoutBox
{
	double		x;
	double		y;
	double		width;
	double		height;
} LayoutBox;

/* A zone with its dining tables. */
typedef struct LayoutPanel
{
	int			zone;			/* the floor's number, or FLOOR_NO_ZONE */
	LayoutBox	box;
	int			ntables;
	int			nplaced;		/* those that are where their position says */
	int		   *tables;			/* indexes of the floor's, by number */
} LayoutPanel;

typedef struct FloorLayout
{
	double		width;
	double		height;
	int			npanels;
	LayoutPanel *panels;		/* by name; those without dining tables are
								 * left out */
	LayoutBox  *tables;			/* by index of the floor's: not rotated */
	double	   *rotation;		/* by index: degrees */
} FloorLayout;

/* Lays out a floor. */
extern const FloorLayout *floor_layout_make(const FloorState *state);

/* What a dining table covers: itself, rotated, and its words, which are not. */
extern LayoutBox floor_layout_extent(const FloorLayout *layout, int table);

/* The smallest box around two. */
extern LayoutBox floor_layout_union(const LayoutBox *a, const LayoutBox *b);

/* Whether two boxes have more than their edges in common. */
extern bool floor_layout_overlap(const LayoutBox *a, const LayoutBox *b);

#endif							/* MENUCA_FLOOR_LAYOUT_H */
