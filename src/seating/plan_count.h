/*-------------------------------------------------------------------------
 *
 * plan_count.h
 *	  How many free sets there are, without visiting them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_COUNT_H
#define MENUCA_PLAN_COUNT_H

#include "seating/plan_scan.h"
#include "seating/plan_unit.h"

/*
 * Counts the free sets of a unit of which every set in range is a plan: adjacency
 * is off, or the unit is complete.  Listed sets among them are not counted.
 */
extern void plan_count_unit(PlanScan *scan, const PlanUnits *units, const PlanUnit *unit);

#endif							/* MENUCA_PLAN_COUNT_H */
