/*-------------------------------------------------------------------------
 *
 * review_target.h
 *	  The table whose rows the samples of a ticket are.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_REVIEW_TARGET_H
#define MENUCA_REVIEW_TARGET_H

#include "target/junction.h"

/* Raises an error unless samples are reviewed for that ticket: 4 and 9. */
extern void review_target_require_ticket(int no);

/*
 * The table that the ticket fills, or of a production that has not executed it yet,
 * staging's in this same database; combo_items if nobody has said otherwise.  Raises the
 * errors of target_open().
 */
extern Target *review_target_open(int64 environment_id, int no);

/* How many groups have rows in it. */
extern int64 review_target_groups(const Target *target);

#endif							/* MENUCA_REVIEW_TARGET_H */
