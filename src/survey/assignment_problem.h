/*-------------------------------------------------------------------------
 *
 * assignment_problem.h
 *	  What is wrong with the dining tables of a booking, as the floor is now.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ASSIGNMENT_PROBLEM_H
#define MENUCA_ASSIGNMENT_PROBLEM_H

#include "survey/assigned_booking.h"

typedef enum AssignmentProblem
{
	PROBLEM_UNREADABLE,			/* its time or party is not known */
	PROBLEM_OTHER_RESTAURANT,	/* a dining table is not of its restaurant */
	PROBLEM_SEATS,				/* fewer seats than guests */
	PROBLEM_OUT_OF_SERVICE,		/* a dining table or a zone is not in use */
	PROBLEM_OVERLAP,			/* somebody else has the dining table, too */
	PROBLEM_SPLIT_ZONES,		/* its dining tables are of several zones */
	PROBLEM_MOVED,				/* they are not of the zone it was assigned to */
	PROBLEM_WINDOW,				/* they are not its own for all of its time */
	PROBLEM_GROUP,				/* its rows are not one merge group */
	PROBLEM_FIXED,				/* a fixed one is joined with others */
	PROBLEM_ADJACENCY,			/* they do not stand as the setting asks */
	PROBLEM_DOMINATED,			/* fewer of them would do */
	PROBLEM_RELEASED			/* it is cancelled, or nobody came */
} AssignmentProblem;

#define ASSIGNMENT_PROBLEMS (PROBLEM_RELEASED + 1)

/* What the users' tables say beyond the floor. */
typedef struct ProblemColumns
{
	bool		has_group;		/* assignments have a column merge_group_id */
	bool		group_refers;	/* which has a foreign key, so that the
								 * assignments of this extension have none */
	bool		has_zone;		/* bookings have a column assigned_zone_id */
} ProblemColumns;

/*
 * What is wrong with it, in words by AssignmentProblem; NULL where nothing is.  Unreadable
 * bookings and overlaps are found by others.  reasons has ASSIGNMENT_PROBLEMS places.
 */
extern void assignment_problem_find(const FloorReader *reader, const ProblemColumns *columns,
									const AssignedBooking *assigned, char **reasons);

#endif							/* MENUCA_ASSIGNMENT_PROBLEM_H */
