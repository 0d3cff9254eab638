/*-------------------------------------------------------------------------
 *
 * survey_text.c
 *	  Dining tables, zones and bookings in words: see survey_text.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/format.h"
#include "survey/survey_text.h"

static int	compare_survey_places(const void *a, const void *b, void *arg);
static int	compare_survey_zones(const void *a, const void *b, void *arg);


void
survey_text_add(SurveyNames *names, const char *name)
{
	if (names->count == 0)
		initStringInfo(&names->text);
	if (names->count++ < SURVEY_NAMES)
		format_append(&names->text, names->separator ? names->separator : ", ", "%s", format_one_line(name));
}

char *
survey_text_names(const SurveyNames *names)
{
	if (names->count == 0)
		return NULL;
	return names->count <= SURVEY_NAMES ? pstrdup(names->text.data) :
		psprintf("%s%s%s more", names->text.data, names->separator ? names->separator : " and ", format_count(names->count - SURVEY_NAMES));
}

char *
survey_text_tables(const FloorReader *reader, const int *tables, int n)
{
	int		   *sorted = palloc((n + 1) * sizeof(int));
	StringInfoData text;

	memcpy(sorted, tables, n * sizeof(int));
	qsort_arg(sorted, n, sizeof(int), compare_survey_places, unconstify(FloorReader *, reader));
	initStringInfo(&text);
	for (int i = 0; i < n; i++)
		format_append(&text, " + ", "%s", reader->floor.tables[sorted[i]].number);
	pfree(sorted);
	return text.data;
}

static int
compare_survey_places(const void *a, const void *b, void *arg)
{
	const int  *place = ((const FloorReader *) arg)->floor.place;

	return place[*(const int *) a] - place[*(const int *) b];
}

const char *
survey_text_zone(const FloorReader *reader, int zone)
{
	if (zone < 0)
		return "no zone";
	return reader->zone_names[zone] ? reader->zone_names[zone] : "a zone without a name";
}

int *
survey_text_zone_order(const FloorReader *reader)
{
	int		   *order = palloc((reader->floor.nzones + 1) * sizeof(int));

	for (int i = 0; i < reader->floor.nzones; i++)
		order[i] = i;
	qsort_arg(order, reader->floor.nzones, sizeof(int), compare_survey_zones, unconstify(FloorReader *, reader));
	return order;
}

/* Zones are numbered by their ids. */
static int
compare_survey_zones(const void *a, const void *b, void *arg)
{
	const FloorReader *reader = arg;
	int			first = *(const int *) a;
	int			second = *(const int *) b;
	int			order = strcmp(survey_text_zone(reader, first), survey_text_zone(reader, second));

	return order != 0 ? order : first - second;
}
