/*-------------------------------------------------------------------------
 *
 * checks_items.h
 *	  Checks of the items themselves.
 *
 * Each check fills a finding about its subject, the Facts; it may raise an
 * error, which becomes the finding of status ERROR.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECKS_ITEMS_H
#define MENUCA_CHECKS_ITEMS_H

#include "base/finding.h"

extern void check_references(void *subject, Finding *finding);
extern void check_duplicates(void *subject, Finding *finding);
extern void check_cross_restaurant(void *subject, Finding *finding);
extern void check_display_order(void *subject, Finding *finding);
extern void check_inactive_dishes(void *subject, Finding *finding);

#endif							/* MENUCA_CHECKS_ITEMS_H */
