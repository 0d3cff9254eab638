/*-------------------------------------------------------------------------
 *
 * ticket.h
 *	  A ticket of the runbook at work.
 *
 * A ticket is a list of steps.  Each step checks something, or does it, and
 * reports what it found; the runner records all of it.
 *
 *	  ticket.c			running a ticket, and recording it
 *	  ticket_list.c		the eleven tickets, each a list of steps
 *	  ticket_checks.c	steps that look: counts, activity, health
 *	  ticket_acts.c		steps that do: indexes, access, combos, snapshot
 *	  ticket_staging.c	steps of production that compare with staging
 *	  ticket_gates.c	what has to be there before a ticket may begin
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_H
#define MENUCA_TICKET_H

#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "environment.h"
#include "finding.h"

#define TICKET_COUNT 11

/* The first ticket of production; those before are staging's. */
#define FIRST_PRODUCTION_TICKET 6

typedef struct Ticket Ticket;

/* A ticket at work. */
typedef struct TicketRun
{
	int			no;
	const Ticket *ticket;
	Environment *environment;
	Jsonb	   *options;
	bool		dry_run;
	bool		forced;
	char	   *reason;			/* why it is forced */
	bool		at_gate;		/* the step at work is one */
	CheckRows	rows;
	StringInfoData checks;		/* the same rows, a JSON array */
	bool		waiting;		/* what failed may pass with time */
	int			waits;			/* how many findings are of that kind */
	int64		run_id;			/* of the ledger; 0: none */
	int64		source_rows;	/* of its fix, or of what it would be */
	int64		mapped;			/* of these, items now */
	char	   *backup;			/* the id of the backup that it relies on, or
								 * NULL */
} TicketRun;

/*
 * A step that acts is left away in a dry run, and when a step before it
 * failed.  What a gate refuses is let through when the run is forced; what
 * is found out about the data never is.
 */
typedef enum TicketStepKind
{
	STEP_LOOKS,
	STEP_ACTS,
	STEP_GATE
} TicketStepKind;

/* A step fills a finding, or reports several by itself when it has no title. */
typedef struct TicketStep
{
	const char *name;
	const char *title;			/* NULL: it reports by itself */
	void		(*run) (TicketRun *run, Finding *finding);
	TicketStepKind kind;
} TicketStep;

struct Ticket
{
	const char *title;
	const TicketStep *steps;	/* ends with a NULL name */
};

/* ticket_list.c: by number */
extern const Ticket tickets[TICKET_COUNT];

/* ticket.c */

/* Reports a finding as the run's next row. */
extern void ticket_report(TicketRun *run, const char *name, const char *title,
						  const Finding *finding);

/*
 * Reports the rows of a query whose columns are name, title, status, expected,
 * actual, detail, remedy (texts) and metadata (jsonb).
 */
extern void ticket_report_query(TicketRun *run, const char *sql);

/*
 * The same for a query that tries out what it undoes; it keeps the caller's
 * search_path, so that its operators are to be qualified.
 */
extern void ticket_report_trial(TicketRun *run, const char *sql);

/* True if a row of the run has failed so far, or could not be made. */
extern bool ticket_has_failed(const TicketRun *run);

/* An option as text; NULL when it is not given. */
extern char *ticket_option(const TicketRun *run, const char *name);

/* True if an option is given, be it as null. */
extern bool ticket_option_is_given(const TicketRun *run, const char *name);

/* A boolean option; what it is without. */
extern bool ticket_option_is_true(const TicketRun *run, const char *name,
								  bool without);

/* "00" to "10". */
extern char *ticket_number(int no);

/* True if the environment runs the ticket; the pre-flight is everybody's. */
extern bool ticket_is_here(const Environment *environment, int no);

/*
 * How the newest run of a ticket in an environment ended: COMPLETE, FAILED or
 * IN_PROGRESS.  PENDING when there was none, and for a validation when
 * something was changed after it.
 */
extern char *ticket_status(const Environment *environment, int no);

/* verdict.c: the last decision on a ticket that was signed here, or NULL. */
extern char *ticket_decision(const Environment *environment, int no);

/* ticket_gates.c */

typedef struct Obstacle
{
	int			sqlstate;
	bool		overridable;
	char	   *message;		/* one sentence */
	char	   *hint;
} Obstacle;

/*
 * What is in the way of the ticket: a list of Obstacles, none when it may
 * begin.  One that cannot be overridden comes alone.
 */
extern List *ticket_obstacles(TicketRun *run);

/* Of these, what production lacks of staging's word before it may begin. */
extern List *verdict_obstacles(const Environment *environment);

/*
 * What is wrong with the backup of that label (NULL: the newest) when it may
 * be so old at most; NULL when nothing is.
 */
extern char *backup_failure(const char *label, const char *max_age);

/* How old the backup of a ticket may be, as an interval's text. */
extern const char *backup_max_age(const TicketRun *run);

/* The id of the backup of that label (NULL: the newest), or NULL. */
extern char *backup_id(const char *label);

/* ticket_acts.c: true while a ticket fixes whose gate has judged the backup */
extern bool backup_judged;

/* ticket_checks.c: rows of a table of the target schema */
extern uint64 ticket_count_rows(const char *table);

/* ticket_checks.c, ticket_acts.c, ticket_staging.c: the steps, see ticket_list.c */
extern void check_identity(TicketRun *run, Finding *finding);
extern void check_server(TicketRun *run, Finding *finding);
extern void check_schema(TicketRun *run, Finding *finding);
extern void check_counts(TicketRun *run, Finding *finding);
extern void check_orphans(TicketRun *run, Finding *finding);
extern void check_row_security(TicketRun *run, Finding *finding);
extern void check_index_count(TicketRun *run, Finding *finding);
extern void check_disk(TicketRun *run, Finding *finding);
extern void check_source(TicketRun *run, Finding *finding);
extern void check_legacy_ids(TicketRun *run, Finding *finding);
extern void check_runs(TicketRun *run, Finding *finding);
extern void check_activity(TicketRun *run, Finding *finding);
extern void check_sizes(TicketRun *run, Finding *finding);
extern void check_window(TicketRun *run, Finding *finding);
extern void check_staging_counts(TicketRun *run, Finding *finding);
extern void check_staging_fix(TicketRun *run, Finding *finding);
extern void check_tickets(TicketRun *run, Finding *finding);
extern void check_stability(TicketRun *run, Finding *finding);
extern void report_backup(TicketRun *run, Finding *finding);
extern void report_indexes(TicketRun *run, Finding *finding);
extern void report_access(TicketRun *run, Finding *finding);
extern void report_validation(TicketRun *run, Finding *finding);
extern void measure_queries_before(TicketRun *run, Finding *finding);
extern void measure_queries_after(TicketRun *run, Finding *finding);
extern void take_snapshot(TicketRun *run, Finding *finding);
extern void deploy_indexes(TicketRun *run, Finding *finding);
extern void deploy_access(TicketRun *run, Finding *finding);
extern void fix_combos(TicketRun *run, Finding *finding);

#endif							/* MENUCA_TICKET_H */
