/*-------------------------------------------------------------------------
 *
 * check_judge.h
 *	  Judgements that several checks share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECK_JUDGE_H
#define MENUCA_CHECK_JUDGE_H

#include "base/finding.h"

/*
 * Sets the status by the band of an orphan rate: PASS up to the band PASS,
 * WARN for WARNING, FAIL for FAIL.
 */
extern void check_judge_band(Finding *finding, uint64 orphans, uint64 groups);

/*
 * Fills the finding of a count that should be 0: PASS, or the given status
 * with the count of that noun ("item") and the remedy.
 */
extern void check_expect_none(Finding *finding, uint64 count, const char *noun,
							  FindingStatus otherwise, char *remedy);

#endif							/* MENUCA_CHECK_JUDGE_H */
