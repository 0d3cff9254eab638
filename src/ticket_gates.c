/*-------------------------------------------------------------------------
 *
 * ticket_gates.c
 *	  What has to be there before a ticket may begin: see ticket.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "query.h"
#include "report.h"
#include "run.h"
#include "sqlstate.h"
#include "ticket.h"

/* Production's ticket that writes combos. */
#define FIX_TICKET 9

/* How old a backup may be: before combos are written, and otherwise. */
#define BACKUP_AGE_FIX "30 minutes"
#define BACKUP_AGE "24 hours"

#define BACKUP_HINT "Make one now: menuca-backup --drill --label LABEL; SELECT * FROM menuca_check_backup(); says what the last one lacks."

static List *add_obstacle(List *obstacles, int sqlstate, bool overridable,
						  char *message, char *hint);
static List *environment_obstacle(const TicketRun *run, List *obstacles);
static List *order_obstacle(const TicketRun *run, List *obstacles);
static List *verdict_obstacles(const TicketRun *run, List *obstacles);
static bool is_signed_off(const TicketRun *run, int no);
static List *backup_obstacle(TicketRun *run, List *obstacles);
static List *activity_obstacle(TicketRun *run, List *obstacles);


List *
ticket_obstacles(TicketRun *run)
{
	List	   *obstacles = environment_obstacle(run, NIL);

	if (obstacles)
		return obstacles;
	obstacles = order_obstacle(run, obstacles);
	if (run->no == FIRST_PRODUCTION_TICKET)
		obstacles = verdict_obstacles(run, obstacles);
	if (run->no > FIRST_PRODUCTION_TICKET && run->no < TICKET_COUNT - 1)
		obstacles = backup_obstacle(run, obstacles);
	if (run->no >= FIRST_PRODUCTION_TICKET && run->no < TICKET_COUNT - 1)
		obstacles = activity_obstacle(run, obstacles);
	return obstacles;
}

static List *
add_obstacle(List *obstacles, int sqlstate, bool overridable, char *message, char *hint)
{
	Obstacle   *obstacle = palloc(sizeof(Obstacle));

	obstacle->sqlstate = sqlstate;
	obstacle->overridable = overridable;
	obstacle->message = message;
	obstacle->hint = hint;
	return lappend(obstacles, obstacle);
}

/* Staging's tickets run on staging, production's on production: no override. */
static List *
environment_obstacle(const TicketRun *run, List *obstacles)
{
	bool		of_production = run->no >= FIRST_PRODUCTION_TICKET;

	if (of_production == run->environment->is_production)
		return obstacles;
	return add_obstacle(obstacles, ERRCODE_MENUCA_ENVIRONMENT, false,
						psprintf("it is %s's, and this is %s (database \"%s\" of the cluster %lld)",
								 of_production ? "production" : "staging", run->environment->name,
								 run->environment->database,
								 (long long) run->environment->system_identifier),
						psprintf("Connect to %s, or see what is next here: SELECT * FROM menuca_status();",
								 of_production ? "production" : "staging"));
}

/* The ticket before must be complete. */
static List *
order_obstacle(const TicketRun *run, List *obstacles)
{
	char	   *status;

	if (run->no == 0 || run->no == FIRST_PRODUCTION_TICKET)
		return obstacles;
	status = ticket_status(run->environment, run->no - 1);
	if (status && strcmp(status, "COMPLETE") == 0)
		return obstacles;
	return add_obstacle(obstacles, ERRCODE_MENUCA_TICKET_ORDER, true,
						psprintf("ticket %s before it is %s", ticket_number(run->no - 1),
								 status ? status : "PENDING"),
						psprintf("SELECT * FROM menuca_ticket(%d); the order is kept for a reason: each ticket builds on what the one before has proven.",
								 run->no - 1));
}

/* Production begins with staging's GO, from another database, and a signature. */
static List *
verdict_obstacles(const TicketRun *run, List *obstacles)
{
	QueryArgs	args = {0};
	char	   *go;

	query_arg_int8(&args, run->environment->id);
	query_begin_snapshot();
	go = query_text(psprintf("SELECT verdict ->> 'go' FROM %smenuca_imported_verdict"
							 " WHERE environment_id = $1 ORDER BY verdict_id DESC LIMIT 1",
							 ledger_schema()), &args);
	query_end_snapshot();

	if (go == NULL)
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 "staging's verdict is not here",
								 "On staging: SELECT menuca_export_verdict(); here: SELECT menuca_import_verdict('...');");
	else if (strcmp(go, "GO") != 0)
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 psprintf("staging's verdict is %s", go),
								 "Finish staging first: SELECT * FROM menuca_status(); there.");
	if (!is_signed_off(run, FIRST_PRODUCTION_TICKET - 1))
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 "nobody has signed off staging's validation (ticket 05) with GO",
								 "The person who decides: SELECT menuca_sign_off(5, 'name', 'GO', 'note'); on staging before its verdict is exported, or here.");
	return obstacles;
}

/* The last word on a ticket counts, said here or on staging. */
static bool
is_signed_off(const TicketRun *run, int no)
{
	QueryArgs	args = {0};
	char	   *decision;

	query_arg_int8(&args, run->environment->id);
	query_arg_int8(&args, no);
	query_begin_snapshot();
	decision = query_text(psprintf("SELECT decision FROM %smenuca_signature"
								   " WHERE environment_id = $1 AND ticket_no = $2"
								   " ORDER BY signature_id DESC LIMIT 1", ledger_schema()), &args);
	if (decision == NULL)
		decision = query_text(psprintf("SELECT s ->> 'decision' FROM"
									   " (SELECT verdict FROM %smenuca_imported_verdict"
									   "  WHERE environment_id = $1 ORDER BY verdict_id DESC LIMIT 1) v,"
									   " jsonb_array_elements(v.verdict -> 'signatures') WITH ORDINALITY AS e(s, n)"
									   " WHERE (s ->> 'ticket')::int8 = $2 ORDER BY n DESC LIMIT 1",
									   ledger_schema()), &args);
	query_end_snapshot();
	return decision && strcmp(decision, "GO") == 0;
}

/* Combos are not written without a fresh backup, the rest not without any. */
static List *
backup_obstacle(TicketRun *run, List *obstacles)
{
	char	   *max_age = ticket_option(run, "max_backup_age");
	char	   *failure = backup_failure(ticket_option(run, "backup"),
										 max_age ? max_age : run->no == FIX_TICKET ? BACKUP_AGE_FIX : BACKUP_AGE);

	if (failure == NULL)
		return obstacles;
	return add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
						psprintf("there is no good backup of this database (%s)", failure), BACKUP_HINT);
}

char *
backup_failure(const char *label, const char *max_age)
{
	QueryArgs	args = {0};
	char	   *failure;

	query_arg_text(&args, label);
	query_arg_text(&args, max_age);
	query_begin_snapshot();
	failure = query_text(psprintf("SELECT string_agg(title || ': ' || coalesce(actual, '?'), '; ')"
								  " FROM %smenuca_check_backup($1, $2::interval)"
								  " WHERE status IN ('FAIL', 'ERROR')", ledger_schema()), &args);
	query_end_snapshot();
	return failure;
}

/*
 * Production is not written to without a backup, by whatever call; a ticket
 * that is forced has its reason in the log.
 */
void
production_require_backup(void)
{
	Environment *environment = environment_current();
	char	   *failure;

	if (environment == NULL || !environment->is_production || backup_overridden)
		return;
	failure = backup_failure(NULL, BACKUP_AGE_FIX);
	if (failure)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_PREREQUISITE),
				 errmsg("refused: this is production, and there is no good backup of it"),
				 errdetail("%s. Nothing was changed.", failure),
				 errhint("%s To go on without one, for a reason that is recorded: menuca_ticket(%d, force => true, reason => '...').",
						 BACKUP_HINT, FIX_TICKET)));
}

/* Sessions of others: the window is quiet, or it is not the window. */
static List *
activity_obstacle(TicketRun *run, List *obstacles)
{
	Finding		finding = {0};

	check_activity(run, &finding);
	if (finding.status != CHECK_FAIL)
		return obstacles;
	return add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
						psprintf("this is not the window: %s", finding.actual), finding.remedy);
}
