/*-------------------------------------------------------------------------
 *
 * ticket_run.h
 *	  A running ticket: its arguments, and the findings that it reports.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_RUN_H
#define MENUCA_TICKET_RUN_H

#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "base/finding.h"
#include "ledger/environment.h"

/* A ticket that is being run. */
typedef struct TicketRun
{
	int			no;				/* the ticket's number */
	Environment *environment;
	Jsonb	   *options;
	bool		dry_run;
	bool		forced;
	char	   *reason;			/* of force, or NULL */
	bool		at_gate;		/* the current task is a gate */
	FindingRows rows;
	StringInfoData checks;		/* the same rows, as elements of JSON */
	int			waits;			/* failed findings that pass as time passes */
	int64		run_id;			/* of its fix in the ledger; 0: none */
	int64		source_rows;	/* of its fix, or of the fix's dry run */
	int64		mapped;			/* source rows that are items, or would be */
	char	   *backup;			/* id of the backup that counts, or NULL */
} TicketRun;

/* Reports a finding as the ticket's next row. */
extern void ticket_report(TicketRun *run, const char *name, const char *title,
						  const Finding *finding);

/* Turns a finding that would refuse into a warning with the run's reason. */
extern void ticket_override(const TicketRun *run, Finding *finding);

/*
 * Reports the rows of a query, a finding each; it has the columns of a suite
 * of checks, such as menuca_validate().
 */
extern void ticket_report_query(TicketRun *run, const char *sql);

/*
 * The same for a query that makes changes and undoes them.  It keeps the
 * caller's search_path, so its operators must be qualified.
 */
extern void ticket_report_trial(TicketRun *run, const char *sql);

/* True if a finding so far has status FAIL or ERROR. */
extern bool ticket_has_failed(const TicketRun *run);

/* An option's value as text; NULL if it is not given or null. */
extern char *ticket_option(const TicketRun *run, const char *name);

/* True if an option is given, even as null. */
extern bool ticket_option_is_given(const TicketRun *run, const char *name);

/* The value of a boolean option; fallback if it is not given or null. */
extern bool ticket_option_is_true(const TicketRun *run, const char *name,
								  bool fallback);

#endif							/* MENUCA_TICKET_RUN_H */
