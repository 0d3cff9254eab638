/*-------------------------------------------------------------------------
 *
 * access_action.h
 *	  The actions of an access plan.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_ACTION_H
#define MENUCA_ACCESS_ACTION_H

#include "nodes/pg_list.h"

typedef enum AccessAction
{
	/* Changes */
	ACTION_CREATE_VIEW,			/* see owner_view.h */
	ACTION_REPLACE_VIEW,
	ACTION_CREATE_POLICY,
	ACTION_REPLACE_POLICY,		/* it has one of our names, but differs */
	ACTION_DROP_POLICY,			/* it has one of our names, but is not wanted */
	ACTION_GRANT,
	ACTION_REVOKE,
	ACTION_ENABLE_RLS,

	/* No changes */
	ACTION_KEEP,				/* it is as wanted */
	ACTION_KEEP_FOREIGN,		/* a policy that somebody else created */
	ACTION_UNDECIDED,			/* the wanted access does not mention the
								 * table */
	ACTION_ABSENT,				/* there is no such table */
	ACTION_IMPOSSIBLE
} AccessAction;

typedef struct PlannedAction
{
	AccessAction action;
	char	   *table;			/* NULL: it concerns the schemas */
	char	   *object;			/* the policy's, view's or role's name, or
								 * NULL */
	char	   *statement;		/* what makes the change, or NULL */
	char	   *undo;			/* what undoes it, or NULL */
	char	   *definition;		/* a policy's, as in AccessPolicy, a view's,
								 * or NULL */
	char	   *reason;			/* for people, or NULL */
} PlannedAction;

/* "create_policy", "replace_policy", ... */
extern const char *access_action_name(AccessAction action);

/* True if it changes something. */
extern bool access_action_is_change(AccessAction action);

/*
 * Appends an action to a list and returns it.  table and object are copied;
 * all but actions and action may be NULL.
 */
extern PlannedAction *access_action_add(List **actions, AccessAction action, const char *table,
										const char *object, char *statement, char *undo,
										char *reason);

#endif							/* MENUCA_ACCESS_ACTION_H */
