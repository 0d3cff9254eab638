/*-------------------------------------------------------------------------
 *
 * plan_call.h
 *	  The arguments of the calls that messages propose.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_CALL_H
#define MENUCA_PLAN_CALL_H

#include "source/source_row.h"
#include "target/junction.h"

/*
 * The arguments of a call for the same source and target: those that differ
 * from the defaults, such as "source => 'staging.old', target => '...'"; "" if
 * none does.  source may be NULL.
 */
extern char *plan_call_arguments(const Target *target, const Source *source);

/* The same without the columns of id and order, which a backfill does not have. */
extern char *plan_call_of_rows(const Target *target, const Source *source);

/* The arguments of a call that accepts a figure for that source and target. */
extern char *plan_call_acceptance(const Target *target, const Source *source);

#endif							/* MENUCA_PLAN_CALL_H */
