/*-------------------------------------------------------------------------
 *
 * checks_orphans.h
 *	  Checks of the groups without items.
 *
 * Each check fills a finding about its subject, the Facts; it may raise an
 * error, which becomes the finding of status ERROR.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECKS_ORPHANS_H
#define MENUCA_CHECKS_ORPHANS_H

#include "base/finding.h"

extern void check_orphan_rate(void *subject, Finding *finding);
extern void check_remaining_orphans(void *subject, Finding *finding);
extern void check_source_systems(void *subject, Finding *finding);
extern void check_orphans_explained(void *subject, Finding *finding);

#endif							/* MENUCA_CHECKS_ORPHANS_H */
