/*-------------------------------------------------------------------------
 *
 * assignment_problem.c
 *	  What is wrong with the dining tables of a booking: see
 *	  assignment_problem.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/format.h"
#include "seating/fewer_tables.h"
#include "seating/seating_refusal.h"
#include "survey/assignment_problem.h"
#include "survey/survey_text.h"

static char *restaurant_problem(const AssignedBooking *assigned);
static char *seats_problem(const FloorReader *reader, const AssignedBooking *assigned);
static char *service_problem(const FloorReader *reader, const AssignedBooking *assigned);
static char *split_problem(const FloorReader *reader, const AssignedBooking *assigned);
static char *moved_problem(const FloorReader *reader, const AssignedBooking *assigned);
static char *window_problem(const FloorReader *reader, const AssignedBooking *assigned);
static char *group_problem(const ProblemColumns *columns, const AssignedBooking *assigned);
static char *fixed_problem(const FloorReader *reader, const AssignedBooking *assigned);
static char *adjacency_problem(const FloorReader *reader, const AssignedBooking *assigned);
static char *dominated_problem(const FloorReader *reader, const AssignedBooking *assigned);
static bool is_split(const FloorReader *reader, const AssignedBooking *assigned);


void
assignment_problem_find(const FloorReader *reader, const ProblemColumns *columns, const AssignedBooking *assigned, char **reasons)
{
	const Booking *booking = assigned->booking;

	memset(reasons, 0, ASSIGNMENT_PROBLEMS * sizeof(char *));
	if (booking->status && (strcmp(booking->status, "cancelled") == 0 || strcmp(booking->status, "no_show") == 0))
		reasons[PROBLEM_RELEASED] = psprintf("it is %s", booking->status);
	if (!assigned_booking_blocks(booking) || assigned->nrows == 0)
		return;
	reasons[PROBLEM_OTHER_RESTAURANT] = restaurant_problem(assigned);
	reasons[PROBLEM_SEATS] = seats_problem(reader, assigned);
	reasons[PROBLEM_OUT_OF_SERVICE] = service_problem(reader, assigned);
	reasons[PROBLEM_SPLIT_ZONES] = split_problem(reader, assigned);
	if (columns->has_zone)
		reasons[PROBLEM_MOVED] = moved_problem(reader, assigned);
	reasons[PROBLEM_WINDOW] = window_problem(reader, assigned);
	if (columns->has_group)
		reasons[PROBLEM_GROUP] = group_problem(columns, assigned);
	if (assigned_booking_listed(reader, assigned) == NULL)
	{
		reasons[PROBLEM_FIXED] = fixed_problem(reader, assigned);
		reasons[PROBLEM_ADJACENCY] = adjacency_problem(reader, assigned);
	}
	reasons[PROBLEM_DOMINATED] = dominated_problem(reader, assigned);
}

static char *
restaurant_problem(const AssignedBooking *assigned)
{
	StringInfoData ids;

	initStringInfo(&ids);
	for (int i = 0; i < assigned->nrows; i++)
	{
		if (assigned->rows[i].table < 0)
			format_append(&ids, ", ", "%s", refusal_id(&assigned->rows[i].table_id));
	}
	return ids.len == 0 ? NULL : psprintf("the restaurant has no dining table %s", ids.data);
}

static char *
seats_problem(const FloorReader *reader, const AssignedBooking *assigned)
{
	int64		seats = assigned_booking_seats(reader, assigned);

	return seats >= assigned->booking->party_size ? NULL : psprintf(INT64_FORMAT " seats", seats);
}

static char *
service_problem(const FloorReader *reader, const AssignedBooking *assigned)
{
	StringInfoData reasons;

	initStringInfo(&reasons);
	for (int i = 0; i < assigned->ntables; i++)
	{
		const DiningTable *table = &reader->floor.tables[assigned->tables[i]];

		if (!table->active)
			format_append(&reasons, ", ", "%s is not active", table->number);
		else if (table->out_of_service)
			format_append(&reasons, ", ", "%s is out of service", table->number);
		else if (!table->zone_active)
			format_append(&reasons, ", ", "zone %s is not active", survey_text_zone(reader, table->zone));
	}
	return reasons.len == 0 ? NULL : reasons.data;
}

static char *
split_problem(const FloorReader *reader, const AssignedBooking *assigned)
{
	StringInfoData zones;

	if (!is_split(reader, assigned))
		return NULL;
	initStringInfo(&zones);
	for (int i = 0; i < assigned->ntables; i++)
		format_append(&zones, ", ", "%s is in %s", reader->floor.tables[assigned->tables[i]].number,
					  survey_text_zone(reader, reader->floor.tables[assigned->tables[i]].zone));
	return zones.data;
}

/* Dining tables without a zone are not together, either. */
static bool
is_split(const FloorReader *reader, const AssignedBooking *assigned)
{
	const DiningTable *tables = reader->floor.tables;

	for (int i = 1; i < assigned->ntables; i++)
	{
		if (tables[assigned->tables[i]].zone < 0 || tables[assigned->tables[i]].zone != tables[assigned->tables[0]].zone)
			return true;
	}
	return false;
}

/* A split group is told of elsewhere. */
static char *
moved_problem(const FloorReader *reader, const AssignedBooking *assigned)
{
	int			zone = assigned->ntables == 0 ? -1 : reader->floor.tables[assigned->tables[0]].zone;

	if (assigned->zone == NULL || assigned->ntables == 0 || is_split(reader, assigned) ||
		(zone >= 0 && strcmp(refusal_id(&reader->zone_ids[zone]), assigned->zone) == 0))
		return NULL;
	for (int i = 0; i < reader->floor.nzones; i++)
	{
		if (strcmp(refusal_id(&reader->zone_ids[i]), assigned->zone) == 0)
			return psprintf("it was given to zone %s, they are in %s", survey_text_zone(reader, i), survey_text_zone(reader, zone));
	}
	return psprintf("it was given to zone %s, which is not of the restaurant, they are in %s", assigned->zone, survey_text_zone(reader, zone));
}

/* Its own time: turn times and buffers are rules of those who choose dining tables. */
static char *
window_problem(const FloorReader *reader, const AssignedBooking *assigned)
{
	const Booking *booking = assigned->booking;

	for (int i = 0; i < assigned->nrows; i++)
	{
		const AssignedRow *row = &assigned->rows[i];
		const char *number = row->table < 0 ? refusal_id(&row->table_id) : reader->floor.tables[row->table].number;

		if (!row->has_start || !row->has_end)
			return psprintf("%s has no time", number);
		if (row->start > booking->start)
			return psprintf("%s is its own only from %s on", number, refusal_time(reader, row->start));
		if (row->end <= booking->start || (booking->has_end && row->end < booking->end))
			return psprintf("%s is its own only until %s, it stays until %s", number, refusal_time(reader, row->end),
							refusal_time(reader, booking->has_end ? booking->end : booking->window.end));
	}
	return NULL;
}

/* One dining table is no group. */
static char *
group_problem(const ProblemColumns *columns, const AssignedBooking *assigned)
{
	int			without = 0;
	bool		differ = false;
	const char *first = NULL;

	if (assigned->nrows < 2)
		return NULL;
	for (int i = 0; i < assigned->nrows; i++)
	{
		const char *group = assigned->rows[i].group;

		without += group == NULL;
		differ |= group && first && strcmp(group, first) != 0;
		first = group ? group : first;
	}
	if (differ)
		return pstrdup("its rows are of different merge groups");
	if (without == assigned->nrows)
		return columns->group_refers ? NULL : pstrdup("its rows have no merge group");
	return without > 0 ? psprintf("%d of %d rows have no merge group", without, assigned->nrows) : NULL;
}

static char *
fixed_problem(const FloorReader *reader, const AssignedBooking *assigned)
{
	StringInfoData numbers;

	initStringInfo(&numbers);
	for (int i = 0; assigned->ntables > 1 && i < assigned->ntables; i++)
	{
		if (!reader->floor.tables[assigned->tables[i]].movable)
			format_append(&numbers, ", ", "%s", reader->floor.tables[assigned->tables[i]].number);
	}
	return numbers.len == 0 ? NULL : psprintf("fixed: %s", numbers.data);
}

static char *
adjacency_problem(const FloorReader *reader, const AssignedBooking *assigned)
{
	static const char *const words[] = {"", "are not connected", "are not all next to each other", "have none that is next to all others"};
	const FloorSettings *settings = &reader->floor.settings;
	int			n = assigned->ntables;
	int			places[FLOOR_MAX_COMBINATION];
	PlanAdjacency adjacency;

	if (n < 2 || n > FLOOR_MAX_COMBINATION || settings->adjacency == FLOOR_ADJACENCY_OFF ||
		assigned->booking->party_size < settings->adjacency_min_party)
		return NULL;
	for (int i = 0; i < n; i++)
		places[i] = reader->floor.place[assigned->tables[i]];
	adjacency = plan_rules_adjacency(&reader->floor, places, n);
	if (settings->adjacency == FLOOR_ADJACENCY_CONNECTED ? adjacency.connected :
		settings->adjacency == FLOOR_ADJACENCY_PAIRWISE ? adjacency.pairwise : adjacency.neighbors)
		return NULL;
	return psprintf("they %s", words[settings->adjacency]);
}

static char *
dominated_problem(const FloorReader *reader, const AssignedBooking *assigned)
{
	const SeatingPlan *plan = fewer_tables_find(reader, assigned->booking->party_size, assigned->booking->start,
												assigned->tables, assigned->ntables);

	return plan ? psprintf("%s would do", survey_text_tables(reader, plan->tables, plan->ntables)) : NULL;
}
