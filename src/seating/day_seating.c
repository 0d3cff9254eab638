/*-------------------------------------------------------------------------
 *
 * day_seating.c
 *	  The best seating of a service day: see day_seating.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/day_seating.h"

static bool is_better(const DaySeating *seating, const DaySeating *than);


/* The bound of a day on which some may move holds for one on which nobody does, too. */
DaySeating *
day_seating_find(const FloorReader *reader, DateADT date, DayMode mode)
{
	DaySeating *seating = day_problem_solve(reader, date, mode);
	DaySeating *kept;

	if (mode != DAY_MOVE)
		return seating;
	kept = day_problem_solve(reader, date, DAY_KEEP);
	if (is_better(seating, kept))
		return seating;
	kept->bound = seating->bound;
	kept->proven = seating->proven && kept->seated == seating->seated;
	kept->has_score_bound = seating->has_score_bound && kept->seated == seating->seated;
	kept->score_bound = seating->score_bound;
	kept->score_proven = kept->has_score_bound && kept->proven && kept->score == kept->score_bound;
	return kept;
}

/* Both are of the same bookings. */
static bool
is_better(const DaySeating *seating, const DaySeating *than)
{
	int			more[BOOKING_LOCK_MAX_PRIORITY + 1] = {0};

	for (int i = 0; i < seating->nbookings; i++)
	{
		const DaySeat *seat = &seating->seats[i];
		int			priority = seat->of->lock ? seat->of->lock->priority : 0;

		if (than->seats[i].of->choice == DAY_CHOICE_FIXED && seat->ntables == 0)
			return false;
		more[priority] += (seat->ntables > 0) - (than->seats[i].ntables > 0);
	}
	for (int priority = BOOKING_LOCK_MAX_PRIORITY; priority >= 0; priority--)
	{
		if (more[priority] != 0)
			return more[priority] > 0;
	}
	return seating->score < than->score;
}
