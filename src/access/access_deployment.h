/*-------------------------------------------------------------------------
 *
 * access_deployment.h
 *	  Deploying the access of one table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_DEPLOYMENT_H
#define MENUCA_ACCESS_DEPLOYMENT_H

#include "access/access_action.h"
#include "access/wanted_row.h"

/* The deployment of a table, or of what concerns the schemas. */
typedef struct AccessDeployment
{
	char	   *table;			/* NULL: the schemas */
	const WantedAccess *wanted; /* NULL: the schemas */
	bool		test;			/* the matrix decides */
	bool		by_table;		/* it is a transaction of its own, which takes
								 * the lock and may be tried again */
	List	   *parents;		/* OIDs of tables that decide which rows are
								 * public */
	const List *all;			/* the deployments that this one is of */
	MemoryContext context;		/* of what is kept when others hold the table */
	bool		has_baseline;
	List	   *baseline;		/* cells of other tables that fail without it */
	char	   *rehearsed;		/* the statements that the matrix was tried
								 * with, or NULL */
	uint64		rehearsed_at;	/* how many deployments had been made then */
	List	   *skipped;		/* C strings: cells that could not be tried */
	bool		refused_by_matrix;	/* the reasons name the cells */
	bool		met_lock;		/* a cell failed since others held a lock */

	/* Results */
	List	   *actions;		/* PlannedActions */
	const char *status;			/* planned, deployed, unchanged, absent,
								 * impossible, failed, or busy: others hold
								 * the table */
	List	   *reasons;		/* C strings */
} AccessDeployment;

/*
 * The deployments of tables, WantedAccesses: the schemas first, then tables before
 * those whose conditions read them.
 */
extern List *access_deployments_make(const List *tables, bool test, bool by_table);

/* Plans a deployment and sets its results; an error is a result, too. */
extern void access_deployment_plan(AccessDeployment *deployment);

/*
 * Carries it out in a subtransaction: all changes are made, or none.  The table is
 * locked already or, with by_table, is locked if it can be had at once; otherwise the
 * status is busy.
 */
extern void access_deployment_carry_out(AccessDeployment *deployment);

/*
 * The table before this one that its access reads and that is busy, so that this one has
 * to wait for it; NULL when there is none.
 */
extern const char *access_deployment_waits_for(const AccessDeployment *deployment);

/* How many of its actions are of that kind. */
extern int	access_deployment_count(const AccessDeployment *deployment, AccessAction action);

/* True if nothing is left to do: deployed, unchanged or absent. */
extern bool access_deployment_is_done(const AccessDeployment *deployment);

#endif							/* MENUCA_ACCESS_DEPLOYMENT_H */
