/*-------------------------------------------------------------------------
 *
 * plan_question.h
 *	  A question to the planner, from what the floor's tables say.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_QUESTION_H
#define MENUCA_PLAN_QUESTION_H

#include "seating/floor_reader.h"
#include "seating/plan_rules.h"

/* Where a party may sit in a window. */
typedef struct PlanQuestion
{
	PlanQuery	query;			/* its arrays are those below */
	BookingWindow window;
	bool	   *free;
	bool	   *applies;
	int		   *priority;
	int		   *min_party;
} PlanQuestion;

/*
 * The question for a party that comes at start; booking, which may be NULL, does not
 * stand in its own way.  All plans of the floor, undominated ones only, are asked for.
 */
extern PlanQuestion plan_question_make(const FloorReader *reader, int party_size, TimestampTz start,
									   BookingWindow window, const pg_uuid_t *booking);

/* The same where it is known already what is free, by index; preferences may take some of it. */
extern PlanQuestion plan_question_of(const FloorReader *reader, int party_size, TimestampTz start,
									 BookingWindow window, bool *free);

/* The same for guests without a booking, who may have the dining tables kept for them. */
extern PlanQuestion plan_question_of_walk_in(const FloorReader *reader, int party_size, TimestampTz start,
											 BookingWindow window, bool *free);

/* Gives back its arrays, free among them. */
extern void plan_question_free(PlanQuestion *question);

#endif							/* MENUCA_PLAN_QUESTION_H */
