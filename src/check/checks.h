/*-------------------------------------------------------------------------
 *
 * checks.h
 *	  The checks of the validation suite.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECKS_H
#define MENUCA_CHECKS_H

#include "base/finding.h"
#include "check/validation_facts.h"

typedef struct Check
{
	const char *name;
	const char *title;
	void		(*run) (Facts *facts, Finding *finding);
} Check;

/* The checks, in the order of their numbers, which begin with 1. */
extern const Check checks[];
extern const int checks_count;

/* checks_source.c: those of the source. */
extern void check_orientation(Facts *facts, Finding *finding);
extern void check_id_space(Facts *facts, Finding *finding);
extern void check_direction(Facts *facts, Finding *finding);

#endif							/* MENUCA_CHECKS_H */
