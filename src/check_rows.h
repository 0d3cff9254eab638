/*-------------------------------------------------------------------------
 *
 * check_rows.h
 *	  What a check finds, and the rows in which a suite of checks reports.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECK_ROWS_H
#define MENUCA_CHECK_ROWS_H

#include "nodes/execnodes.h"
#include "utils/elog.h"

typedef enum CheckStatus
{
	CHECK_PASS,
	CHECK_WARN,
	CHECK_FAIL,
	CHECK_ERROR,				/* it could not be carried out: never a pass */
	CHECK_SKIP					/* there is nothing to check, or to check with */
} CheckStatus;

#define CHECK_STATUS_COUNT (CHECK_SKIP + 1)

/* What a check found; texts may be NULL, metadata is a JSON object. */
typedef struct Finding
{
	CheckStatus status;
	char	   *expected;
	char	   *actual;
	char	   *detail;
	char	   *remedy;
	char	   *metadata;
} Finding;

/* The rows of a suite so far. */
typedef struct CheckRows
{
	ReturnSetInfo *rsinfo;
	int			number;
	int			counts[CHECK_STATUS_COUNT];
} CheckRows;

/* PASS, WARN, ... */
extern const char *check_status_name(CheckStatus status);

/* What is found when there is nothing to check, or to check with. */
extern void check_skip(Finding *finding, char *why, char *remedy);

/* What is found when a check raised an error. */
extern void check_fail_with_error(Finding *finding, const ErrorData *error);

/* Adds the next check's row. */
extern void check_rows_add(CheckRows *rows, const char *name, const char *title,
						   const Finding *finding);

/* Adds the last row: the verdict over all that were added. */
extern void check_rows_add_verdict(CheckRows *rows);

#endif							/* MENUCA_CHECK_ROWS_H */
