/*-------------------------------------------------------------------------
 *
 * checks_ledger.h
 *	  Checks of the items against the ledger.
 *
 * Each check fills a finding about its subject, the Facts; it may raise an
 * error, which becomes the finding of status ERROR.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECKS_LEDGER_H
#define MENUCA_CHECKS_LEDGER_H

#include "base/finding.h"

extern void check_recent_items(void *subject, Finding *finding);
extern void check_ledger(void *subject, Finding *finding);

#endif							/* MENUCA_CHECKS_LEDGER_H */
