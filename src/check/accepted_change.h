/*-------------------------------------------------------------------------
 *
 * accepted_change.h
 *	  Findings that a person has accepted.
 *
 * Checks that compare with an earlier state find what was changed on purpose, as
 * well.  What they found is accepted with a reason by menuca_accept_change(), and is no
 * failure any more until they find something else.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCEPTED_CHANGE_H
#define MENUCA_ACCEPTED_CHANGE_H

#include "base/finding.h"
#include "check/validation_facts.h"

/*
 * What a check has found that compares with the tables' figures: an acceptance
 * records all figures of now, with which the check compares from then on.
 */
#define ACCEPT_FIGURES_OF_NOW "{\"figures\": \"of now\"}"

/*
 * Completes a finding of WARN or FAIL of that check.  found, a JSON object, says
 * what was found: its numbers must not be greater, its other members must be the
 * same as in the newest acceptance of the check for it to hold.  Then the finding
 * is a PASS that says who accepted it and why; otherwise its remedy says how to
 * accept it, too.
 */
extern void accepted_change_apply(const Facts *facts, const char *check, const char *found,
								  Finding *finding);

/* True if a finding of that check was accepted, and the caller may know it. */
extern bool accepted_change_exists(const char *check);

/*
 * True if a run on the target is in effect, and the caller may know it: before one,
 * there is nothing that could have been changed on purpose.
 */
extern bool accepted_change_has_run(const Facts *facts);

#endif							/* MENUCA_ACCEPTED_CHANGE_H */
