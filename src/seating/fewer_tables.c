/*-------------------------------------------------------------------------
 *
 * fewer_tables.c
 *	  Whether a party would do with fewer dining tables: see fewer_tables.h.
 *
 * Of these dining tables alone, a plan that nothing dominates is a part of them, or all.
 * So it is known, too, where all of them are no plan themselves, such as 2 + 4 seats for a
 * party of 2.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/fewer_tables.h"
#include "seating/plan_question.h"

const SeatingPlan *
fewer_tables_find(const FloorReader *reader, int party_size, TimestampTz start, const int *tables, int n)
{
	BookingWindow window = {start, start};
	bool	   *free;
	PlanQuestion question;
	PlanResult *result;

	if (n < 2)
		return NULL;
	free = palloc0(reader->floor.ntables + 1);
	for (int i = 0; i < n; i++)
		free[tables[i]] = true;
	question = plan_question_of(reader, party_size, start, window, free);
	question.query.best_only = true;
	result = plan_search(&reader->floor, &question.query);
	plan_question_free(&question);
	return result->nplans > 0 && result->plans[0].ntables < n ? &result->plans[0] : NULL;
}
