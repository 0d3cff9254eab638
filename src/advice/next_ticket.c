/*-------------------------------------------------------------------------
 *
 * next_ticket.c
 *	  The next call of the runbook, in a registered environment.
 *
 * It is the one that menuca_status() shows, unless something has to be done before
 * that one can succeed: then a dry run of the ticket says what.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "advice/next_repair.h"
#include "advice/next_ticket.h"
#include "base/arguments.h"
#include "base/extension.h"
#include "base/own_function.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/ticket_call.h"
#include "runbook/ticket_environment.h"
#include "runbook/ticket_list.h"
#include "runbook/ticket_open.h"
#include "runbook/ticket_state.h"

/* The tickets whose fix reads the source: staging's and production's. */
#define STAGING_FIX 4
#define PRODUCTION_FIX 9

/* Production's indexes are built outside of a transaction. */
#define PRODUCTION_INDEXES 7

/* The ticket whose turn it is. */
typedef struct TicketTurn
{
	int			no;
	char	   *title;
	char	   *state;
	char	   *next_call;
	char	   *options;		/* of that call, or NULL */
} TicketTurn;

/* What its dry run says. */
typedef struct TicketTrial
{
	MemoryContext context;		/* of the texts */
	const Environment *environment;
	const TicketTurn *turn;
	bool		acted;			/* a dry run has left out an action, on which
								 * later checks depend */
	char	   *title;			/* of the first check that would fail; NULL:
								 * none */
	char	   *actual;
	char	   *next_step;		/* of the first such check that has one */
	char	   *next_of_summary;
} TicketTrial;

static char *what_to_put_in(const char *statement);
static char *what_people_do(const TicketTurn *turn);
static void *make_turn(TupleTableSlot *slot);
static void try_ticket(NextStep *next, const TicketTurn *turn);
static void find_unaccepted(NextStep *next, const TicketTurn *turn);
static void take_trial_row(TupleTableSlot *slot, void *arg);
static bool is_action(const TicketTrial *trial, const char *name);
static bool reads_source(const NextStep *next, const TicketTurn *turn);
static void before_ticket(NextStep *next, const TicketTurn *turn);


void
next_ticket(NextStep *next)
{
	List	   *turns = query_list(psprintf("SELECT ticket, title, state, next_call FROM %smenuca_status()"
											" WHERE next_call IS NOT NULL ORDER BY ticket LIMIT 1", migrate_schema()),
								   NULL, make_turn);
	TicketTurn *turn;
	char	   *statement;

	if (turns == NIL)
	{
		next_is(next, "done", NULL,
				psprintf("%s: no ticket has a call to be made; one that another session executes has none, either. See: %s",
						 next->environment->name, migrate_call("SELECT * FROM menuca_status();")), NULL);
		return;
	}
	turn = linitial(turns);
	statement = turn->next_call;
	if (strstr(statement, "menuca_ticket(") == NULL)
	{
		next_is(next, psprintf("ticket %s is %s", ticket_number(turn->no), turn->state), statement,
				psprintf("%s. %s", turn->title, what_people_do(turn)), next_changes(statement));
		return;
	}

	next->environment = ticket_environment_require(turn->no);
	turn->options = ticket_call_options(next->environment, turn->no);
	if (reads_source(next, turn))
	{
		if (ticket_call_option(turn->options, "source") == NULL)
			next_load(next);
		if (next->state == NULL)
			next_decide(next);
	}
	if (next->state)
		before_ticket(next, turn);
	else
	{
		next_is(next, psprintf("ticket %s is %s", ticket_number(turn->no), turn->state), statement,
				psprintf("%s is next.", turn->title),
				psprintf("does what ticket %s is for, and records it; the same call with dry_run => true only checks",
						 ticket_number(turn->no)));
		if (own_function_may_call("menuca_ticket"))
			try_ticket(next, turn);
	}
}

/* The same of what people have to do for a ticket, or have found. */
static char *
what_people_do(const TicketTurn *turn)
{
	TicketOpen *open = ticket_open_first(ticket_environment_require(turn->no), turn->no);

	if (open == NULL || strcmp(open->call, turn->next_call) != 0)
		return what_to_put_in(turn->next_call);
	return psprintf("%s %s", ticket_open_sentence(open), what_to_put_in(turn->next_call));
}

/* What a person has to know before the call. */
static char *
what_to_put_in(const char *statement)
{
	if (strstr(statement, "hosted => true"))
		return pstrdup("Production is hosted: its tickets are executed in this copy, once it is registered here.");
	if (strstr(statement, "menuca_import_verdict(") && strstr(statement, "menuca_export_verdict("))
		return pstrdup("Production's tickets begin with staging's verdict, which is in this same database.");
	if (strstr(statement, "menuca_import_verdict("))
		return migrate_call("Put in what staging returns: SELECT menuca_export_verdict(); it begins production once it is GO.");
	if (strstr(statement, "menuca_export_verdict("))
		return migrate_call("Carry its whole result to production: SELECT menuca_import_verdict('" ARGUMENT_REASON "');");
	if (strstr(statement, "menuca_monitor_sample("))
		return pstrdup("Call it every 15 minutes until the time is over; then this call is the ticket.");
	if (strstr(statement, "menuca_sign_off("))
		return migrate_call("A person reads the log, and signs off with GO or NO-GO: SELECT menuca_execution_log();");
	if (strstr(statement, "menuca_attest("))
		return pstrdup("Whoever has seen it puts in PASS or FAILED, and their name; WAIVED needs a note that says why.");
	if (strstr(statement, "menuca_review_samples("))
		return pstrdup("A person looks at these groups and answers how many are right: the rows have the call.");
	if (strstr(statement, "menuca_rollback("))
		return pstrdup("It deletes what the ticket has inserted; then the ticket is executed again.");
	if (strstr(statement, "menuca_resolve_issue("))
		return pstrdup("Once it is resolved, a person says how.");
	if (strstr(statement, "menuca_execution_log("))
		return pstrdup("It is signed off with NO-GO.");
	return pstrdup("It is the runbook's next call.");
}

static void *
make_turn(TupleTableSlot *slot)
{
	TicketTurn *turn = palloc0(sizeof(TicketTurn));

	turn->no = (int) slot_int8_of(slot, "ticket");
	turn->title = slot_text_of(slot, "title");
	turn->state = slot_text_of(slot, "state");
	turn->next_call = slot_text_of(slot, "next_call");
	return turn;
}

/* What would fail is done first, as far as its row has a call. */
static void
try_ticket(NextStep *next, const TicketTurn *turn)
{
	TicketTrial trial = {.context = CurrentMemoryContext,.environment = next->environment,.turn = turn};

	query_each(psprintf("SELECT name, title, status, actual, next_step, remedy FROM %smenuca_ticket(%d%s)",
						migrate_schema(), turn->no, ticket_call_argument(turn->options)),
			   NULL, take_trial_row, &trial);
	if (trial.title == NULL)
	{
		find_unaccepted(next, turn);
		return;
	}
	next->statement = trial.next_step ? trial.next_step : trial.next_of_summary;
	next->why = psprintf("%s: %s", trial.title, trial.actual ? trial.actual : "?");
	next->changes = next->statement ? next_changes(next->statement) : NULL;
	before_ticket(next, turn);
}

/*
 * After a fix, its validation may have found what only a person can accept: a dry
 * run of the ticket does not validate.
 */
static void
find_unaccepted(NextStep *next, const TicketTurn *turn)
{
	char	   *target = ticket_call_option(turn->options, "target");
	NextStep	found = {.environment = next->environment,.target = target ? target : "combo_items"};

	if (strcmp(turn->state, "FAILED") != 0 || !reads_source(next, turn))
		return;
	next_validate(&found);
	if (found.statement == NULL || next_acceptance(found.statement) == NULL)
		return;
	next->statement = found.statement;
	next->why = found.why;
	next->changes = found.changes;
	before_ticket(next, turn);
}

static void
take_trial_row(TupleTableSlot *slot, void *arg)
{
	TicketTrial *trial = arg;
	MemoryContext old = MemoryContextSwitchTo(trial->context);
	char	   *status = slot_text_of(slot, "status");
	char	   *next_step = slot_text_or_null_of(slot, "next_step");
	char	   *title = slot_text_or_null_of(slot, "title");
	char	   *acceptance = next_acceptance(slot_text_or_null_of(slot, "remedy"));

	if (is_action(trial, slot_text_of(slot, "name")))
		trial->acted = true;
	else if (strcmp(slot_text_of(slot, "name"), "summary") == 0)
		trial->next_of_summary = next_step;
	else if (trial->acted)
		 /* what the action would change is judged after it */ ;
	else if (strcmp(status, "FAIL") == 0 || strcmp(status, "ERROR") == 0)
	{
		if (trial->title == NULL || (trial->next_step == NULL && next_step))
		{
			trial->title = title ? title : "?";
			trial->actual = slot_text_or_null_of(slot, "actual");
			trial->next_step = acceptance ? acceptance : next_step;
		}
	}
	MemoryContextSwitchTo(old);
}

/*
 * True for an action that the ticket takes itself before later checks: not after
 * it has failed, and production's indexes are built by hand.
 */
static bool
is_action(const TicketTrial *trial, const char *name)
{
	const TicketTurn *turn = trial->turn;

	if (turn->no == PRODUCTION_INDEXES || strcmp(turn->state, "FAILED") == 0)
		return false;
	for (const TicketTask *task = ticket_tasks(trial->environment, turn->no); task->name; task++)
	{
		if (strcmp(task->name, name) == 0)
			return task->kind == TASK_ACTION;
	}
	return false;
}

/* A hosted production's fix is made of what staging's has written. */
static bool
reads_source(const NextStep *next, const TicketTurn *turn)
{
	return turn->no == STAGING_FIX || (turn->no == PRODUCTION_FIX && !next->environment->is_hosted);
}

/* Says which ticket waits for it. */
static void
before_ticket(NextStep *next, const TicketTurn *turn)
{
	next->state = psprintf("ticket %s is %s", ticket_number(turn->no), turn->state);
	next->why = psprintf("Before ticket %s (%s) can pass: %s", ticket_number(turn->no), turn->title, next->why);
}
