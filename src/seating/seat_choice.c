/*-------------------------------------------------------------------------
 *
 * seat_choice.c
 *	  The planner's choice for a run: see seat_choice.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "seating/booking_lock.h"
#include "seating/future_conflicts.h"
#include "seating/plan_search.h"
#include "seating/seat_choice.h"
#include "seating/seating_refusal.h"
#include "seating/taken_table.h"

static PlanQuestion make_run_question(SeatRun *run, const SeatChoice *choice);
static const SeatingPlan *wished_plan(SeatRun *run, const SeatChoice *choice);
static const SeatingPlan *plan_of_run(SeatRun *run, const SeatChoice *choice, const int *tables, int n, bool may_be_dominated);
static const SeatingPlan *best_plan(const SeatRun *run, const PlanQuestion *question, int64 *score);


bool
seat_choice_find(SeatRun *run, SeatChoice *choice)
{
	PlanQuestion question;
	const SeatingPlan *plan;

	/* Who loses what is asked of all that is taken. */
	run->exact |= run->reader->settings->lookahead;
	question = make_run_question(run, choice);
	plan = wished_plan(run, choice);
	run->window = choice->window;
	if (plan)
		choice->score = plan->score;
	else
		plan = best_plan(run, &question, &choice->score);
	if (plan == NULL && !run->exact)
	{
		run->exact = true;
		return seat_choice_find(run, choice);
	}
	if (plan == NULL)
	{
		choice->none = no_plan_explain(run->reader, &question, choice->start, run->booking, choice->for_walk_in);
		return false;
	}
	run->n = plan->ntables;
	run->tables = plan->tables;
	return true;
}

static PlanQuestion
make_run_question(SeatRun *run, const SeatChoice *choice)
{
	const FloorReader *reader = run->reader;
	const pg_uuid_t *booking = choice->for_walk_in ? NULL : run->booking;
	bool	   *free = run->exact ? taken_table_free(reader, &choice->window, booking) :
		taken_table_glance(reader, &choice->window, booking);
	PlanQuestion question;

	question = choice->for_walk_in ?
		plan_question_of_walk_in(reader, choice->party_size, choice->start, choice->window, free) :
		plan_question_of(reader, choice->party_size, choice->start, choice->window, free);
	for (int i = 0; i < reader->floor.ntables; i++)
		question.free[i] &= !run->blocked[i];
	if (choice->zone)
	{
		question.query.zone = floor_reader_zone(reader, choice->zone);
		if (question.query.zone < 0)
			ereport(ERROR,
					(errcode(ERRCODE_NO_DATA_FOUND),
					 errmsg("the restaurant has no zone %s", refusal_id(choice->zone)),
					 errdetail("Nothing was changed."),
					 errhint("SELECT id, name FROM %s;", reader->schema->zones)));
	}
	return question;
}

/* What others lose costs a search for each of them, so it is asked only if it counts. */
static const SeatingPlan *
best_plan(const SeatRun *run, const PlanQuestion *question, int64 *score)
{
	if (run->reader->settings->lookahead)
	{
		RatedPlans *rated = future_conflicts_rate(run->reader, question, run->booking);

		if (rated->n == 0)
			return NULL;
		*score = rated->plans[0].score;
		return rated->plans[0].plan;
	}
	else
	{
		PlanQuery	query = question->query;
		PlanResult *result;

		query.best_only = true;
		result = plan_search(&run->reader->floor, &query);
		if (result->nplans == 0)
			return NULL;
		*score = result->plans[0].score;
		return &result->plans[0];
	}
}

/* The plan of the dining tables that the booking would rather have; NULL when it gets none of it. */
static const SeatingPlan *
wished_plan(SeatRun *run, const SeatChoice *choice)
{
	const BookingLock *lock = run->booking ? booking_lock_of(run->reader, run->booking) : NULL;

	return lock && lock->nwanted > 0 ? plan_of_run(run, choice, lock->wanted, lock->nwanted, true) : NULL;
}

bool
seat_choice_score(SeatRun *run, SeatChoice *choice, const int *tables, int n)
{
	const SeatingPlan *plan = plan_of_run(run, choice, tables, n, true);

	if (plan)
		choice->score = plan->score;
	return plan != NULL;
}

bool
seat_choice_fits(SeatRun *run, const SeatChoice *choice, const int *tables, int n)
{
	return plan_of_run(run, choice, tables, n, false) != NULL;
}

/* The plan with exactly these dining tables; NULL when one is taken, or they are none. */
static const SeatingPlan *
plan_of_run(SeatRun *run, const SeatChoice *choice, const int *tables, int n, bool may_be_dominated)
{
	PlanQuestion question = make_run_question(run, choice);

	question.query.include_dominated = may_be_dominated;
	return plan_search_set(&run->reader->floor, &question.query, tables, n);
}
