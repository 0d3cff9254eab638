/*-------------------------------------------------------------------------
 *
 * review.c
 *	  What people found in the samples.
 *
 * menuca_review(ticket, good, bad, note, reviewer)
 *
 * What an answer means for its ticket is in the view menuca_review_state.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/format.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "people/people_ticket.h"
#include "people/review_target.h"

PG_FUNCTION_INFO_V1(menuca_review);

/* What the answer means. */
typedef struct ReviewVerdict
{
	char	   *result;
	char	   *what;
} ReviewVerdict;

static void require_executed(int64 environment_id, int no);
static void require_sensible(int no, int64 good, int64 bad, int64 groups);
static void require_note(int no, int good, int bad, const char *note);
static ReviewVerdict *read_review_verdict(int64 environment_id, int no);
static void *make_review_verdict(TupleTableSlot *slot);


/* Records an answer; returns what it means, and the ticket's state after it. */
Datum
menuca_review(PG_FUNCTION_ARGS)
{
	int			no;
	int64		environment_id = people_ticket_require(fcinfo, 0, &no);
	int			good = argument_int4(fcinfo, 1, "good");
	int			bad = argument_int4(fcinfo, 2, "bad");
	char	   *note = argument_text_or_null(fcinfo, 3);
	char	   *reviewer = argument_said(fcinfo, 4, "reviewer");
	Target	   *target;
	int64		groups;
	QueryArgs	args = {0};
	ReviewVerdict *verdict;
	PeopleState *state;
	Datum		values[5];
	bool		nulls[5] = {0};

	query_require_writable("menuca_review()");
	review_target_require_ticket(no);
	require_executed(environment_id, no);
	target = review_target_open(environment_id, no);
	groups = review_target_groups(target);
	require_sensible(no, good, bad, groups);
	require_note(no, good, bad, note);

	query_arg_int8(&args, environment_id);
	query_arg_int8(&args, no);
	query_arg_text(&args, target->junction->name);
	query_arg_int8(&args, groups);
	query_arg_int8(&args, good);
	query_arg_int8(&args, bad);
	query_arg_text(&args, note);
	query_arg_text(&args, reviewer);
	migrate_write("menuca_review_answer",
				  psprintf("INSERT INTO %smenuca_review_answer (environment_id, ticket_no, target, groups, good, bad, note, reviewer)"
						   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", migrate_schema()),
				  &args, NULL, NULL);

	verdict = read_review_verdict(environment_id, no);
	state = people_ticket_state(environment_id, no);
	values[0] = result_text(verdict->result, &nulls[0]);
	values[1] = result_text(verdict->what, &nulls[1]);
	values[2] = result_text(state->state, &nulls[2]);
	values[3] = Int64GetDatum(state->still_open);
	values[4] = result_text(state->next_step, &nulls[4]);
	return HeapTupleGetDatum(heap_form_tuple(result_row_type(fcinfo, "tttit"), values, nulls));
}

/* Samples from before the ticket say nothing about what it has written. */
static void
require_executed(int64 environment_id, int no)
{
	QueryArgs	args = {0};
	bool		executed;

	query_arg_int8(&args, environment_id);
	query_arg_int8(&args, no);
	query_begin_snapshot();
	executed = query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_ticket_latest WHERE environment_id = $1 AND ticket_no = $2)",
								   migrate_schema()), &args);
	query_end_snapshot();
	if (!executed)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_TICKET_ORDER),
				 errmsg("ticket %02d is not executed, so there is nothing to review", no),
				 errdetail("Nothing was recorded."),
				 errhint("%s", migrate_call("SELECT * FROM menuca_status();"))));
}

static void
require_sensible(int no, int64 good, int64 bad, int64 groups)
{
	if (good >= 0 && bad >= 0 && good + bad >= 1 && good + bad <= groups)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 good < 0 || bad < 0 ? errmsg("the number of samples cannot be negative") :
			 good + bad == 0 ? errmsg("nobody has looked at a sample") :
			 errmsg("%s were reviewed, but only %s", format_things(good + bad, "sample"),
					groups == 1 ? "1 group has rows" : psprintf("%s groups have rows", format_count(groups))),
			 errdetail("%lld good and %lld bad were given; %s to look at. Nothing was recorded.",
					   (long long) good, (long long) bad,
					   groups == 1 ? "there is 1 group" : psprintf("there are %s groups", format_count(groups))),
			 errhint("%s", migrate_call("SELECT * FROM menuca_review_samples(%d);", no))));
}

/* What is wrong, others have to find again. */
static void
require_note(int no, int good, int bad, const char *note)
{
	if (bad > 0 && (note == NULL || argument_says_nothing(note)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a review with bad samples needs a note that says what is wrong"),
				 errdetail("%s given as bad. Nothing was recorded.", bad == 1 ? "1 sample was" : psprintf("%d samples were", bad)),
				 errhint("%s", migrate_call("Name the groups and what is wrong: SELECT * FROM menuca_review(%d, good => %d, bad => %d, note => '...', reviewer => 'name');",
											no, good, bad))));
}

static ReviewVerdict *
read_review_verdict(int64 environment_id, int no)
{
	QueryArgs	args = {0};
	List	   *found;

	query_arg_int8(&args, environment_id);
	query_arg_int8(&args, no);
	query_begin_snapshot();
	found = query_list(psprintf("SELECT result, concat_ws(': ', what, CASE result WHEN 'FAIL' THEN rollback END) AS what FROM %smenuca_review_state WHERE environment_id = $1 AND ticket_no = $2",
								migrate_schema()), &args, make_review_verdict);
	query_end_snapshot();
	return found ? linitial(found) : palloc0(sizeof(ReviewVerdict));
}

static void *
make_review_verdict(TupleTableSlot *slot)
{
	ReviewVerdict *verdict = palloc(sizeof(ReviewVerdict));

	verdict->result = slot_text_or_null_of(slot, "result");
	verdict->what = slot_text_or_null_of(slot, "what");
	return verdict;
}
