/*-------------------------------------------------------------------------
 *
 * checks_mapping.h
 *	  Checks of the items against the source, and of the source against the run
 *	  that read it.
 *
 * Each check fills a finding about its subject, the Facts; it may raise an
 * error, which becomes the finding of status ERROR.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECKS_MAPPING_H
#define MENUCA_CHECKS_MAPPING_H

#include "base/finding.h"

extern void check_source_rows(void *subject, Finding *finding);
extern void check_unexplained_items(void *subject, Finding *finding);
extern void check_legacy_ids(void *subject, Finding *finding);
extern void check_source_unchanged(void *subject, Finding *finding);
extern void check_mapping_unchanged(void *subject, Finding *finding);

#endif							/* MENUCA_CHECKS_MAPPING_H */
