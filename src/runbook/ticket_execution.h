/*-------------------------------------------------------------------------
 *
 * ticket_execution.h
 *	  An execution of a ticket: its arguments, and the findings that it reports.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_EXECUTION_H
#define MENUCA_TICKET_EXECUTION_H

#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "base/finding.h"
#include "ledger/environment.h"

/* The parts of a combo fix, in the order in which they are done. */
typedef enum FixPart
{
	FIX_BACKFILL,				/* the dishes that V1's source names */
	FIX_V1,						/* V1's rows, into the ticket's target */
	FIX_LISTS,					/* V1's lists of what its groups offer, where
								 * the target is another table than items */
	FIX_V2
} FixPart;

#define FIX_PARTS (FIX_V2 + 1)

/* What a part of the fix did, or would do. */
typedef struct FixFigures
{
	int64		run_id;			/* in the ledger; 0: none */
	int64		source_rows;	/* 0: the part was not done */
	int64		mapped;			/* of these, rows that are in the target, or
								 * would be */
} FixFigures;

/* One execution of a ticket. */
typedef struct TicketExecution
{
	int			no;				/* the ticket's number */
	Environment *environment;
	Jsonb	   *options;
	bool		dry_run;
	char	   *real_call;		/* the same call with dry_run => false */
	char	   *dry_call;		/* the same as a dry run, to be put after FROM */
	bool		forced;
	char	   *reason;			/* of force, or NULL */
	bool		at_gate;		/* the current task is a gate */
	FindingRows rows;
	StringInfoData checks;		/* the same rows, as elements of JSON */
	int			waits;			/* failed findings that pass as time passes */
	FixFigures	fix[FIX_PARTS];
	char	   *next_step;		/* to propose instead of the usual one, or
								 * NULL */
	char	   *backup;			/* id of the backup that counts, or NULL */
} TicketExecution;

/* Reports a finding as the ticket's next row. */
extern void ticket_report(TicketExecution *execution, const char *name,
						  const char *title, const Finding *finding);

/* Turns a finding that would refuse into a warning that quotes the reason. */
extern void ticket_override(const TicketExecution *execution, Finding *finding);

/*
 * Reports the rows of a query, a finding each; it has the columns of a suite
 * of checks, such as menuca_validate().
 */
extern void ticket_report_query(TicketExecution *execution, const char *sql);

/*
 * The same for a query that makes changes and undoes them.  It keeps the
 * caller's search_path, so its operators must be qualified.
 */
extern void ticket_report_trial(TicketExecution *execution, const char *sql);

/*
 * Fills the finding of a task that raised an error: FAIL when it was refused, since
 * nothing is broken, otherwise ERROR.
 */
extern void ticket_finding_of_error(Finding *finding, const ErrorData *error);

/* The runs that the ticket made, as an int8[] in the order of the parts. */
extern Datum ticket_run_ids(const TicketExecution *execution);

/* True if a finding so far has status FAIL or ERROR. */
extern bool ticket_has_failed(const TicketExecution *execution);

/* An option's value as text; NULL if it is not given or null. */
extern char *ticket_option(const TicketExecution *execution, const char *name);

/* True if an option is given, even as null. */
extern bool ticket_option_is_given(const TicketExecution *execution, const char *name);

/* The value of a boolean option; fallback if it is not given or null. */
extern bool ticket_option_is_true(const TicketExecution *execution, const char *name,
								  bool fallback);

#endif							/* MENUCA_TICKET_EXECUTION_H */
