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
#include "access/access_public.h"
#include "access/owner_view.h"
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

/* On which rows a role may execute each command; NULL: on none. */
typedef struct RoleConditions
{
	char	   *of_command[lengthof(policy_commands)];
} RoleConditions;

static void *make_policy(TupleTableSlot *slot);
static AclMode login_may(const WantedAccess *wanted);
static void add_condition(RoleConditions *conditions, AclMode mode, const char *condition);
static void add_policies(List **policies, const WantedAccess *wanted, const char *kind,
						 const char *roles, const RoleConditions *conditions);
static char *policy_condition(const WantedAccess *wanted, const char *condition);
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

/*
 * One policy for each role and command: of several, the server evaluates each, and
 * Supabase's linter counts them.
 */
List *
access_policies_wanted(const WantedAccess *wanted)
{
	const char *kind = wanted->tenant_key && wanted->tenant_may ? "tenant" : "user";
	bool		login_reads = (login_may(wanted) & ACL_SELECT) != 0;
	char	   *visitor = wanted->public_expr ? access_public_condition(wanted, false) : NULL;
	RoleConditions admin = {0};
	RoleConditions login = {0};
	RoleConditions other = {0};
	List	   *policies = NIL;

	add_condition(&admin, wanted->admin_may, "true");
	add_policies(&policies, wanted, "admin", access_role_quoted(ROLE_ADMIN), &admin);

	/* Whose row it is costs a comparison, what is public may cost a lookup. */
	if (wanted->tenant_key && wanted->tenant_may)
		add_condition(&login, wanted->tenant_may, wanted_access_tenant_condition(wanted));
	if (wanted->user_key && wanted->user_may)
		add_condition(&login, wanted->user_may, wanted_access_user_condition(wanted));
	if (visitor && login_reads)
		add_condition(&login, ACL_SELECT, visitor);
	add_policies(&policies, wanted, kind, access_role_quoted(ROLE_TENANT), &login);

	if (visitor)
		add_condition(&other, ACL_SELECT, visitor);
	add_policies(&policies, wanted, "visitor",
				 login_reads ? access_role_quoted(ROLE_PUBLIC) : visitor_roles(), &other);
	return policies;
}

/* What somebody with a login may do as staff or as a customer. */
static AclMode
login_may(const WantedAccess *wanted)
{
	return (wanted->tenant_key ? wanted->tenant_may : 0) | (wanted->user_key ? wanted->user_may : 0);
}

/* Allows commands on the rows that meet a condition, in addition to others. */
static void
add_condition(RoleConditions *conditions, AclMode mode, const char *condition)
{
	for (size_t i = 0; i < lengthof(policy_commands); i++)
	{
		if (!(mode & policy_commands[i].mode))
			continue;
		conditions->of_command[i] = conditions->of_command[i] ?
			psprintf("%s OR (%s)", conditions->of_command[i], condition) : psprintf("(%s)", condition);
	}
}

/* One policy for all commands if all have the same condition, or one for each. */
static void
add_policies(List **policies, const WantedAccess *wanted, const char *kind, const char *roles,
			 const RoleConditions *conditions)
{
	char	   *first = conditions->of_command[0];
	bool		is_same = first != NULL;

	for (size_t i = 1; i < lengthof(policy_commands); i++)
		is_same = is_same && conditions->of_command[i] && strcmp(conditions->of_command[i], first) == 0;
	if (is_same)
	{
		char	   *text = policy_condition(wanted, first);

		add_policy(policies, kind, "all", "ALL", roles, text, text);
		return;
	}
	for (size_t i = 0; i < lengthof(policy_commands); i++)
	{
		AclMode		command = policy_commands[i].mode;
		char	   *text;

		if (!conditions->of_command[i])
			continue;
		text = policy_condition(wanted, conditions->of_command[i]);
		add_policy(policies, kind, policy_commands[i].name, policy_commands[i].keyword, roles,
				   command == ACL_INSERT ? NULL : text,
				   command & (ACL_INSERT | ACL_UPDATE) ? text : NULL);
	}
}

/*
 * As the server shows it.  Until the deployment has made a view that it reads, it
 * cannot be analyzed; nor can a policy exist that it would have to be compared with.
 */
static char *
policy_condition(const WantedAccess *wanted, const char *condition)
{
	if ((strstr(condition, PUBLIC_VIEW_PREFIX) && !access_public_views_exist(wanted)) ||
		(strstr(condition, OWN_TENANTS_VIEW) && !OidIsValid(owner_view_find(OWN_TENANTS_VIEW))))
		return pstrdup(condition);
	return access_expression_normalize(wanted->relid, condition);
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
