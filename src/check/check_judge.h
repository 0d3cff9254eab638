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
#include "check/reference.h"
#include "check/validation_facts.h"

/* Fewer rows than these change their state every day, however small a table. */
#define DAILY_CHANGES 5

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

/*
 * Judges a finding by the acceptance of its figure, which has that value; proposes one
 * only when a run has been made, since a fix may still repair it.
 */
extern void check_judge_accepted(const Facts *facts, AcceptedFigure figure,
								 double value, Finding *finding);

/* Skips the check when no source is staged; returns whether it did. */
extern bool check_skip_without_source(const Facts *facts, Finding *finding);

/*
 * Judges rows (noun: "item") by the ledger: FAIL when it contradicts itself, or
 * when rows of a run or from before it were changed or deleted since; these are
 * named.  Fills the whole finding.
 */
extern void check_judge_ledger(const LedgerFacts *ledger, const char *noun, Finding *finding);

/* What to accept of such a finding, see accepted_change_apply(). */
extern char *check_ledger_found(const LedgerFacts *ledger);

/*
 * Judges runs on a table (noun as above) that the ledger cannot be right about:
 * FAIL when rows of a run that was rolled back are there.  Returns whether it has
 * filled the finding.
 */
extern bool check_judge_undone(const Facts *facts, const KeyedTable *table, const char *name,
							   const char *noun, Finding *finding);

/* WARN when a run on a table was interrupted, unless the finding is worse. */
extern void check_judge_unfinished(const Facts *facts, const char *name, Finding *finding);

/*
 * What a check compares with; NULL when nothing is recorded, or the caller may not
 * read it, and the check is skipped.
 */
extern const Reference *check_require_reference(Facts *facts, const char *check,
												Finding *finding);

/*
 * A condition in SQL: the restaurant of that id, an expression, exists and is not
 * active.
 */
extern char *check_closed_condition(const Facts *facts, const char *id);

#endif							/* MENUCA_CHECK_JUDGE_H */
