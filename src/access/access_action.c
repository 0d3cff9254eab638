/*-------------------------------------------------------------------------
 *
 * access_action.c
 *	  The actions of an access plan: see access_action.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/access_action.h"


const char *
access_action_name(AccessAction action)
{
	static const char *const names[] = {
		[ACTION_CREATE_VIEW] = "create_view",
		[ACTION_REPLACE_VIEW] = "replace_view",
		[ACTION_CREATE_POLICY] = "create_policy",
		[ACTION_REPLACE_POLICY] = "replace_policy",
		[ACTION_DROP_POLICY] = "drop_policy",
		[ACTION_GRANT] = "grant",
		[ACTION_REVOKE] = "revoke",
		[ACTION_ENABLE_RLS] = "enable_rls",
		[ACTION_KEEP] = "keep",
		[ACTION_KEEP_FOREIGN] = "keep_foreign",
		[ACTION_UNDECIDED] = "undecided",
		[ACTION_ABSENT] = "absent",
		[ACTION_IMPOSSIBLE] = "impossible"
	};

	return names[action];
}

bool
access_action_is_change(AccessAction action)
{
	return action < ACTION_KEEP;
}

PlannedAction *
access_action_add(List **actions, AccessAction action, const char *table, const char *object,
				  char *statement, char *undo, char *reason)
{
	PlannedAction *planned = palloc0(sizeof(PlannedAction));

	planned->action = action;
	planned->table = table ? pstrdup(table) : NULL;
	planned->object = object ? pstrdup(object) : NULL;
	planned->statement = statement;
	planned->undo = undo;
	planned->reason = reason;
	*actions = lappend(*actions, planned);
	return planned;
}
