/*-------------------------------------------------------------------------
 *
 * finding.h
 *	  The result of a check, as a row for people and programs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FINDING_H
#define MENUCA_FINDING_H

#include "nodes/execnodes.h"
#include "utils/elog.h"

typedef enum FindingStatus
{
	CHECK_PASS,
	CHECK_WARN,
	CHECK_FAIL,
	CHECK_ERROR,				/* the check itself failed: never a pass */
	CHECK_SKIP					/* nothing to check, or no data for it */
} FindingStatus;

#define CHECK_STATUS_COUNT (CHECK_SKIP + 1)

/* What a check found.  Texts may be NULL; metadata is a JSON object. */
typedef struct Finding
{
	FindingStatus status;
	char	   *expected;
	char	   *actual;
	char	   *detail;
	char	   *remedy;
	char	   *metadata;
	char	   *next_step;		/* the statement to execute; NULL: the one in
								 * remedy, if it has one; "": none */
} Finding;

/* The name of a status: "PASS", "WARN", ... */
extern const char *finding_status_name(FindingStatus status);

/* The status of that name; CHECK_ERROR for an unknown name. */
extern FindingStatus finding_status_of(const char *name);

/* Sets status SKIP, with the reason and a remedy. */
extern void finding_skip(Finding *finding, char *why, char *remedy);

/* Sets status ERROR, with the texts of the error that the check raised. */
extern void finding_of_error(Finding *finding, const ErrorData *error);

/*
 * The rows of a suite of checks: the result of a SQL function whose columns are
 * check_no, name, title, status, expected, actual, detail, remedy, next_step and
 * metadata.
 */
typedef struct FindingRows
{
	ReturnSetInfo *rsinfo;
	int			number;			/* check_no of the latest row */
	int			counts[CHECK_STATUS_COUNT];
	char	   *next_step;		/* of the first row with FAIL or ERROR that
								 * has one */
} FindingRows;

/* Adds the next check's row. */
extern void finding_rows_add(FindingRows *rows, const char *name, const char *title,
							 const Finding *finding);

/* A check of a suite; run() looks at the subject and fills the finding. */
typedef struct FindingCheck
{
	const char *name;
	const char *title;
	void		(*run) (void *subject, Finding *finding);
} FindingCheck;

/*
 * Runs n checks, each in a subtransaction, and adds a row for each.  The row of
 * a check that raises an error has status ERROR.
 */
extern void finding_rows_run(FindingRows *rows, const FindingCheck *checks, int n,
							 void *subject);

/*
 * The summary of the rows so far: their counts, the verdict, GO or NO-GO (neither, with
 * status SKIP, when all of them are SKIP), and the next_step of the first row that
 * fails and has one.
 */
extern void finding_rows_summary(const FindingRows *rows, Finding *finding);

/* Adds the summary as the last row; otherwise is its next_step if no row fails. */
extern void finding_rows_add_summary(FindingRows *rows, char *otherwise);

#endif							/* MENUCA_FINDING_H */
