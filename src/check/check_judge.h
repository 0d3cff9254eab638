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
#include "check/validation_facts.h"

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

/* Skips the check when no source is staged; returns whether it did. */
extern bool check_skip_without_source(const Facts *facts, Finding *finding);

/*
 * Judges rows (noun: "item") by the ledger: FAIL when it contradicts itself, or
 * when rows of a run or from before it were changed or deleted since; these are
 * named.  Fills the whole finding.
 */
extern void check_judge_ledger(const LedgerFacts *ledger, const char *noun, Finding *finding);

/* What to accept of such a finding, see acceptance_apply(). */
extern char *check_ledger_found(const LedgerFacts *ledger);

#endif							/* MENUCA_CHECK_JUDGE_H */
