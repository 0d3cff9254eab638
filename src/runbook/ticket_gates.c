/*-------------------------------------------------------------------------
 *
 * ticket_gates.c
 *	  Obstacles that a ticket must not begin with: see ticket_gates.h.
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
#include "runbook/ticket_hosted.h"
#include "runbook/ticket_open.h"
#include "runbook/ticket_state.h"

/* Production's tickets that write combos and that validate. */
#define FIX_TICKET 9
#define VALIDATION_TICKET 10

/* The greatest age of a backup before indexes and access are deployed. */
#define BACKUP_AGE "24 hours"

static List *add_obstacle(List *obstacles, int sqlstate, bool overridable,
						  char *message, char *hint);
static List *environment_obstacle(const TicketExecution *execution);
static List *staging_obstacles(const Environment *environment);
static List *add_order_obstacle(const TicketExecution *execution, List *obstacles);
static List *add_option_obstacles(const TicketExecution *execution, List *obstacles);
static bool is_longer(const char *interval, const char *than);
static List *add_backup_obstacle(TicketExecution *execution, List *obstacles);
static List *add_activity_obstacle(TicketExecution *execution, List *obstacles);


List *
ticket_obstacles(TicketExecution *execution)
{
	List	   *obstacles = NIL;

	if (!ticket_is_here(execution->environment, execution->no))
		return environment_obstacle(execution);
	if (execution->no == FIRST_PRODUCTION_TICKET)
		obstacles = staging_obstacles(execution->environment);
	obstacles = add_order_obstacle(execution, obstacles);
	obstacles = add_option_obstacles(execution, obstacles);

	/* Of a hosted production, neither backups nor sessions can be seen */
	if (execution->environment->is_hosted)
		return obstacles;
	if (execution->no > FIRST_PRODUCTION_TICKET && execution->no < VALIDATION_TICKET)
		obstacles = add_backup_obstacle(execution, obstacles);
	if (execution->no >= FIRST_PRODUCTION_TICKET && execution->no < VALIDATION_TICKET)
		obstacles = add_activity_obstacle(execution, obstacles);
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

/* No reason makes staging production, so this obstacle has no override. */
static List *
environment_obstacle(const TicketExecution *execution)
{
	const char *whose = execution->no >= FIRST_PRODUCTION_TICKET ? "production" : "staging";

	return add_obstacle(NIL, ERRCODE_MENUCA_ENVIRONMENT, false,
						psprintf("it is %s's, and this is %s (%s)",
								 whose, execution->environment->name, environment_describe(execution->environment)),
						migrate_call("Connect to %s. SELECT * FROM menuca_status(); shows what is next here.", whose));
}

/*
 * Every earlier ticket must be COMPLETE and not be signed off with NO-GO.
 * Adds an obstacle for the first one that is not.
 */
static List *
add_order_obstacle(const TicketExecution *execution, List *obstacles)
{
	for (int no = 0; no < execution->no; no++)
	{
		char	   *status;
		char	   *decision;
		TicketOpen *open;

		if (!ticket_is_here(execution->environment, no))
			continue;
		status = ticket_status(execution->environment, no);
		decision = ticket_decision(execution->environment, no);
		if (decision && strcmp(decision, "GO") != 0)
			return add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								psprintf("the earlier ticket %s is signed off with %s", ticket_number(no), decision),
								migrate_call("SELECT menuca_execution_log(); shows who signed it and why. Once that is settled: SELECT menuca_sign_off(%d, 'name', 'GO', 'note');", no));
		open = ticket_open_first(execution->environment, no);
		if (strcmp(status, "COMPLETE") != 0)
			return add_obstacle(obstacles, ERRCODE_MENUCA_TICKET_ORDER, true,
								psprintf("the earlier ticket %s is %s%s", ticket_number(no), status,
										 open ? psprintf(": %s", ticket_open_describe(open)) : ""),
								psprintf("%s each ticket builds on what the previous one has proven.",
										 ticket_open_call(execution->environment, no)));
	}
	return obstacles;
}

/* Production begins with staging's verdict GO and a sign-off. */
static List *
staging_obstacles(const Environment *environment)
{
	List	   *obstacles = NIL;
	char	   *go = ticket_imported_verdict(environment);
	bool		is_staging_here = environment->is_hosted && environment_current();

	if (go == NULL)
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 "staging's verdict is not imported",
								 is_staging_here ? migrate_call("SELECT menuca_import_verdict(menuca_export_verdict());") :
								 migrate_call("On staging: SELECT menuca_export_verdict(); here: SELECT menuca_import_verdict('...');"));
	else if (strcmp(go, "GO") != 0)
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 psprintf("staging's verdict is %s", go),
								 migrate_call("Finish staging first. There, SELECT * FROM menuca_status(); shows what is next."));
	if (!ticket_staging_is_signed_off(environment))
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 "nobody has signed off staging's validation (ticket 05) with GO",
								 migrate_call("The person who decides calls SELECT menuca_sign_off(5, 'name', 'GO', 'note'); here, or on staging before the verdict is exported."));
	return obstacles;
}

/* Options that loosen a gate are overrides and need a reason. */
static List *
add_option_obstacles(const TicketExecution *execution, List *obstacles)
{
	const char *required = monitor_duration(execution->environment);
	char	   *stability = ticket_option(execution, "stability");
	char	   *max_age = ticket_option(execution, "max_backup_age");

	if (stability && is_longer(required, stability))
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 psprintf("it needs %s of monitoring, and option stability is %s", required, stability),
								 "Omit the option, or pass force => true and a reason.");
	if (max_age && is_longer(max_age, ticket_backup_age(execution)))
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 psprintf("its backup may be at most %s old, and option max_backup_age is %s",
										  ticket_backup_age(execution), max_age),
								 "Omit the option, or pass force => true and a reason.");
	if (execution->environment->is_production && ticket_option_is_true(execution, "deploy", false))
		obstacles = add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
								 "option deploy would lock production's tables against writers while indexes are built",
								 migrate_call("Build them with CREATE INDEX CONCURRENTLY, beginning with SELECT * FROM menuca_begin_indexes(); or pass force => true and a reason."));
	return obstacles;
}

/* Compares two intervals that are given as text. */
static bool
is_longer(const char *interval, const char *than)
{
	QueryArgs	args = {0};

	query_arg_text(&args, interval);
	query_arg_text(&args, than);
	return query_bool("SELECT $1::interval > $2::interval", &args);
}

const char *
ticket_backup_age(const TicketExecution *execution)
{
	if (execution->environment->is_hosted)
		return TICKET_HOSTED_BACKUP_AGE;
	return execution->no > FIRST_PRODUCTION_TICKET && execution->no < FIX_TICKET ? BACKUP_AGE : BACKUP_GATE_AGE;
}

/* Production is not written to without a recent backup. */
static List *
add_backup_obstacle(TicketExecution *execution, List *obstacles)
{
	char	   *label = ticket_option(execution, "backup");
	char	   *max_age = ticket_option(execution, "max_backup_age");
	char	   *failure = backup_gate_failure(label, max_age ? max_age : ticket_backup_age(execution));

	execution->backup = backup_gate_newest(label);
	if (failure == NULL)
		return obstacles;
	return add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
						psprintf("there is no good backup of this database (%s)", failure), backup_gate_hint());
}

/*
 * Too many other sessions mean that this is not the maintenance window.  Being
 * unable to see them is an obstacle, too.
 */
static List *
add_activity_obstacle(TicketExecution *execution, List *obstacles)
{
	Finding		finding = {0};

	ticket_check_activity(execution, &finding);
	if (finding.status != CHECK_FAIL && finding.status != CHECK_SKIP)
		return obstacles;
	return add_obstacle(obstacles, ERRCODE_MENUCA_PREREQUISITE, true,
						psprintf("this is not the maintenance window: %s", finding.actual), finding.remedy);
}
