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

/* The checks, in the order of their numbers, which begin with 1; see Facts. */
extern const FindingCheck checks[];
extern const int checks_count;

#endif							/* MENUCA_CHECKS_H */
