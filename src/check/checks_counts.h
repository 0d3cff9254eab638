/*-------------------------------------------------------------------------
 *
 * checks_counts.h
 *	  Checks of the tables against the newest backup or pre-flight.
 *
 * Each check fills a finding about its subject, the Facts; it may raise an
 * error, which becomes the finding of status ERROR.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECKS_COUNTS_H
#define MENUCA_CHECKS_COUNTS_H

#include "base/finding.h"

extern void check_row_counts(void *subject, Finding *finding);
extern void check_row_values(void *subject, Finding *finding);
extern void check_repeated_rows(void *subject, Finding *finding);

#endif							/* MENUCA_CHECKS_COUNTS_H */
