/*-------------------------------------------------------------------------
 *
 * ticket_gates.c
 *	  What has to be there before a ticket may begin: see ticket_gates.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "backup/backup_gate.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/sqlstate.h"
#include "runbook/monitor.h"
#include "runbook/ticket_checks.h"
#include "runbook/ticket_gates.h"
#include "runbook/ticket_state.h"

/* Production's tickets that write combos, and that validate. */
#define FIX_TICKET 9
#define VALIDATION_TICKET 10

/* How old a backup may be before indexes and access are deployed. */
#define BACKUP_AGE "24 hours"

static List *add_obstacle(List *obstacles, int sqlstate, bool overridable,
						  char *message, char *hint);
static List *environment_obstacle(const TicketRun *run);
static List *order_obstacle(const TicketRun *run, List *obstacles);
static List *option_obstacles(const TicketRun *run, List *obstacles);
static bool is_longer(const char *interval, const char *than);
static bool is_signed_off(const Environment *environment);
static List *backup_obstacle(TicketRun *run, List *obstacles);
static List *activity_obstacle(TicketRun *run, List *obstacles);


List *
ticket_obstacles(TicketRun *run)
{
	List	   *obstacles = NIL;

	if (!ticket_is_here(run->environment, run->no))
		return environment_obstacle(run);
	if (run->no == FIRST_PRODUCTION_TICKET)
		obstacles = ticket_staging_obstacles(run->environment);
	obstacles = order_obstacle(run, obstacles);
	obstacles = option_obstacles(run, obstacles);
	if (run->no > FIRST_PRODUCTION_TICKET && run->no < VALIDATION_TICKET)
		obstacles = backup_obstacle(run, obstacles);
	if (run->no >= FIRST_PRODUCTION_TICKET && run->no < VALIDATION_TICKET)
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
environment_obstacle(const TicketRun *run)
{
	const char *whose = run->no >= FIRST_PRODUCTION_TICKET ? "production" : "staging";

	return add_obstacle(NIL, ERRCODE_MENUCA_ENVIRONMENT, false,
						psprintf("it is %s's, and this is %s (database \"%s\" of the cluster %lld)",
								 whose, run->environment->name, run->environment->database,
								 (long long) run->environment->system_identifier),
						psprintf("Connect to %s, or see what is next here: SELECT * FROM menuca_status();", whose));
}

/*
 * Every ticket before it must be complete, and nobody have said NO-GO to it;
 * the first of which that is not true is named.
 */
static List *
order_obstacle(const TicketRun *run, List *obstacles)
{
	for (int no = 0; no < run->no; no++)
	{
		char	   *status;
		char	   *decision;

		if (!ticket_is_here(run->environment, no))
			continue;
		status = ticket_status(run->environment, no);
		decision = ticket_decision(run->environment, no);
		if (decision && strcmp(decision, "GO") != 0)
			return add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								psprintf("somebody has signed %s on ticket %s before it", decision, ticket_number(no)),
								psprintf("SELECT menuca_execution_log(); says who and why. When it is settled: SELECT menuca_sign_off(%d, 'name', 'GO', 'note');", no));
		if (strcmp(status, "COMPLETE") != 0)
			return add_obstacle(obstacles, ERRCODE_MENUCA_TICKET_ORDER, true,
								psprintf("ticket %s before it is %s", ticket_number(no), status),
								psprintf("SELECT * FROM menuca_ticket(%d); the order is kept for a reason: each ticket builds on what the one before has proven.", no));
	}
	return obstacles;
}

/* Production begins with staging's GO, from another database, and a signature. */
List *
ticket_staging_obstacles(const Environment *environment)
{
	List	   *obstacles = NIL;
	QueryArgs	args = {0};
	char	   *go;

	query_arg_int8(&args, environment->id);
	query_begin_snapshot();
	go = query_text(psprintf("SELECT verdict ->> 'go' FROM %smenuca_imported_verdict"
							 " WHERE environment_id = $1 ORDER BY verdict_id DESC LIMIT 1",
							 migrate_schema()), &args);
	query_end_snapshot();

	if (go == NULL)
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 "staging's verdict is not here",
								 "On staging: SELECT menuca_export_verdict(); here: SELECT menuca_import_verdict('...');");
	else if (strcmp(go, "GO") != 0)
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 psprintf("staging's verdict is %s", go),
								 "Finish staging first: SELECT * FROM menuca_status(); there.");
	if (!is_signed_off(environment))
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 "nobody has signed off staging's validation (ticket 05) with GO",
								 "The person who decides: SELECT menuca_sign_off(5, 'name', 'GO', 'note'); on staging before its verdict is exported, or here.");
	return obstacles;
}

/* The last word on staging's validation counts, said here or there. */
static bool
is_signed_off(const Environment *environment)
{
	QueryArgs	args = {0};
	char	   *decision = ticket_decision(environment, FIRST_PRODUCTION_TICKET - 1);

	query_arg_int8(&args, environment->id);
	query_arg_int8(&args, FIRST_PRODUCTION_TICKET - 1);
	query_begin_snapshot();
	if (decision == NULL)
		decision = query_text(psprintf("SELECT s ->> 'decision' FROM"
									   " (SELECT verdict FROM %smenuca_imported_verdict"
									   "  WHERE environment_id = $1 ORDER BY verdict_id DESC LIMIT 1) v,"
									   " jsonb_array_elements(v.verdict -> 'signatures') WITH ORDINALITY AS e(s, n)"
									   " WHERE (s ->> 'ticket')::int8 = $2 ORDER BY n DESC LIMIT 1",
									   migrate_schema()), &args);
	query_end_snapshot();
	return decision && strcmp(decision, "GO") == 0;
}

/* An option that takes the edge off a gate is an override, and wants a reason. */
static List *
option_obstacles(const TicketRun *run, List *obstacles)
{
	const char *required = monitor_duration(run->environment);
	char	   *stability = ticket_option(run, "stability");
	char	   *max_age = ticket_option(run, "max_backup_age");

	if (stability && is_longer(required, stability))
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 psprintf("it wants %s of watching, and option stability says %s", required, stability),
								 "Leave the option away, or go on with force => true and a reason.");
	if (max_age && is_longer(max_age, ticket_backup_age(run)))
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 psprintf("its backup may be %s old at most, and option max_backup_age says %s",
										  ticket_backup_age(run), max_age),
								 "Leave the option away, or go on with force => true and a reason.");
	if (run->environment->is_production && ticket_option_is_true(run, "deploy", false))
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 "option deploy would lock production's tables against writers while indexes are built",
								 "Build them CONCURRENTLY: SELECT * FROM menuca_begin_indexes(); or go on with force => true and a reason.");
	return obstacles;
}

static bool
is_longer(const char *interval, const char *than)
{
	QueryArgs	args = {0};

	query_arg_text(&args, interval);
	query_arg_text(&args, than);
	return query_bool("SELECT $1::interval > $2::interval", &args);
}

const char *
ticket_backup_age(const TicketRun *run)
{
	return run->no > FIRST_PRODUCTION_TICKET && run->no < FIX_TICKET ? BACKUP_AGE : BACKUP_GATE_AGE;
}

/* Combos are not written without a fresh backup, the rest not without any. */
static List *
backup_obstacle(TicketRun *run, List *obstacles)
{
	char	   *label = ticket_option(run, "backup");
	char	   *max_age = ticket_option(run, "max_backup_age");
	char	   *failure = backup_gate_failure(label, max_age ? max_age : ticket_backup_age(run));

	run->backup = backup_gate_newest(label);
	if (failure == NULL)
		return obstacles;
	return add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
						psprintf("there is no good backup of this database (%s)", failure), BACKUP_GATE_HINT);
}

/*
 * Sessions of others: the window is quiet, or it is not the window.  Whether
 * it is has to be seen.
 */
static List *
activity_obstacle(TicketRun *run, List *obstacles)
{
	Finding		finding = {0};

	ticket_check_activity(run, &finding);
	if (finding.status != CHECK_FAIL && finding.status != CHECK_SKIP)
		return obstacles;
	return add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
						psprintf("this is not the window: %s", finding.actual), finding.remedy);
}
