/*-------------------------------------------------------------------------
 *
 * access_plan.h
 *	  From the access that there is to the access that is wanted, in steps.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_PLAN_H
#define MENUCA_ACCESS_PLAN_H

#include "access/access.h"

typedef enum StepAction
{
	STEP_CREATE_POLICY,
	STEP_REPLACE_POLICY,		/* it is ours by its name, but differs */
	STEP_DROP_POLICY,			/* it is ours by its name, and not wanted */
	STEP_GRANT,
	STEP_REVOKE,
	STEP_ENABLE_RLS,
	STEP_KEEP,					/* it is as wanted */
	STEP_KEEP_FOREIGN,			/* somebody else's policy */
	STEP_ABSENT,				/* there is no such table */
	STEP_IMPOSSIBLE
} StepAction;

typedef struct AccessStep
{
	StepAction	action;
	char	   *table;			/* NULL: the schema's */
	char	   *object;			/* the policy's or the role's name, or NULL */
	char	   *statement;		/* NULL when there is nothing to do */
	char	   *undo;
	char	   *definition;		/* a policy's, as access_policies_of() returns it */
	char	   *reason;
} AccessStep;

/* A policy of a table. */
typedef struct Policy
{
	char	   *name;
	bool		permissive;
	char	   *definition;		/* what CREATE POLICY has after ON table */
} Policy;

/* "create_policy", ...; and whether it changes something. */
extern const char *access_step_name(StepAction action);
extern bool access_step_is_change(StepAction action);

/*
 * What the roles need besides the tables: the use of the schemas and of the
 * extension's functions.  AccessSteps.
 */
extern List *access_plan_schema(void);

/* What a table needs.  AccessSteps, in the order in which they are made. */
extern List *access_plan_table(const WantedAccess *wanted);

/* The policies that a table has, by name. */
extern List *access_policies_of(Oid relid);

/* The policies that it shall have. */
extern List *access_policies_wanted(const WantedAccess *wanted);

/* True if it is a policy that only a deployment creates. */
extern bool access_policy_is_own(const char *name);

/* The policy of that name, or NULL. */
extern Policy *access_policy_find(const List *policies, const char *name);

#endif							/* MENUCA_ACCESS_PLAN_H */
