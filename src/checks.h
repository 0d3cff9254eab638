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
#include "finding.h"

typedef struct Check
{
	const char *name;
	const char *title;
	void		(*run) (Facts *facts, Finding *finding);
} Check;

/* The checks, in the order of their numbers, which begin with 1. */
extern const Check checks[];
extern const int checks_count;

#endif							/* MENUCA_CHECKS_H */
