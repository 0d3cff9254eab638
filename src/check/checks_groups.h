/*-------------------------------------------------------------------------
 *
 * checks_groups.h
 *	  Checks of groups, dishes and restaurants.
 *
 * Each check fills a finding about its subject, the Facts; it may raise an
 * error, which becomes the finding of status ERROR.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECKS_GROUPS_H
#define MENUCA_CHECKS_GROUPS_H

#include "base/finding.h"

extern void check_counts(void *subject, Finding *finding);
extern void check_item_count(void *subject, Finding *finding);
extern void check_distribution(void *subject, Finding *finding);
extern void check_fullest_groups(void *subject, Finding *finding);
extern void check_restaurants(void *subject, Finding *finding);
extern void check_dish_usage(void *subject, Finding *finding);
extern void check_blank_names(void *subject, Finding *finding);

#endif							/* MENUCA_CHECKS_GROUPS_H */
