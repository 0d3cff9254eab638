/*-------------------------------------------------------------------------
 *
 * access_deploy.h
 *	  What deployments in one transaction and by table have in common.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_DEPLOY_H
#define MENUCA_ACCESS_DEPLOY_H

#include "nodes/pg_list.h"
#include "utils/elog.h"

/* Why no table can be deployed. */
typedef struct AccessObstacles
{
	List	   *problems;		/* C strings; NIL: none */
	List	   *remedies;		/* what ends them, in the same order */
	ErrorData  *error;			/* the caller may not become the roles, or
								 * NULL */
} AccessObstacles;

/* What is wrong with the configured roles and, with test, with the caller's membership in them. */
extern AccessObstacles access_deploy_obstacles(bool test);

/* The same tables and test as further arguments of another call: ", tables => '{dishes}'". */
extern char *access_deploy_arguments(List *names, bool test);

/* Raises an error when there are obstacles. */
extern void access_deploy_require(const AccessObstacles *obstacles);

/*
 * Tells how many tables were, or would be, changed, and warns of policies of others.
 * Where a dry run would be refused, it says so in each deployment.
 */
extern void access_deploy_notice(const List *deployments, bool dry_run, const AccessObstacles *obstacles);

#endif							/* MENUCA_ACCESS_DEPLOY_H */
