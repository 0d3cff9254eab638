/*-------------------------------------------------------------------------
 *
 * day_seating.c
 *	  The best seating of a service day: see day_seating.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/day_options.h"
#include "seating/day_seating.h"

static DaySeating *without_moves(const FloorReader *reader, const DaySeating *seating, const DaySeating *kept);
static void stay(const FloorReader *reader, DaySeat *seat);
static bool is_better(const DaySeating *seating, const DaySeating *than);


/* The bound of a day on which some may move holds for one on which nobody does, too. */
DaySeating *
day_seating_find(const FloorReader *reader, const DayQuestion *question)
{
	DaySeating *seating = day_problem_solve(reader, question);
	DayQuestion keep = *question;
	DaySeating *still;

	if (question->mode != DAY_MOVE)
		return seating;
	keep.mode = DAY_KEEP;
	still = without_moves(reader, seating, day_problem_solve(reader, &keep));
	return is_better(seating, still) ? seating : still;
}

/* The same bookings as in seating, where nobody moves and the others sit as in kept. */
static DaySeating *
without_moves(const FloorReader *reader, const DaySeating *seating, const DaySeating *kept)
{
	DaySeating *still = palloc(sizeof(DaySeating));
	int			next = 0;

	*still = *seating;
	still->seats = palloc0((seating->nbookings + 1) * sizeof(DaySeat));
	still->seated = still->combinations = still->moved = 0;
	still->score = 0;
	for (int i = 0; i < seating->nbookings; i++)
	{
		DaySeat    *seat = &still->seats[i];

		if (seating->seats[i].of->choice == DAY_CHOICE_OPEN)
			*seat = kept->seats[next++];
		seat->of = seating->seats[i].of;
		if (seat->of->choice == DAY_CHOICE_MAY_MOVE)
			stay(reader, seat);
		still->seated += seat->ntables > 0;
		still->combinations += seat->ntables > 1;
		still->score += seat->score;
	}
	still->proven = still->seated == still->bound && seating->proven;
	still->has_score_bound = seating->has_score_bound && still->seated == seating->seated;
	still->score_proven = still->has_score_bound && still->proven && still->score == still->score_bound;
	return still;
}

/* Somebody may have chosen a set that is no plan: its score is that of its seats all the same. */
static void
stay(const FloorReader *reader, DaySeat *seat)
{
	SeatingPlan *plan = day_options_plan(reader, seat->of->booking, seat->of->had, seat->of->nhad, ~PLAN_RULE_BUSY);

	seat->ntables = seat->of->nhad;
	seat->tables = seat->of->had;
	seat->score = plan ? plan->score : 0;
}

/* Both are of the same bookings; who has dining tables must not lose them. */
static bool
is_better(const DaySeating *seating, const DaySeating *than)
{
	int			more[BOOKING_LOCK_MAX_PRIORITY + 1] = {0};

	for (int i = 0; i < seating->nbookings; i++)
	{
		const DaySeat *seat = &seating->seats[i];
		int			priority = seat->of->lock ? seat->of->lock->priority : 0;

		if (seat->of->choice == DAY_CHOICE_MAY_MOVE && seat->ntables == 0)
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
