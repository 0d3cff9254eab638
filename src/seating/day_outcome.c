/*-------------------------------------------------------------------------
 *
 * day_outcome.c
 *	  What a seating means for a booking: see day_outcome.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/day_outcome.h"
#include "seating/no_plan.h"
#include "seating/seating_refusal.h"

static DayOutcome outcome_without_tables(const FloorReader *reader, const DaySeat *seat);


DayOutcome
day_outcome_of(const FloorReader *reader, const DaySeat *seat)
{
	const DayBooking *booking = seat->of;
	DayOutcome	outcome;

	if (booking->choice == DAY_CHOICE_MAY_MOVE && !seat->moved)
	{
		outcome.outcome = "already";
		outcome.reason = psprintf("already: the booking has %s", refusal_numbers(reader, seat->tables, seat->ntables));
	}
	else if (seat->ntables == 0)
		outcome = outcome_without_tables(reader, seat);
	else if (booking->choice == DAY_CHOICE_MAY_MOVE)
	{
		outcome.outcome = "moved";
		outcome.reason = psprintf("moved: %s instead of %s", refusal_numbers(reader, seat->tables, seat->ntables),
								  refusal_numbers(reader, booking->had, booking->nhad));
	}
	else
	{
		outcome.outcome = "assigned";
		outcome.reason = psprintf("assigned: %s", refusal_numbers(reader, seat->tables, seat->ntables));
	}
	return outcome;
}

static DayOutcome
outcome_without_tables(const FloorReader *reader, const DaySeat *seat)
{
	const Booking *booking = seat->of->booking;
	DayOutcome	outcome = {"none", NULL};

	if (booking->party_size < 1)
		outcome.reason = psprintf("party: a party of %d cannot be seated", booking->party_size);
	else if (seat->hopeless)
	{
		PlanQuestion question = plan_question_make(reader, booking->party_size, booking->start, booking->window, &booking->id);
		NoPlan	   *none = no_plan_explain(reader, &question, booking->start, &booking->id, false);

		outcome.outcome = none->off ? "off" : "none";
		outcome.reason = none->reason;
	}
	else
		outcome.reason = pstrdup("full: it could be seated only in place of others");
	return outcome;
}
