/*-------------------------------------------------------------------------
 *
 * overhead_work.h
 *	  Whether two query plans do the same work.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_OVERHEAD_WORK_H
#define MENUCA_OVERHEAD_WORK_H

#include "nodes/plannodes.h"

/* The plan of a role's query beside that of the caller's. */
typedef struct OverheadWork
{
	bool		same;			/* the same scans and joins, and no function
								 * besides for each row */
	bool		reads_whole;	/* the role reads a table from end to end that
								 * the caller does not */
	char	   *difference;		/* a phrase; NULL if there is none */
} OverheadWork;

/*
 * Compares the nodes of two plans, whatever their order, and the functions that
 * their filters call for each row.  What the role's policies compute once per
 * query, such as a claim, is no difference unless it reads a table.
 */
extern OverheadWork overhead_work_compare(const PlannedStmt *role, const PlannedStmt *caller);

#endif							/* MENUCA_OVERHEAD_WORK_H */
