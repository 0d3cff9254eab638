/*-------------------------------------------------------------------------
 *
 * assignment_range.h
 *	  An index of the users by which assignments of a time are found.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ASSIGNMENT_RANGE_H
#define MENUCA_ASSIGNMENT_RANGE_H

/*
 * The range of an assignment as an exclusion constraint on booking_table_assignments, ours or
 * the users', has it in its index: an expression on the alias a, of the type tstzrange; NULL
 * when there is none.  Where there is one, each row has a range: its end is no sooner than
 * its start.
 */
extern char *assignment_range_expression(void);

#endif							/* MENUCA_ASSIGNMENT_RANGE_H */
