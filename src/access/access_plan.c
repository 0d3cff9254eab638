/*-------------------------------------------------------------------------
 *
 * access_plan.c
 *	  The access plan: see access_plan.h.
 *
 * menuca_access_plan(tables)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access_action.h"
#include "access/access_grants.h"
#include "access/access_plan.h"
#include "access/access_policy.h"
#include "access/access_public.h"
#include "access/membership.h"
#include "access/owner_view.h"
#include "access/uncovered_tables.h"
#include "access/wanted_access.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(menuca_access_plan);

/* The planning of one table, in an attempt. */
typedef struct TablePlan
{
	const WantedAccess *wanted;
	List	   *actions;
} TablePlan;

static void return_actions(ReturnSetInfo *rsinfo, const List *actions);
static void plan_schema(List **actions, AccessRole role, const char *schema, char *reason);
static void plan_views(List **actions);
static void plan_needed_views(void *arg);
static void require_views(const WantedAccess *wanted);
static OwnerView own_tenants_view(void);
static void plan_table(void *arg);
static void plan_visitors(List **actions, const WantedAccess *wanted);
static void plan_policies(List **actions, const WantedAccess *wanted);
static void plan_wanted_policy(List **actions, const WantedAccess *wanted,
							   const AccessPolicy *policy, const List *existing);
static void plan_existing_policy(List **actions, const WantedAccess *wanted,
								 const AccessPolicy *policy, const List *needed);
static void plan_row_security(List **actions, const WantedAccess *wanted);


/* menuca_access_plan(tables): a row per action, table by table.  Read only. */
Datum
menuca_access_plan(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *tables = wanted_access_tables_with_parts(argument_text_list(fcinfo, 0, "tables"));
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	return_actions(rsinfo, access_plan_schemas());
	foreach(lc, tables)
	{
		CHECK_FOR_INTERRUPTS();
		return_actions(rsinfo, access_plan_table(lfirst(lc)));
	}
	return (Datum) 0;
}

static void
return_actions(ReturnSetInfo *rsinfo, const List *actions)
{
	const ListCell *lc;

	foreach(lc, actions)
	{
		const PlannedAction *planned = lfirst(lc);
		Datum		values[5];
		bool		nulls[5] = {0};

		values[0] = result_text(planned->table, &nulls[0]);
		values[1] = CStringGetTextDatum(access_action_name(planned->action));
		values[2] = result_text(planned->object, &nulls[2]);
		values[3] = result_text(planned->statement, &nulls[3]);
		values[4] = result_text(planned->reason, &nulls[4]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

List *
access_plan_schemas(void)
{
	List	   *actions = NIL;
	List	   *remedies;
	List	   *problems = access_role_problems(&remedies);
	char	   *target = pstrdup(quote_identifier(menuca_target_schema));
	char	   *prefix = migrate_schema();
	char	   *own = pnstrdup(prefix, strlen(prefix) - 1);
	ListCell   *lc,
			   *lc2;

	forboth(lc, problems, lc2, remedies)
		access_action_add(&actions, ACTION_IMPOSSIBLE, NULL, NULL, lfirst(lc2), NULL, lfirst(lc));

	for (int i = 0; i < ACCESS_ROLES; i++)
	{
		if (!OidIsValid(access_role_oid(i)))
			continue;
		plan_schema(&actions, i, target, "without it no table of the schema can be used");
		plan_schema(&actions, i, own, "the policies call functions of this schema");
	}
	plan_views(&actions);
	return actions;
}

/* The policies of the tables read them, so they come first. */
static void
plan_views(List **actions)
{
	TablePlan	plan = {0};
	ErrorData  *error = OidIsValid(get_namespace_oid(menuca_target_schema, true)) ?
		attempt(plan_needed_views, &plan) : NULL;

	if (error)
		access_action_add(&plan.actions, ACTION_IMPOSSIBLE, NULL, NULL, NULL, NULL, attempt_message(error));
	*actions = list_concat(*actions, plan.actions);
}

static void
plan_needed_views(void *arg)
{
	TablePlan  *plan = arg;
	ListCell   *lc;

	foreach(lc, access_public_views(wanted_access_tables(NIL)))
		owner_view_plan(&plan->actions, lfirst(lc));
	if (membership_is_used())
	{
		OwnerView	own = own_tenants_view();

		owner_view_plan(&plan->actions, &own);
	}
}

static OwnerView
own_tenants_view(void)
{
	const Membership *membership = membership_require();
	OwnerView	own = {OWN_TENANTS_VIEW, membership->relid, membership_query(membership), true};

	return own;
}

/* Raises an error when a policy would read what somebody else has made. */
static void
require_views(const WantedAccess *wanted)
{
	ListCell   *lc;

	foreach(lc, access_public_views(list_make1(unconstify(WantedAccess *, wanted))))
		owner_view_require_own(lfirst(lc));
	if (membership_is_used() && wanted->tenant_key)
	{
		OwnerView	own = own_tenants_view();

		owner_view_require_own(&own);
	}
}

/* schema is quoted. */
static void
plan_schema(List **actions, AccessRole role, const char *schema, char *reason)
{
	const char *grantee = access_role_quoted(role);
	QueryArgs	args = {0};

	query_arg_text(&args, access_role_name(role));
	query_arg_text(&args, schema);
	if (query_bool("SELECT NOT has_schema_privilege($1::name, oid, 'USAGE')"
				   " FROM pg_namespace WHERE oid = to_regnamespace($2)", &args))
		access_action_add(actions, ACTION_GRANT, NULL, access_role_name(role),
						  psprintf("GRANT USAGE ON SCHEMA %s TO %s", schema, grantee),
						  psprintf("REVOKE USAGE ON SCHEMA %s FROM %s", schema, grantee),
						  reason);
}

List *
access_plan_table(const WantedAccess *wanted)
{
	TablePlan	plan = {wanted, NIL};
	ErrorData  *error = attempt(plan_table, &plan);

	if (error)
	{
		plan.actions = NIL;
		access_action_add(&plan.actions, ACTION_IMPOSSIBLE, wanted->table, NULL, NULL, NULL,
						  attempt_message(error));
	}
	return plan.actions;
}

static void
plan_table(void *arg)
{
	TablePlan  *plan = arg;
	const WantedAccess *wanted = plan->wanted;

	if (wanted->problem)
	{
		access_action_add(&plan->actions, ACTION_IMPOSSIBLE, wanted->table, NULL, NULL, NULL,
						  wanted->problem);
		return;
	}
	if (!OidIsValid(wanted->relid))
	{
		access_action_add(&plan->actions, ACTION_ABSENT, wanted->table, NULL, NULL, NULL,
						  psprintf("schema %s has no such table", menuca_target_schema));
		return;
	}

	plan_visitors(&plan->actions, wanted);
	require_views(wanted);
	if (wanted->coverage == COVER_UNDECIDED)
		access_action_add(&plan->actions, ACTION_UNDECIDED, wanted->table, NULL, NULL, NULL,
						  psprintf("menuca_wanted_access does not mention it, so visitors are denied all of it, and the services keep what they may do. %s",
								   uncovered_table_remedy(wanted)));

	/*
	 * Policies come first: without any, row security hides all rows.  A
	 * foreign table has neither.
	 */
	if (!wanted->foreign)
		plan_policies(&plan->actions, wanted);
	for (int i = 0; i < ACCESS_ROLES; i++)
	{
		if (OidIsValid(access_role_oid(i)))
			access_grants_plan(&plan->actions, wanted, i);
	}
	if (wanted->insert_needs)
		access_action_add(&plan->actions, ACTION_KEEP, wanted->table, NULL, NULL, NULL,
						  psprintf("only the services may insert rows: column %s needs a value that staff and customers may not write",
								   wanted->insert_needs));
	if (!wanted->foreign)
		plan_row_security(&plan->actions, wanted);
}

/* Policies do not bind a table's owner, nor members of the owner. */
static void
plan_visitors(List **actions, const WantedAccess *wanted)
{
	for (int i = 0; i <= ROLE_TENANT; i++)
	{
		Oid			owner = relation_owner(wanted->relid);

		if (OidIsValid(access_role_oid(i)) && has_privs_of_role(access_role_oid(i), owner))
			access_action_add(actions, ACTION_IMPOSSIBLE, wanted->table, access_role_name(i), NULL, NULL,
							  psprintf("the role owns the table or is a member of its owner \"%s\", so no policy would bind it",
									   GetUserNameFromId(owner, false)));
	}
}

static void
plan_policies(List **actions, const WantedAccess *wanted)
{
	List	   *existing = access_policies_of(wanted->relid);
	List	   *needed = access_policies_wanted(wanted);
	ListCell   *lc;

	if (needed == NIL && wanted->coverage == COVER_WANTED)
		access_action_add(actions, ACTION_IMPOSSIBLE, wanted->table, NULL, NULL, NULL,
						  "menuca_wanted_access grants nobody any access; row security would hide every row");
	foreach(lc, needed)
		plan_wanted_policy(actions, wanted, lfirst(lc), existing);
	foreach(lc, existing)
		plan_existing_policy(actions, wanted, lfirst(lc), needed);
}

static void
plan_wanted_policy(List **actions, const WantedAccess *wanted, const AccessPolicy *policy,
				   const List *existing)
{
	const char *table = relation_quoted_name(wanted->relid);
	const char *name = quote_identifier(policy->name);
	const AccessPolicy *found = access_policy_find(existing, policy->name);
	char	   *create = psprintf("CREATE POLICY %s ON %s %s", name, table, policy->definition);
	char	   *drop = psprintf("DROP POLICY %s ON %s", name, table);
	PlannedAction *planned;

	if (found && strcmp(found->definition, policy->definition) == 0)
		planned = access_action_add(actions, ACTION_KEEP, wanted->table, policy->name, NULL, NULL,
									"the policy is as wanted");
	else if (found)
		planned = access_action_add(actions, ACTION_REPLACE_POLICY, wanted->table, policy->name,
									psprintf("%s; %s", drop, create), drop,
									psprintf("its definition now: %s", found->definition));
	else
		planned = access_action_add(actions, ACTION_CREATE_POLICY, wanted->table, policy->name,
									create, drop, NULL);
	planned->definition = policy->definition;
}

static void
plan_existing_policy(List **actions, const WantedAccess *wanted, const AccessPolicy *policy,
					 const List *needed)
{
	if (!access_policy_is_own(policy->name))
		access_action_add(actions, ACTION_KEEP_FOREIGN, wanted->table, policy->name, NULL, NULL,
						  psprintf("%s: %s",
								   policy->permissive ?
								   "not from a deployment; it allows rows in addition to the wanted policies" :
								   "not from a deployment; it restricts what the wanted policies allow",
								   policy->definition));
	else if (!access_policy_find(needed, policy->name))
		access_action_add(actions, ACTION_DROP_POLICY, wanted->table, policy->name,
						  psprintf("DROP POLICY %s ON %s", quote_identifier(policy->name),
								   relation_quoted_name(wanted->relid)),
						  NULL, "by its name from a deployment, and no longer wanted");
}

static void
plan_row_security(List **actions, const WantedAccess *wanted)
{
	const char *name = relation_quoted_name(wanted->relid);
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	if (query_bool("SELECT relrowsecurity FROM pg_class WHERE oid = $1", &args))
		access_action_add(actions, ACTION_KEEP, wanted->table, NULL, NULL, NULL,
						  "row security is on");
	else
		access_action_add(actions, ACTION_ENABLE_RLS, wanted->table, NULL,
						  psprintf("ALTER TABLE %s ENABLE ROW LEVEL SECURITY", name),
						  psprintf("ALTER TABLE %s DISABLE ROW LEVEL SECURITY", name),
						  wanted->coverage == COVER_WANTED ?
						  "row security is off; the table's owner will still see all rows" :
						  wanted->coverage == COVER_PART ?
						  "row security is off; the rows are reached through the table that it is a part of, whose policies apply then" :
						  "row security is off, and nobody has decided who may access it");
}
