/*-------------------------------------------------------------------------
 *
 * plan_question.c
 *	  A question to the planner: see plan_question.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/plan_question.h"
#include "seating/taken_table.h"

static PlanQuestion make_question(const FloorReader *reader, int party_size, TimestampTz start,
								  BookingWindow window, bool *free, bool for_walk_in);


PlanQuestion
plan_question_make(const FloorReader *reader, int party_size, TimestampTz start,
				   BookingWindow window, const pg_uuid_t *booking)
{
	return make_question(reader, party_size, start, window, taken_table_free(reader, &window, booking), false);
}

PlanQuestion
plan_question_of(const FloorReader *reader, int party_size, TimestampTz start,
				 BookingWindow window, bool *free)
{
	return make_question(reader, party_size, start, window, free, false);
}

PlanQuestion
plan_question_of_walk_in(const FloorReader *reader, int party_size, TimestampTz start,
						 BookingWindow window, bool *free)
{
	return make_question(reader, party_size, start, window, free, true);
}

static PlanQuestion
make_question(const FloorReader *reader, int party_size, TimestampTz start,
			  BookingWindow window, bool *free, bool for_walk_in)
{
	PlanQuestion question = {0};

	question.window = window;
	question.free = free;
	question.applies = floor_reader_applies(reader, start);
	question.priority = palloc((reader->floor.ntables + 1) * sizeof(int));
	question.min_party = palloc((reader->floor.ntables + 1) * sizeof(int));
	floor_reader_prefer(reader, start, for_walk_in, question.free, question.priority, question.min_party);
	question.query.party = party_size;
	question.query.zone = FLOOR_NO_ZONE;
	question.query.free = question.free;
	question.query.applies = question.applies;
	question.query.priority = question.priority;
	question.query.min_party = question.min_party;
	question.query.max_plans = 1;
	return question;
}

void
plan_question_free(PlanQuestion *question)
{
	pfree(question->free);
	pfree(question->applies);
	pfree(question->priority);
	pfree(question->min_party);
}
