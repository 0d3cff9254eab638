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
	CheckRows	rows;
	StringInfoData checks;		/* the same rows, a JSON array */
	bool		waiting;		/* what failed may pass with time */
	int			waits;			/* how many findings are of that kind */
	int64		run_id;			/* of the ledger; 0: none */
	char	   *backup;			/* the label of its backup, or NULL */
} TicketRun;

/*
 * A step fills a finding, or reports several by itself when it has no title.
 * One that acts is left away in a dry run, and when a step before it failed.
 */
typedef struct TicketStep
{
	const char *name;
	const char *title;			/* NULL: it reports by itself */
	void		(*run) (TicketRun *run, Finding *finding);
	bool		acts;
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

/* "00" to "10". */
extern char *ticket_number(int no);

/*
 * How the newest run of a ticket in an environment ended: COMPLETE, FAILED or
 * IN_PROGRESS; NULL when there was none.
 */
extern char *ticket_status(const Environment *environment, int no);

/* ticket_gates.c */

/*
 * What is in the way of the ticket: a list of Obstacles, none when it may
 * begin.
 */
typedef struct Obstacle
{
	int			sqlstate;
	bool		overridable;
	char	   *message;		/* one sentence */
	char	   *hint;
} Obstacle;

extern List *ticket_obstacles(TicketRun *run);

/*
 * What is wrong with the backup of that label (NULL: the newest) when it may
 * be so old at most; NULL when nothing is.
 */
extern char *backup_failure(const char *label, const char *max_age);

/* ticket_acts.c: true while a forced ticket fixes without a backup */
extern bool backup_overridden;

/* ticket_checks.c and ticket_acts.c: the steps, see ticket_list.c */
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
extern void check_staging_counts(TicketRun *run, Finding *finding);
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
