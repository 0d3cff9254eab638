/*-------------------------------------------------------------------------
 *
 * floor_picture.c
 *	  A floor as an SVG document: see floor_picture.h.
 *
 * From back to front: zones, lines between adjacent dining tables, outlines of joined
 * ones, dining tables, labels.  Whatever somebody has written is in an SVG of its own,
 * which ends at its edges: it covers nothing else, however long it is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pgtime.h"

#include "base/format.h"
#include "html/html.h"
#include "page/floor_layout.h"
#include "page/floor_outline.h"
#include "page/floor_picture.h"
#include "page/floor_words.h"
#include "seating/seating_refusal.h"

/* Above the zones: the restaurant's name, and the time. */
#define HEADING 74.0

/* The legend below the zones: rows of three entries; then a line for each joined set. */
#define LEGEND_ROW 27.0
#define LEGEND_COLUMNS 3
#define JOINED_ROW 27.0

/* The height of a label, its distance from a dining table, where marks are, and the width of one of its letters. */
#define LABEL_HEIGHT 21.0
#define LABEL_DISTANCE 15.0
#define LABEL_LETTER 7.3

/* Letters of names; more would not be seen. */
#define NUMBER_LETTERS 12
#define ZONE_LETTERS 60
#define NAME_LETTERS 60
#define TITLE_LETTERS 400

/* Colours of outlines in turn; the marks tell them apart, too. */
#define HUES 3

/* Joined sets with a line below the legend, and dining tables named in one. */
#define MOST_JOINED 40
#define MOST_NUMBERS 5

typedef struct Picture
{
	const FloorState *state;
	const FloorLayout *layout;
	StringInfo	svg;
	List	   *joined;			/* FloorParties with several dining tables, by
								 * where they begin */
	int			nedges;
	LayoutBox  *labels;			/* where labels are */
	int			nlabels;
} Picture;

/* What is written into a box. */
typedef struct PictureText
{
	const char *class;
	const char *anchor;			/* start or middle */
	double		x;				/* in the box */
	double		y;
	int			letters;		/* of the text, at most */
} PictureText;

static void find_joined(Picture *picture);
static int	compare_joined(const ListCell *a, const ListCell *b);
static char *mark_of(int number);
static void count_edges(Picture *picture);
static void append_begin(const Picture *picture, const char *style, double height);
static void append_panel(const Picture *picture, const LayoutPanel *panel);
static void append_edges(const Picture *picture);
static void append_outline(const Picture *picture, int number);
static void append_drawn_table(const Picture *picture, int table);
static void append_shape(const Picture *picture, int table);
static void append_badges(const Picture *picture, int number);
static void append_label(Picture *picture, int number);
static bool find_label_place(const Picture *picture, const FloorParty *party, LayoutBox *label);
static bool is_free(const Picture *picture, const LayoutBox *label);
static double label_left(const Picture *picture, double middle, double width);
static void append_legend(const Picture *picture, double y);
static void append_entry(const Picture *picture, int number, double y, const char *sample, const char *words);
static void append_joined_list(const Picture *picture, double y);
static double legend_height(const Picture *picture);
static void append_text(StringInfo svg, const PictureText *how, const char *text);
static void append_cut(StringInfo svg, const char *text, int letters);


char *
floor_picture_make(const FloorState *state, const char *style)
{
	StringInfoData svg;
	Picture		picture = {.state = state,.svg = &svg};

	initStringInfo(&svg);
	picture.layout = floor_layout_make(state);
	find_joined(&picture);
	count_edges(&picture);
	picture.labels = palloc((list_length(picture.joined) + 1) * sizeof(LayoutBox));
	append_begin(&picture, style, HEADING + picture.layout->height + legend_height(&picture));
	appendStringInfo(&svg, "<g transform=\"translate(0 %.0f)\">\n", HEADING);
	for (int i = 0; i < picture.layout->npanels; i++)
		append_panel(&picture, &picture.layout->panels[i]);
	append_edges(&picture);
	for (int i = 0; i < list_length(picture.joined); i++)
		append_outline(&picture, i);
	for (int i = 0; i < state->reader->floor.ntables; i++)
		append_drawn_table(&picture, state->reader->floor.order[i]);
	for (int i = 0; i < list_length(picture.joined); i++)
		append_badges(&picture, i);
	for (int i = 0; i < list_length(picture.joined); i++)
		append_label(&picture, i);
	appendStringInfoString(&svg, "</g>\n");
	append_legend(&picture, HEADING + picture.layout->height);
	appendStringInfoString(&svg, "</svg>\n");
	return svg.data;
}

static void
find_joined(Picture *picture)
{
	ListCell   *lc;

	foreach(lc, picture->state->parties)
	{
		FloorParty *party = lfirst(lc);

		if (list_length(party->tables) > 1)
			picture->joined = lappend(picture->joined, party);
	}
	list_sort(picture->joined, compare_joined);
}

/* Their dining tables are by number, and the parties by their first one, then by id. */
static int
compare_joined(const ListCell *a, const ListCell *b)
{
	const FloorParty *first = lfirst(a);
	const FloorParty *second = lfirst(b);

	if (first->place != second->place)
		return first->place - second->place;
	return memcmp(&first->id, &second->id, UUID_LEN);
}

/* A to Z, then AA, AB and so on. */
static char *
mark_of(int number)
{
	return psprintf("%s%c", number < 26 ? "" : mark_of(number / 26 - 1), 'A' + number % 26);
}

static void
count_edges(Picture *picture)
{
	const Floor *floor = &picture->state->reader->floor;

	picture->nedges = floor->ntables > 0 ? floor->neighbor_start[floor->ntables] / 2 : 0;
}

/* Up to the zones: what the picture is called, what it shows, and the style. */
static void
append_begin(const Picture *picture, const char *style, double height)
{
	const FloorState *state = picture->state;
	StringInfo	svg = picture->svg;
	char	   *restaurant = refusal_id(&state->reader->restaurant);
	char	   *name = state->name && *state->name ? state->name : psprintf("Restaurant %s", restaurant);
	char	   *when = psprintf("%s, %s", floor_words_time(state, state->at), pg_get_timezone_name(state->reader->zone));
	char	   *id = psprintf("floor-%s-" INT64_FORMAT, restaurant, state->at);
	PictureText heading = {"mf-h", "start", 0, 30, NAME_LETTERS};
	PictureText time = {"mf-t", "start", 0, 56, NAME_LETTERS};

	appendStringInfo(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"menuca-floor\" role=\"img\" aria-labelledby=\"%1$s-title %1$s-text\""
					 " viewBox=\"-12 -8 %2$.0f %3$.0f\" width=\"100%%\" style=\"max-width:%4$.0fpx\"><title id=\"%1$s-title\">Floor of ",
					 id, picture->layout->width + 24, height + 20, picture->layout->width * 1.25);
	append_cut(svg, name, TITLE_LETTERS);
	appendStringInfoString(svg, ", ");
	append_cut(svg, when, TITLE_LETTERS);
	appendStringInfo(svg, "</title><desc id=\"%s-text\">", id);
	append_cut(svg, floor_words_summary(state), TITLE_LETTERS);
	appendStringInfo(svg, "</desc>\n<style>%s</style>\n<svg x=\"0\" y=\"0\" width=\"%.0f\" height=\"%.0f\">", style, picture->layout->width, HEADING);
	append_text(svg, &heading, name);
	append_text(svg, &time, when);
	appendStringInfoString(svg, "</svg>\n");
}

static void
append_panel(const Picture *picture, const LayoutPanel *panel)
{
	const FloorReader *reader = picture->state->reader;
	PictureText name = {"mf-z", "start", 16, 25, ZONE_LETTERS};
	const char *inactive = panel->zone >= 0 && !reader->zone_active[panel->zone] ? " (inactive)" : "";

	appendStringInfo(picture->svg, "<rect class=\"mf-panel\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"8\"/>"
					 "<svg x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\">",
					 panel->box.x, panel->box.y, panel->box.width, panel->box.height,
					 panel->box.x, panel->box.y, panel->box.width, LAYOUT_HEADING);
	append_text(picture->svg, &name, psprintf("%s%s", floor_words_zone(picture->state, panel->zone), inactive));
	appendStringInfoString(picture->svg, "</svg>\n");
}

/* Lines between dining tables that stand next to each other, as the planner sees it. */
static void
append_edges(const Picture *picture)
{
	const Floor *floor = &picture->state->reader->floor;

	if (picture->nedges == 0)
		return;
	appendStringInfoString(picture->svg, "<path class=\"mf-edge\" d=\"");
	for (int place = 0; place < floor->ntables; place++)
	{
		const LayoutBox *from = &picture->layout->tables[floor->order[place]];

		CHECK_FOR_INTERRUPTS();
		for (int i = floor->neighbor_start[place]; i < floor->neighbor_start[place + 1]; i++)
		{
			const LayoutBox *to = &picture->layout->tables[floor->order[floor->neighbors[i]]];

			if (floor->neighbors[i] > place)
				appendStringInfo(picture->svg, "M%.0f %.0fL%.0f %.0f", from->x + from->width / 2, from->y + from->height / 2,
								 to->x + to->width / 2, to->y + to->height / 2);
		}
	}
	appendStringInfoString(picture->svg, "\"/>\n");
}

/* A thick line, and a thinner one upon it: what is left of the first is the outline. */
static void
append_outline(const Picture *picture, int number)
{
	const FloorParty *party = list_nth(picture->joined, number);
	StringInfoData path;

	initStringInfo(&path);
	floor_outline_append(&path, picture->layout, party->tables);
	appendStringInfo(picture->svg, "<g class=\"mf-joined mf-hue%d\" data-%s=\"%s\"><path class=\"mf-line\" d=\"%s\"/><path class=\"mf-area\" d=\"%s\"/></g>\n",
					 number % HUES, party->is_hold ? "hold" : "booking", refusal_id(&party->id), path.data, path.data);
	pfree(path.data);
}

static void
append_drawn_table(const Picture *picture, int table)
{
	static const char *const classes[] = {"mf-taken", "mf-held", "mf-out", "mf-inactive", "mf-free"};
	const FloorState *state = picture->state;
	StringInfo	svg = picture->svg;
	LayoutBox	extent = floor_layout_extent(picture->layout, table);
	const DiningTable *dining_table = &state->reader->floor.tables[table];
	PictureText number = {"mf-n", "middle", extent.width / 2, extent.height / 2 - 8, NUMBER_LETTERS};
	PictureText seats = {"mf-s", "middle", extent.width / 2, extent.height / 2 + 8, 2 * NUMBER_LETTERS};
	PictureText words = {"mf-w", "middle", extent.width / 2, extent.height / 2 + 23, 2 * NUMBER_LETTERS};
	PictureText few = {"mf-k", "middle", extent.width / 2, extent.height / 2 + 20, NUMBER_LETTERS};

	CHECK_FOR_INTERRUPTS();
	appendStringInfo(svg, "<g class=\"mf-table %s\"><title>", classes[floor_state_of(state, table)]);
	append_cut(svg, floor_words_table(state, table), TITLE_LETTERS);
	appendStringInfoString(svg, "</title>");
	append_shape(picture, table);
	appendStringInfo(svg, "<svg x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">", extent.x, extent.y, extent.width, extent.height);
	append_text(svg, &number, floor_words_number(state, table));
	append_text(svg, &seats, dining_table->out_of_service && state->parties_of[table] ? "out of service" :
				format_things(Max(dining_table->capacity, 0), "seat"));
	append_text(svg, &words, floor_words_state(state, table));
	append_text(svg, &few, floor_words_short_state(state, table));
	appendStringInfoString(svg, "</svg></g>\n");
}

/* The dining table itself, which alone is rotated. */
static void
append_shape(const Picture *picture, int table)
{
	const LayoutBox *box = &picture->layout->tables[table];
	double		rotation = picture->layout->rotation[table];

	appendStringInfo(picture->svg, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"6\"", box->x, box->y, box->width, box->height);
	if (rotation != 0)
		appendStringInfo(picture->svg, " transform=\"rotate(%.1f %.1f %.1f)\"", rotation, box->x + box->width / 2, box->y + box->height / 2);
	appendStringInfoString(picture->svg, "/>");
}

/* The mark of joined dining tables, at a corner of each. */
static void
append_badges(const Picture *picture, int number)
{
	char	   *mark = mark_of(number);
	double		width = 11 + 10 * strlen(mark);
	PictureText how = {"mf-m", "middle", width / 2, 15, NUMBER_LETTERS};
	ListCell   *lc;

	foreach(lc, ((const FloorParty *) list_nth(picture->joined, number))->tables)
	{
		LayoutBox	extent = floor_layout_extent(picture->layout, lfirst_int(lc));

		appendStringInfo(picture->svg, "<svg class=\"mf-label mf-badge mf-hue%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.0f\" height=\"21\"><rect x=\"1\" y=\"1\" width=\"%.0f\" height=\"19\" rx=\"9\"/>",
						 number % HUES, extent.x - 12, extent.y - 13, width, width - 2);
		append_text(picture->svg, &how, mark);
		appendStringInfoString(picture->svg, "</svg>\n");
	}
}

/* The label of joined dining tables, where there is room; the list below the legend has all. */
static void
append_label(Picture *picture, int number)
{
	const FloorParty *party = list_nth(picture->joined, number);
	char	   *words = psprintf("%s: %s", mark_of(number), floor_words_party(picture->state, party));
	LayoutBox	label = {.width = strlen(words) * LABEL_LETTER + 16,.height = LABEL_HEIGHT};
	PictureText how = {"mf-l", "middle", label.width / 2, 15, TITLE_LETTERS};

	CHECK_FOR_INTERRUPTS();
	if (!find_label_place(picture, party, &label))
		return;
	picture->labels[picture->nlabels++] = label;
	appendStringInfo(picture->svg, "<svg class=\"mf-label mf-hue%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><rect x=\"1\" y=\"1\" width=\"%.1f\" height=\"%.1f\" rx=\"9\"/>",
					 number % HUES, label.x, label.y, label.width, label.height, label.width - 2, label.height - 2);
	append_text(picture->svg, &how, words);
	appendStringInfoString(picture->svg, "</svg>\n");
}

/* Above all of them, or else above or below one of them. */
static bool
find_label_place(const Picture *picture, const FloorParty *party, LayoutBox *label)
{
	int			first = linitial_int(party->tables);
	LayoutBox	all = floor_layout_extent(picture->layout, first);
	ListCell   *lc;

	foreach(lc, party->tables)
	{
		LayoutBox	extent = floor_layout_extent(picture->layout, lfirst_int(lc));

		all = floor_layout_union(&all, &extent);
	}
	label->x = label_left(picture, all.x + all.width / 2, label->width);
	label->y = all.y - LABEL_HEIGHT - LABEL_DISTANCE;
	if (is_free(picture, label))
		return true;
	foreach(lc, party->tables)
	{
		LayoutBox	extent = floor_layout_extent(picture->layout, lfirst_int(lc));

		label->x = label_left(picture, extent.x + extent.width / 2, label->width);
		label->y = extent.y - LABEL_HEIGHT - LABEL_DISTANCE;
		if (is_free(picture, label))
			return true;
		label->y = extent.y + extent.height + LABEL_DISTANCE / 2;
		if (is_free(picture, label))
			return true;
	}
	return false;
}

/* Where a label begins whose middle should be there, so that it is within the picture. */
static double
label_left(const Picture *picture, double middle, double width)
{
	double		most = picture->layout->width - width - 6;

	return Max(Min(middle - width / 2, most), 6);
}

static bool
is_free(const Picture *picture, const LayoutBox *label)
{
	if (label->y < 0 || label->y + label->height > picture->layout->height)
		return false;
	for (int i = 0; i < picture->layout->npanels; i++)
	{
		LayoutBox	heading = picture->layout->panels[i].box;

		heading.height = LAYOUT_HEADING - 6;
		if (floor_layout_overlap(label, &heading))
			return false;
	}
	for (int i = 0; i < picture->nlabels; i++)
	{
		if (floor_layout_overlap(label, &picture->labels[i]))
			return false;
	}
	for (int i = 0; i < picture->state->reader->floor.ntables; i++)
	{
		LayoutBox	extent = floor_layout_extent(picture->layout, i);

		if (floor_layout_overlap(label, &extent))
			return false;
	}
	return true;
}

/* What colours and lines mean, with their counts. */
static void
append_legend(const Picture *picture, double y)
{
	static const char *const classes[] = {"mf-taken", "mf-held", "mf-out", "mf-inactive", "mf-free"};
	int			counts[TABLE_STATE_COUNT] = {0};
	int			number = 0;

	for (int i = 0; i < picture->state->reader->floor.ntables; i++)
		counts[floor_state_of(picture->state, i)]++;
	appendStringInfoString(picture->svg, "<g class=\"mf-legend\">");
	for (int i = 0; i < TABLE_STATE_COUNT; i++)
		append_entry(picture, number++, y, psprintf("<g class=\"mf-table %s\"><rect x=\"3\" y=\"6\" width=\"26\" height=\"16\" rx=\"4\"/></g>", classes[i]),
					 psprintf("%s %s", format_count(counts[i]), floor_state_word(i)));
	append_entry(picture, number++, y, "<rect class=\"mf-sample\" x=\"3\" y=\"6\" width=\"26\" height=\"16\" rx=\"6\"/>",
				 psprintf("%s joined", format_count(list_length(picture->joined))));
	append_entry(picture, number++, y, "<path class=\"mf-edge\" d=\"M2 14L30 14\"/>",
				 psprintf("%s adjacent", format_count(picture->nedges)));
	appendStringInfoString(picture->svg, "</g>\n");
	append_joined_list(picture, y + 14 + (number + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS * LEGEND_ROW);
}

static void
append_entry(const Picture *picture, int number, double y, const char *sample, const char *words)
{
	double		width = picture->layout->width / LEGEND_COLUMNS;
	PictureText how = {"mf-t", "start", 37, 20, TITLE_LETTERS};

	appendStringInfo(picture->svg, "<svg x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\">%s", (number % LEGEND_COLUMNS) * width,
					 y + 12 + number / LEGEND_COLUMNS * LEGEND_ROW, width, LEGEND_ROW, sample);
	append_text(picture->svg, &how, words);
	appendStringInfoString(picture->svg, "</svg>");
}

/* A line for each joined set: what it is, and for whom. */
static void
append_joined_list(const Picture *picture, double y)
{
	StringInfo	svg = picture->svg;
	ListCell   *lc;

	foreach(lc, picture->joined)
	{
		const FloorParty *party = lfirst(lc);
		int			more = list_length(party->tables) - MOST_NUMBERS;
		ListCell   *table;

		if (foreach_current_index(lc) > MOST_JOINED)
			break;
		appendStringInfo(svg, "<svg x=\"0\" y=\"%.1f\" width=\"%.0f\" height=\"%.0f\"><text class=\"mf-t\" x=\"3\" y=\"20\">",
						 y + foreach_current_index(lc) * JOINED_ROW, picture->layout->width, JOINED_ROW);
		if (foreach_current_index(lc) < MOST_JOINED)
			appendStringInfo(svg, "%s: ", mark_of(foreach_current_index(lc)));
		if (foreach_current_index(lc) == MOST_JOINED)
			appendStringInfo(svg, "and %s more", format_count(list_length(picture->joined) - MOST_JOINED));
		else
		{
			foreach(table, party->tables)
			{
				if (foreach_current_index(table) == MOST_NUMBERS)
					break;
				appendStringInfo(svg, "%s<tspan class=\"mf-name\">", foreach_current_index(table) > 0 ? " + " : "");
				append_cut(svg, floor_words_number(picture->state, lfirst_int(table)), NUMBER_LETTERS);
				appendStringInfoString(svg, "</tspan>");
			}
			appendStringInfo(svg, "%s, %s", more > 0 ? psprintf(" + %s more", format_count(more)) : "", floor_words_party(picture->state, party));
		}
		appendStringInfoString(svg, "</text></svg>\n");
	}
}

static double
legend_height(const Picture *picture)
{
	int			entries = TABLE_STATE_COUNT + 2;

	return 18 + (entries + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS * LEGEND_ROW
		+ Min(list_length(picture->joined), MOST_JOINED + 1) * JOINED_ROW;
}

static void
append_text(StringInfo svg, const PictureText *how, const char *text)
{
	appendStringInfo(svg, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\"%s>", how->class, how->x, how->y,
					 strcmp(how->anchor, "middle") == 0 ? " text-anchor=\"middle\"" : "");
	append_cut(svg, text, how->letters);
	appendStringInfoString(svg, "</text>");
}

/* The beginning of a text, with an ellipsis if that is not all. */
static void
append_cut(StringInfo svg, const char *text, int letters)
{
	if (html_append(svg, text, letters) > (uint64) letters)
		appendStringInfoString(svg, "&#8230;");
}
