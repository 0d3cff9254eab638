/*-------------------------------------------------------------------------
 *
 * floor_outline.c
 *	  The outline around dining tables that are joined: see floor_outline.h.
 *
 * A convex hull would also be around dining tables in between, which others have.  So
 * the path is the dining tables themselves, and a strip from each to the nearest one that
 * is connected already.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "page/floor_outline.h"

/* Half the width of a strip. */
#define STRIP 9.0

typedef struct OutlinePoint
{
	double		x;
	double		y;
} OutlinePoint;

static void append_table(StringInfo svg, const FloorLayout *layout, int table);
static void append_strip(StringInfo svg, OutlinePoint from, OutlinePoint to);
static OutlinePoint middle_of(const FloorLayout *layout, int table);


/* The strips are those of the shortest tree, one dining table after the other. */
void
floor_outline_append(StringInfo svg, const FloorLayout *layout, const List *tables)
{
	int			n = list_length(tables);
	double	   *distance = palloc(n * sizeof(double));
	int		   *nearest = palloc0(n * sizeof(int));
	bool	   *connected = palloc0(n * sizeof(bool));
	int			last = 0;

	for (int i = 0; i < n; i++)
	{
		distance[i] = INFINITY;
		append_table(svg, layout, list_nth_int(tables, i));
	}
	connected[0] = true;
	for (int added = 1; added < n; added++)
	{
		OutlinePoint from = middle_of(layout, list_nth_int(tables, last));
		int			next = -1;

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < n; i++)
		{
			OutlinePoint to = middle_of(layout, list_nth_int(tables, i));
			double		length = hypot(to.x - from.x, to.y - from.y);

			if (connected[i])
				continue;
			if (length < distance[i])
			{
				distance[i] = length;
				nearest[i] = last;
			}
			if (next < 0 || distance[i] < distance[next])
				next = i;
		}
		append_strip(svg, middle_of(layout, list_nth_int(tables, nearest[next])), middle_of(layout, list_nth_int(tables, next)));
		connected[next] = true;
		last = next;
	}
}

/* A dining table's corners, clockwise. */
static void
append_table(StringInfo svg, const FloorLayout *layout, int table)
{
	const LayoutBox *box = &layout->tables[table];
	OutlinePoint middle = middle_of(layout, table);
	double		angle = layout->rotation[table] * M_PI / 180;
	static const int corners[4][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};

	for (int i = 0; i < 4; i++)
	{
		double		x = corners[i][0] * box->width / 2;
		double		y = corners[i][1] * box->height / 2;

		appendStringInfo(svg, "%s%.1f %.1f", i == 0 ? "M" : "L",
						 middle.x + x * cos(angle) - y * sin(angle), middle.y + x * sin(angle) + y * cos(angle));
	}
	appendStringInfoChar(svg, 'Z');
}

/* Clockwise, too: where two areas overlap in opposite directions, there would be a hole. */
static void
append_strip(StringInfo svg, OutlinePoint from, OutlinePoint to)
{
	double		length = hypot(to.x - from.x, to.y - from.y);
	double		x;
	double		y;

	if (length == 0)
		return;
	x = STRIP * (to.y - from.y) / length;
	y = -STRIP * (to.x - from.x) / length;
	appendStringInfo(svg, "M%.1f %.1fL%.1f %.1fL%.1f %.1fL%.1f %.1fZ", from.x + x, from.y + y, to.x + x, to.y + y,
					 to.x - x, to.y - y, from.x - x, from.y - y);
}

static OutlinePoint
middle_of(const FloorLayout *layout, int table)
{
	const LayoutBox *box = &layout->tables[table];
	OutlinePoint middle = {box->x + box->width / 2, box->y + box->height / 2};

	return middle;
}
