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
extern void check_menus(void *subject, Finding *finding);
extern void check_repeated_rows(void *subject, Finding *finding);

/*
 * True for the checks above: they are accepted by recording the figures of now,
 * which all of them compare with from then on.
 */
extern bool checks_counts_are_accepted_as(const char *check);

#endif							/* MENUCA_CHECKS_COUNTS_H */
