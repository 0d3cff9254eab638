/*-------------------------------------------------------------------------
 *
 * checks.h
 *	  The checks of the validation suite.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECKS_H
#define MENUCA_CHECKS_H

#include "facts.h"

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

typedef struct Check
{
	const char *name;
	const char *title;
	void		(*run) (Facts *facts, Finding *finding);
} Check;

/* The checks, in the order of their numbers, which begin with 1. */
extern const Check checks[];
extern const int checks_count;

/* For the checks themselves: the finding that there is nothing to check. */
extern void finding_skip(Finding *finding, char *why, char *remedy);

/* checks_source.c: those of the source. */
extern void check_orientation(Facts *facts, Finding *finding);
extern void check_id_space(Facts *facts, Finding *finding);
extern void check_direction(Facts *facts, Finding *finding);

#endif							/* MENUCA_CHECKS_H */
