/*-------------------------------------------------------------------------
 *
 * access_policy.c
 *	  The policies that a table has, and those that it needs: see
 *	  access_policy.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "access/access_expression.h"
#include "access/access_policy.h"
#include "access/wanted_access.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/slot.h"

static const struct
{
	AclMode		mode;
	const char *name;			/* as part of a policy's name */
	const char *keyword;
}			policy_commands[] = {
	{ACL_SELECT, "select", "SELECT"},
	{ACL_INSERT, "insert", "INSERT"},
	{ACL_UPDATE, "update", "UPDATE"},
	{ACL_DELETE, "delete", "DELETE"}
};

static void *make_policy(TupleTableSlot *slot);
static void add_policies(List **policies, const WantedAccess *wanted, const char *kind,
						 AclMode mode, const char *roles, const char *condition);
static void add_policy(List **policies, const char *kind, const char *command_name,
					   const char *keyword, const char *roles, const char *using,
					   const char *check);
static char *visitor_roles(void);


List *
access_policies_of(Oid relid)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	return query_list(psprintf("SELECT policy_name, is_permissive, definition"
							   " FROM %smenuca_policy WHERE table_oid = $1 ORDER BY policy_name",
							   migrate_schema()),
					  &args, make_policy);
}

static void *
make_policy(TupleTableSlot *slot)
{
	AccessPolicy *policy = palloc0(sizeof(AccessPolicy));

	policy->name = slot_text(slot, 0);
	policy->permissive = slot_bool(slot, 1);
	policy->definition = slot_text(slot, 2);
	return policy;
}

List *
access_policies_wanted(const WantedAccess *wanted)
{
	List	   *policies = NIL;

	add_policies(&policies, wanted, "admin", wanted->admin_may,
				 access_role_quoted(ROLE_ADMIN), "true");
	if (wanted->tenant_key)
		add_policies(&policies, wanted, "tenant", wanted->tenant_may,
					 access_role_quoted(ROLE_TENANT), wanted_access_tenant_condition(wanted));
	if (wanted->user_key)
		add_policies(&policies, wanted, "user", wanted->user_may,
					 access_role_quoted(ROLE_TENANT), wanted_access_user_condition(wanted));

	/*
	 * The server tries a role's policies from the last name to the first, and
	 * most rows need no other policy than the one for visitors.
	 */
	if (wanted->public_expr)
		add_policy(&policies, "visitor", "select", "SELECT", visitor_roles(),
				   access_expression_text(wanted->relid, wanted->public_expr), NULL);
	return policies;
}

/* One policy for all commands, or one for each command that is allowed. */
static void
add_policies(List **policies, const WantedAccess *wanted, const char *kind, AclMode mode,
			 const char *roles, const char *condition)
{
	char	   *text;

	if (mode == 0)
		return;
	text = access_expression_normalize(wanted->relid, condition);

	if (mode == ACCESS_ALL)
	{
		add_policy(policies, kind, "all", "ALL", roles, text, text);
		return;
	}
	for (size_t i = 0; i < lengthof(policy_commands); i++)
	{
		AclMode		command = policy_commands[i].mode;

		if (mode & command)
			add_policy(policies, kind, policy_commands[i].name, policy_commands[i].keyword, roles,
					   command == ACL_INSERT ? NULL : text,
					   command & (ACL_INSERT | ACL_UPDATE) ? text : NULL);
	}
}

static void
add_policy(List **policies, const char *kind, const char *command_name, const char *keyword,
		   const char *roles, const char *using, const char *check)
{
	AccessPolicy *policy = palloc0(sizeof(AccessPolicy));
	StringInfoData definition;

	initStringInfo(&definition);
	appendStringInfo(&definition, "AS PERMISSIVE FOR %s TO %s", keyword, roles);
	if (using)
		appendStringInfo(&definition, " USING (%s)", using);
	if (check)
		appendStringInfo(&definition, " WITH CHECK (%s)", check);
	policy->name = psprintf("menuca_%s_%s", kind, command_name);
	policy->permissive = true;
	policy->definition = definition.data;
	*policies = lappend(*policies, policy);
}

/* Visitors may be logged in or not.  Sorted by name, as in a policy that exists. */
static char *
visitor_roles(void)
{
	bool		public_first = strcmp(access_role_name(ROLE_PUBLIC), access_role_name(ROLE_TENANT)) < 0;

	return psprintf("%s, %s", access_role_quoted(public_first ? ROLE_PUBLIC : ROLE_TENANT),
					access_role_quoted(public_first ? ROLE_TENANT : ROLE_PUBLIC));
}

bool
access_policy_is_own(const char *name)
{
	static const char *const kinds[] = {"admin", "tenant", "user", "visitor"};

	for (size_t k = 0; k < lengthof(kinds); k++)
	{
		if (strcmp(name, psprintf("menuca_%s_all", kinds[k])) == 0)
			return true;
		for (size_t i = 0; i < lengthof(policy_commands); i++)
		{
			if (strcmp(name, psprintf("menuca_%s_%s", kinds[k], policy_commands[i].name)) == 0)
				return true;
		}
	}
	return false;
}

AccessPolicy *
access_policy_find(const List *policies, const char *name)
{
	const ListCell *lc;

	foreach(lc, policies)
	{
		if (strcmp(((AccessPolicy *) lfirst(lc))->name, name) == 0)
			return lfirst(lc);
	}
	return NULL;
}
