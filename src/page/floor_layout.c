/*-------------------------------------------------------------------------
 *
 * floor_layout.c
 *	  Where each zone and each dining table is: see floor_layout.h.
 *
 * Each zone is a panel of its own, since nobody knows whether positions are those of the
 * room or of the zone.  In it, dining tables are where their positions say, at a scale at
 * which they can be read.  Those that would be on top of another one, or that have no
 * position, or one far away from all others, follow in rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "page/floor_layout.h"

/* From one dining table to the next of a row, and from a row to the next: there is room for a label between. */
#define PITCH_X 104.0
#define PITCH_Y 98.0

/* In a row, so that six can be read on a telephone. */
#define TABLES_IN_ROW 6

/* Around the dining tables of a panel, and between panels. */
#define MARGIN 16.0
#define GAP 12.0

/* Above the first row, and below the last: room for a label. */
#define LABEL_ROOM 30.0
#define ROOM_BELOW 34.0

/* The picture is at least this wide, and this many times as high as wide when it is large. */
#define LEAST_WIDTH (TABLES_IN_ROW * PITCH_X + 2 * MARGIN)
#define HEIGHT_TO_WIDTH 1.6

/* Of a zone, positions of more dining tables than that are not looked at: each is compared with each. */
#define MOST_POSITIONS 10000

/* Pitches, at scale 1, that are no distance but a rounding: positions may be shares of 1. */
#define SAME_PLACE 1e-7

/* A zone's picture by positions has at most this many times the area of its rows. */
#define MOST_SPARSE 12.0

/* A dining table is drawn at most this many times as large as its words need. */
#define LARGEST 2.0

/* The dining tables of a zone while they are placed. */
typedef struct ZonePlan
{
	const FloorState *state;
	FloorLayout *layout;
	LayoutPanel *panel;
	int			ncandidates;
	int		   *candidates;		/* those with a position */
	double		scale;			/* units of the picture for one of positions */
	int			nleft;
	int		   *left;			/* those for rows */
} ZonePlan;

static void make_panels(const FloorState *state, FloorLayout *layout);
static int	compare_panels(const void *a, const void *b, void *arg);
static void place_tables(const FloorState *state, FloorLayout *layout, LayoutPanel *panel);
static void choose_candidates(ZonePlan *plan);
static void leave_distant(ZonePlan *plan);
static double quantile(double *values, int n, double share);
static int	compare_doubles(const void *a, const void *b);
static void choose_scale(ZonePlan *plan);
static double nearest_of(const ZonePlan *plan, int candidate);
static void place_candidates(ZonePlan *plan);
static LayoutBox size_given(const ZonePlan *plan, int table, bool small);
static bool is_in_the_way(const LayoutBox *placed, int nplaced, const LayoutBox *extent);
static void place_rows(ZonePlan *plan);
static void place_panels(FloorLayout *layout);
static void finish_shelf(FloorLayout *layout, int first, int end, double width, double height);
static void move_panel(FloorLayout *layout, LayoutPanel *panel, double x, double y);


const FloorLayout *
floor_layout_make(const FloorState *state)
{
	FloorLayout *layout = palloc0(sizeof(FloorLayout));
	int			n = state->reader->floor.ntables;

	layout->tables = palloc0((n + 1) * sizeof(LayoutBox));
	layout->rotation = palloc0((n + 1) * sizeof(double));
	make_panels(state, layout);
	for (int i = 0; i < layout->npanels; i++)
		place_tables(state, layout, &layout->panels[i]);
	place_panels(layout);
	return layout;
}

bool
floor_layout_overlap(const LayoutBox *a, const LayoutBox *b)
{
	return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height && b->y < a->y + a->height;
}

LayoutBox
floor_layout_union(const LayoutBox *a, const LayoutBox *b)
{
	LayoutBox	both;

	both.x = Min(a->x, b->x);
	both.y = Min(a->y, b->y);
	both.width = Max(a->x + a->width, b->x + b->width) - both.x;
	both.height = Max(a->y + a->height, b->y + b->height) - both.y;
	return both;
}

LayoutBox
floor_layout_extent(const FloorLayout *layout, int table)
{
	const LayoutBox *box = &layout->tables[table];
	double		angle = layout->rotation[table] * M_PI / 180;
	double		width = fabs(cos(angle)) * box->width + fabs(sin(angle)) * box->height;
	double		height = fabs(sin(angle)) * box->width + fabs(cos(angle)) * box->height;
	LayoutBox	extent;

	extent.width = Max(width, LAYOUT_TABLE_WIDTH);
	extent.height = Max(height, LAYOUT_TABLE_HEIGHT);
	extent.x = box->x + (box->width - extent.width) / 2;
	extent.y = box->y + (box->height - extent.height) / 2;
	return extent;
}

/* A panel for each zone that has dining tables, and one for those without a zone. */
static void
make_panels(const FloorState *state, FloorLayout *layout)
{
	const Floor *floor = &state->reader->floor;
	LayoutPanel *all = palloc0((floor->nzones + 1) * sizeof(LayoutPanel));

	for (int i = 0; i <= floor->nzones; i++)
		all[i].zone = i < floor->nzones ? i : FLOOR_NO_ZONE;
	for (int i = 0; i < floor->ntables; i++)
	{
		int			zone = floor->tables[i].zone;

		all[zone < 0 ? floor->nzones : zone].ntables++;
	}
	layout->panels = palloc0((floor->nzones + 1) * sizeof(LayoutPanel));
	for (int i = 0; i <= floor->nzones; i++)
	{
		all[i].tables = palloc((all[i].ntables + 1) * sizeof(int));
		all[i].ntables = 0;
	}
	for (int place = 0; place < floor->ntables; place++)
	{
		int			index = floor->order[place];
		int			zone = floor->tables[index].zone;
		LayoutPanel *panel = &all[zone < 0 ? floor->nzones : zone];

		panel->tables[panel->ntables++] = index;
	}
	for (int i = 0; i <= floor->nzones; i++)
	{
		if (all[i].ntables > 0)
			layout->panels[layout->npanels++] = all[i];
	}
	qsort_arg(layout->panels, layout->npanels, sizeof(LayoutPanel), compare_panels, (void *) state->reader);
}

/* By name, as bytes; without a zone last. */
static int
compare_panels(const void *a, const void *b, void *arg)
{
	const FloorReader *reader = arg;
	const LayoutPanel *first = a;
	const LayoutPanel *second = b;
	const char *first_name;
	const char *second_name;
	int			order;

	if (first->zone < 0 || second->zone < 0)
		return first->zone < 0 ? 1 : -1;
	first_name = reader->zone_names[first->zone];
	second_name = reader->zone_names[second->zone];
	order = strcmp(first_name ? first_name : "", second_name ? second_name : "");
	return order != 0 ? order : first->zone - second->zone;
}

/* Places the dining tables of a panel, whose own place is not known yet: it begins at 0, 0. */
static void
place_tables(const FloorState *state, FloorLayout *layout, LayoutPanel *panel)
{
	ZonePlan	plan = {.state = state,.layout = layout,.panel = panel};

	plan.candidates = palloc((panel->ntables + 1) * sizeof(int));
	plan.left = palloc((panel->ntables + 1) * sizeof(int));
	choose_candidates(&plan);
	leave_distant(&plan);
	choose_scale(&plan);
	place_candidates(&plan);
	place_rows(&plan);
}

static void
choose_candidates(ZonePlan *plan)
{
	for (int i = 0; i < plan->panel->ntables; i++)
	{
		int			table = plan->panel->tables[i];
		const TablePosition *position = &plan->state->positions[table];

		if (position->has_x && position->has_y && plan->ncandidates < MOST_POSITIONS)
			plan->candidates[plan->ncandidates++] = table;
		else
			plan->left[plan->nleft++] = table;
	}
}

/* One that is many times as far from the middle as most are would make all others tiny. */
static void
leave_distant(ZonePlan *plan)
{
	int			n = plan->ncandidates;
	double	   *xs = palloc((n + 1) * sizeof(double));
	double	   *ys = palloc((n + 1) * sizeof(double));
	double	   *distances = palloc((n + 1) * sizeof(double));
	double		x;
	double		y;
	double		usual;
	int			kept = 0;

	for (int i = 0; i < n; i++)
	{
		xs[i] = plan->state->positions[plan->candidates[i]].x;
		ys[i] = plan->state->positions[plan->candidates[i]].y;
	}
	x = quantile(xs, n, 0.5);
	y = quantile(ys, n, 0.5);
	for (int i = 0; i < n; i++)
	{
		const TablePosition *position = &plan->state->positions[plan->candidates[i]];

		distances[i] = Max(fabs(position->x - x), fabs(position->y - y));
	}
	usual = quantile(distances, n, 0.75);
	for (int i = 0; i < n; i++)
	{
		int			table = plan->candidates[i];
		const TablePosition *position = &plan->state->positions[table];

		if (n > 3 && Max(fabs(position->x - x), fabs(position->y - y)) > 5 * usual)
			plan->left[plan->nleft++] = table;
		else
			plan->candidates[kept++] = table;
	}
	plan->ncandidates = kept;
}

/* The value that this share of them does not exceed; 0 of none.  Sorts them. */
static double
quantile(double *values, int n, double share)
{
	if (n == 0)
		return 0;
	qsort(values, n, sizeof(double), compare_doubles);
	return values[(int) floor((n - 1) * share)];
}

static int
compare_doubles(const void *a, const void *b)
{
	double		first = *(const double *) a;
	double		second = *(const double *) b;

	return first < second ? -1 : first > second;
}

/* So that neighbors are a pitch apart, unless that made a large picture of a few dining tables. */
static void
choose_scale(ZonePlan *plan)
{
	int			n = plan->ncandidates;
	double	   *nearest = palloc((n + 1) * sizeof(double));
	int			known = 0;
	double		x[2] = {0, 0};
	double		y[2] = {0, 0};
	double		area;

	for (int i = 0; i < n; i++)
	{
		const TablePosition *position = &plan->state->positions[plan->candidates[i]];
		double		distance = nearest_of(plan, i);

		x[0] = i == 0 ? position->x : Min(x[0], position->x);
		x[1] = i == 0 ? position->x : Max(x[1], position->x);
		y[0] = i == 0 ? position->y : Min(y[0], position->y);
		y[1] = i == 0 ? position->y : Max(y[1], position->y);
		if (distance > 0)
			nearest[known++] = distance;
	}
	plan->scale = known > 0 ? 1 / quantile(nearest, known, 0.1) : 1;
	area = ((x[1] - x[0]) * plan->scale + PITCH_X) * ((y[1] - y[0]) * plan->scale + PITCH_Y);
	if (area > MOST_SPARSE * (n + 1) * PITCH_X * PITCH_Y)
		plan->scale *= sqrt(MOST_SPARSE * (n + 1) * PITCH_X * PITCH_Y / area);
}

/* How many pitches, at scale 1, the nearest dining table at another place is away; 0 without one. */
static double
nearest_of(const ZonePlan *plan, int candidate)
{
	const TablePosition *from = &plan->state->positions[plan->candidates[candidate]];
	double		nearest = 0;

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < plan->ncandidates; i++)
	{
		const TablePosition *to = &plan->state->positions[plan->candidates[i]];
		double		distance = Max(fabs(from->x - to->x) / PITCH_X, fabs(from->y - to->y) / PITCH_Y);

		/* Nearer than that, they are at one place. */
		if (distance > SAME_PLACE && (nearest == 0 || distance < nearest))
			nearest = distance;
	}
	return nearest;
}

/* Those that are not on top of an earlier one; then the panel is around them. */
static void
place_candidates(ZonePlan *plan)
{
	FloorLayout *layout = plan->layout;
	LayoutBox  *bounds = &plan->panel->box;
	int		   *placed = palloc((plan->ncandidates + 1) * sizeof(int));
	LayoutBox  *extents = palloc((plan->ncandidates + 1) * sizeof(LayoutBox));
	int			n = 0;
	LayoutBox	all = {0};

	for (int i = 0; i < plan->ncandidates; i++)
	{
		int			table = plan->candidates[i];
		const TablePosition *position = &plan->state->positions[table];

		layout->rotation[table] = position->has_rotation ? fmod(position->rotation, 360) : 0;
		layout->tables[table] = size_given(plan, table, false);
		extents[n] = floor_layout_extent(layout, table);
		if (is_in_the_way(extents, n, &extents[n]))
		{
			layout->tables[table] = size_given(plan, table, true);
			extents[n] = floor_layout_extent(layout, table);
		}
		if (is_in_the_way(extents, n, &extents[n]))
			plan->left[plan->nleft++] = table;
		else
			placed[n++] = table;
	}
	for (int i = 0; i < n; i++)
		all = i == 0 ? extents[i] : floor_layout_union(&all, &extents[i]);
	for (int i = 0; i < n; i++)
	{
		layout->tables[placed[i]].x += MARGIN - all.x;
		layout->tables[placed[i]].y += LAYOUT_HEADING + LABEL_ROOM - all.y;
	}
	plan->panel->nplaced = n;
	bounds->width = all.width + 2 * MARGIN;
	bounds->height = LAYOUT_HEADING + LABEL_ROOM + all.height + ROOM_BELOW;
}

/* A dining table around its position: as large as it says, within reason, or as small as its words allow. */
static LayoutBox
size_given(const ZonePlan *plan, int table, bool small)
{
	const TablePosition *position = &plan->state->positions[table];
	LayoutBox	box = {.width = LAYOUT_TABLE_WIDTH,.height = LAYOUT_TABLE_HEIGHT};

	if (!small && position->has_width && position->has_height)
	{
		box.width = Max(box.width, Min(position->width * plan->scale, LARGEST * LAYOUT_TABLE_WIDTH));
		box.height = Max(box.height, Min(position->height * plan->scale, LARGEST * LAYOUT_TABLE_HEIGHT));
	}
	box.x = position->x * plan->scale - box.width / 2;
	box.y = position->y * plan->scale - box.height / 2;
	return box;
}

static bool
is_in_the_way(const LayoutBox *placed, int nplaced, const LayoutBox *extent)
{
	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < nplaced; i++)
	{
		if (floor_layout_overlap(extent, &placed[i]))
			return true;
	}
	return false;
}

/* The others, in rows below. */
static void
place_rows(ZonePlan *plan)
{
	LayoutBox  *bounds = &plan->panel->box;
	int			columns = (int) floor((bounds->width - 2 * MARGIN) / PITCH_X);
	double		top = plan->panel->nplaced > 0 ? bounds->height - ROOM_BELOW + PITCH_Y - LAYOUT_TABLE_HEIGHT : LAYOUT_HEADING + LABEL_ROOM;

	if (plan->nleft == 0)
		return;
	columns = Max(columns, Min(plan->nleft, TABLES_IN_ROW));
	for (int i = 0; i < plan->nleft; i++)
	{
		LayoutBox  *box = &plan->layout->tables[plan->left[i]];

		box->x = MARGIN + (i % columns) * PITCH_X;
		box->y = top + (i / columns) * PITCH_Y;
		box->width = LAYOUT_TABLE_WIDTH;
		box->height = LAYOUT_TABLE_HEIGHT;
		plan->layout->rotation[plan->left[i]] = 0;
	}
	bounds->width = Max(bounds->width, Min(plan->nleft, columns) * PITCH_X - (PITCH_X - LAYOUT_TABLE_WIDTH) + 2 * MARGIN);
	bounds->height = top + ((plan->nleft - 1) / columns) * PITCH_Y + LAYOUT_TABLE_HEIGHT + ROOM_BELOW;
}

/* Panels from left to right and from top to bottom, as wide as the widest, or as a large picture should be. */
static void
place_panels(FloorLayout *layout)
{
	double		width = LEAST_WIDTH;
	double		area = 0;
	double		y = 0;
	int			first = 0;

	for (int i = 0; i < layout->npanels; i++)
	{
		const LayoutBox *box = &layout->panels[i].box;

		width = Max(width, box->width);
		area += (box->width + GAP) * (box->height + GAP);
	}
	width = Max(width, sqrt(area / HEIGHT_TO_WIDTH));
	while (first < layout->npanels)
	{
		double		used = 0;
		double		height = 0;
		int			end = first;

		for (; end < layout->npanels; end++)
		{
			const LayoutBox *box = &layout->panels[end].box;

			if (end > first && used + GAP + box->width > width)
				break;
			used += (end > first ? GAP : 0) + box->width;
			height = Max(height, box->height);
		}
		for (int i = first; i < end; i++)
			layout->panels[i].box.y = y;
		finish_shelf(layout, first, end, width - used, height);
		y += height + GAP;
		first = end;
	}
	layout->width = width;
	layout->height = Max(y - GAP, 0);
}

/* The panels of a shelf share what is left of its width, and are equally high. */
static void
finish_shelf(FloorLayout *layout, int first, int end, double rest, double height)
{
	double		x = 0;

	for (int i = first; i < end; i++)
	{
		LayoutPanel *panel = &layout->panels[i];

		move_panel(layout, panel, x, panel->box.y);
		panel->box.width += rest / (end - first);
		panel->box.height = height;
		x += panel->box.width + GAP;
	}
}

static void
move_panel(FloorLayout *layout, LayoutPanel *panel, double x, double y)
{
	panel->box.x = x;
	panel->box.y = y;
	for (int i = 0; i < panel->ntables; i++)
	{
		layout->tables[panel->tables[i]].x += x;
		layout->tables[panel->tables[i]].y += y;
	}
}
