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

typedef enum CheckStatus
{
	CHECK_PASS,
	CHECK_WARN,
	CHECK_FAIL,
	CHECK_ERROR,				/* it could not be carried out: never a pass */
	CHECK_SKIP					/* there is nothing to check, or to check with */
} CheckStatus;

#define CHECK_STATUS_COUNT (CHECK_SKIP + 1)

/* Texts may be NULL; metadata is a JSON object. */
typedef struct Finding
{
	CheckStatus status;
	char	   *expected;
	char	   *actual;
	char	   *detail;
	char	   *remedy;
	char	   *metadata;
} Finding;

/* "PASS", "WARN", ... */
extern const char *check_status_name(CheckStatus status);

/* The status of that name; an unknown one is CHECK_ERROR. */
extern CheckStatus check_status_of(const char *name);

/* Makes it the finding of a check that raised an error. */
extern void finding_of_error(Finding *finding, const ErrorData *error);

/*
 * Appends it to a function's result, whose columns are check_no, name, title,
 * status, expected, actual, detail, remedy and metadata.
 */
extern void finding_emit(ReturnSetInfo *rsinfo, int number, const char *name,
						 const char *title, const Finding *finding);

/*
 * Makes it the verdict over so many findings of each status.
 */
extern void finding_verdict(Finding *finding, const int *counts);

#endif							/* MENUCA_FINDING_H */
