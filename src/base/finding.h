/*-------------------------------------------------------------------------
 *
 * finding.h
 *	  What a check found, as a row for people and programs.
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
	CHECK_ERROR,				/* it could not be carried out: never a pass */
	CHECK_SKIP					/* there is nothing to check, or to check with */
} FindingStatus;

#define CHECK_STATUS_COUNT (CHECK_SKIP + 1)

/* Texts may be NULL; metadata is a JSON object. */
typedef struct Finding
{
	FindingStatus status;
	char	   *expected;
	char	   *actual;
	char	   *detail;
	char	   *remedy;
	char	   *metadata;
} Finding;

/* "PASS", "WARN", ... */
extern const char *finding_status_name(FindingStatus status);

/* The status of that name; an unknown one is CHECK_ERROR. */
extern FindingStatus finding_status_of(const char *name);

/* Makes it the finding of a check that has nothing to check, or to check with. */
extern void finding_skip(Finding *finding, char *why, char *remedy);

/* Makes it the finding of a check that raised an error. */
extern void finding_of_error(Finding *finding, const ErrorData *error);

/*
 * The rows that a suite of checks reports: those of a function whose columns
 * are check_no, name, title, status, expected, actual, detail, remedy and
 * metadata.
 */
typedef struct FindingRows
{
	ReturnSetInfo *rsinfo;
	int			number;			/* so far */
	int			counts[CHECK_STATUS_COUNT];
} FindingRows;

/* Adds the next check's row. */
extern void finding_rows_add(FindingRows *rows, const char *name, const char *title,
						   const Finding *finding);

/* A check of a suite: fills the finding about the subject. */
typedef struct FindingCheck
{
	const char *name;
	const char *title;
	void		(*run) (void *subject, Finding *finding);
} FindingCheck;

/*
 * Runs n checks, each in a subtransaction, and adds their rows: an error of a
 * check is its own row, of status ERROR.
 */
extern void finding_rows_run(FindingRows *rows, const FindingCheck *checks, int n,
							 void *subject);

/* The verdict over all that were added. */
extern void finding_rows_summary(const FindingRows *rows, Finding *finding);

/* Adds it as the last row. */
extern void finding_rows_add_summary(FindingRows *rows);

#endif							/* MENUCA_FINDING_H */
