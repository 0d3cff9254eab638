/*-------------------------------------------------------------------------
 *
 * checks_steps.h
 *	  Checks of the items' steps.
 *
 * Each check fills a finding about its subject, the Facts; it may raise an
 * error, which becomes the finding of status ERROR.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECKS_STEPS_H
#define MENUCA_CHECKS_STEPS_H

#include "base/finding.h"

extern void check_steps(void *subject, Finding *finding);
extern void check_step_ledger(void *subject, Finding *finding);

#endif							/* MENUCA_CHECKS_STEPS_H */
