/*-------------------------------------------------------------------------
 *
 * access_opening_checks.h
 *	  Checks of the ways around the policies: view menuca_access_opening.
 *
 * What is open there is FAIL; what would be open of tables to come is WARN.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_OPENING_CHECKS_H
#define MENUCA_ACCESS_OPENING_CHECKS_H

#include "base/finding.h"

/* Views and materialized views that read with their owner's rights. */
extern void access_opening_check_views(void *subject, Finding *finding);

/* Functions that run with their owner's rights. */
extern void access_opening_check_functions(void *subject, Finding *finding);

/* Partitions, what inherits, what is inherited from, and foreign tables. */
extern void access_opening_check_tables(void *subject, Finding *finding);

extern void access_opening_check_publications(void *subject, Finding *finding);

/* All other kinds. */
extern void access_opening_check_others(void *subject, Finding *finding);

#endif							/* MENUCA_ACCESS_OPENING_CHECKS_H */
