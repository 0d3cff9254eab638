/*-------------------------------------------------------------------------
 *
 * coverage_checks.h
 *	  Whether the wanted access covers each table of the target schema.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_COVERAGE_CHECKS_H
#define MENUCA_COVERAGE_CHECKS_H

#include "base/finding.h"
#include "nodes/pg_list.h"

/*
 * Whether the wanted tables exist, and their access can be deployed: WARN, and FAIL
 * for a core table whose access cannot.  wanted: WantedAccesses; actions: the
 * PlannedActions of all tables.
 */
extern void coverage_check_wanted(const List *wanted, const List *actions, Finding *finding);

/*
 * Whether somebody has decided about each table, and none without row security is
 * open to visitors: otherwise FAIL.
 */
extern void coverage_check_uncovered(const List *actions, Finding *finding);

#endif							/* MENUCA_COVERAGE_CHECKS_H */
