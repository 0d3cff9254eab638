/*-------------------------------------------------------------------------
 *
 * ticket_run.h
 *	  What a run of a ticket was told, and what it reports.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_RUN_H
#define MENUCA_TICKET_RUN_H

#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "base/finding.h"
#include "ledger/environment.h"

/* A run of a ticket. */
typedef struct TicketRun
{
	int			no;
	Environment *environment;
	Jsonb	   *options;
	bool		dry_run;
	bool		forced;
	char	   *reason;			/* why it is forced */
	bool		at_gate;		/* the current task is a gate */
	FindingRows rows;
	StringInfoData checks;		/* the same rows, as elements of a JSON array */
	bool		waiting;		/* what failed may pass with time */
	int			waits;			/* number of findings of that kind */
	int64		run_id;			/* of the ledger; 0: none */
	int64		source_rows;	/* of its fix, or of what it would be */
	int64		mapped;			/* of these, items now */
	char	   *backup;			/* the id of the backup that it relies on, or
								 * NULL */
} TicketRun;

/* Reports a finding as the run's next row. */
extern void ticket_report(TicketRun *run, const char *name, const char *title,
						  const Finding *finding);

/* Lets through what would refuse, as a warning with the run's reason. */
extern void ticket_override(const TicketRun *run, Finding *finding);

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

#endif							/* MENUCA_TICKET_RUN_H */
