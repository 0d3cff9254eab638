/*-------------------------------------------------------------------------
 *
 * access_plan.c
 *	  The steps to the wanted access: see access_plan.h.
 *
 * menuca_access_plan(tables)
 *
 * Policies are compared as the server deparses them, so that what was written
 * in another way, but means the same to it, is the same.
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
#include "utils/lsyscache.h"

#include "access/access_plan.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(menuca_access_plan);

static const struct
{
	AclMode		mode;
	const char *name;
	const char *command;
}			commands[] = {
	{ACL_SELECT, "select", "SELECT"},
	{ACL_INSERT, "insert", "INSERT"},
	{ACL_UPDATE, "update", "UPDATE"},
	{ACL_DELETE, "delete", "DELETE"}
};

static List *plan_table(const WantedAccess *wanted);
static void emit_steps(ReturnSetInfo *rsinfo, const List *steps);
static AccessStep *add_step(List **steps, StepAction action, const char *table,
							const char *object, char *statement, char *undo,
							char *reason);
static void plan_policies(List **steps, const WantedAccess *wanted);
static void plan_grants(List **steps, const WantedAccess *wanted, AccessRole role);
static void plan_hiding(List **steps, const WantedAccess *wanted, AccessRole role);
static void plan_sequences(List **steps, const WantedAccess *wanted, AccessRole role);
static void revoke_direct(List **steps, const WantedAccess *wanted, AccessRole role,
						  const char *privilege, char *reason);
static void want_policies(List **policies, const WantedAccess *wanted, const char *kind,
						  AclMode mode, const char *roles, const char *condition);
static void want_policy(List **policies, const char *kind, const char *command_name,
						const char *command, const char *roles, const char *using,
						const char *check);
static char *role_quoted(AccessRole role);
static char *visitor_roles(void);
static bool has_privilege(AccessRole role, const WantedAccess *wanted, const char *privilege);
static void fetch_policy(TupleTableSlot *slot, void *arg);


/* menuca_access_plan(tables): the steps, table by table.  Read only. */
Datum
menuca_access_plan(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *tables = access_wanted(argument_text_list(fcinfo, 0, "tables"));
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	emit_steps(rsinfo, access_plan_schema());
	foreach(lc, tables)
	{
		CHECK_FOR_INTERRUPTS();
		emit_steps(rsinfo, access_plan_table(lfirst(lc)));
	}
	return (Datum) 0;
}

static void
emit_steps(ReturnSetInfo *rsinfo, const List *steps)
{
	const ListCell *lc;

	foreach(lc, steps)
	{
		const AccessStep *step = lfirst(lc);
		Datum		values[5];
		bool		nulls[5] = {0};

		values[0] = result_text(step->table, &nulls[0]);
		values[1] = CStringGetTextDatum(access_step_name(step->action));
		values[2] = result_text(step->object, &nulls[2]);
		values[3] = result_text(step->statement, &nulls[3]);
		values[4] = result_text(step->reason, &nulls[4]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

const char *
access_step_name(StepAction action)
{
	static const char *const names[] = {
		[STEP_CREATE_POLICY] = "create_policy",
		[STEP_REPLACE_POLICY] = "replace_policy",
		[STEP_DROP_POLICY] = "drop_policy",
		[STEP_GRANT] = "grant",
		[STEP_REVOKE] = "revoke",
		[STEP_ENABLE_RLS] = "enable_rls",
		[STEP_KEEP] = "keep",
		[STEP_KEEP_FOREIGN] = "keep_foreign",
		[STEP_ABSENT] = "absent",
		[STEP_IMPOSSIBLE] = "impossible"
	};

	return names[action];
}

bool
access_step_is_change(StepAction action)
{
	return action < STEP_KEEP;
}

static AccessStep *
add_step(List **steps, StepAction action, const char *table, const char *object,
		 char *statement, char *undo, char *reason)
{
	AccessStep *step = palloc0(sizeof(AccessStep));

	step->action = action;
	step->table = table ? pstrdup(table) : NULL;
	step->object = object ? pstrdup(object) : NULL;
	step->statement = statement;
	step->undo = undo;
	step->reason = reason;
	*steps = lappend(*steps, step);
	return step;
}

List *
access_plan_schema(void)
{
	List	   *steps = NIL;
	List	   *remedies;
	List	   *problems = access_role_problems(&remedies);
	char	   *ledger = pstrdup(migrate_schema());
	char	   *schemas[2];
	ListCell   *lc,
			   *lc2;

	forboth(lc, problems, lc2, remedies)
		add_step(&steps, STEP_IMPOSSIBLE, NULL, NULL, lfirst(lc2), NULL, lfirst(lc));

	/* Quoted; without the dot */
	schemas[0] = access_schema_quoted();
	schemas[1] = pnstrdup(ledger, strlen(ledger) - 1);

	for (int i = 0; i < ACCESS_ROLES; i++)
	{
		const char *role = role_quoted(i);

		if (!OidIsValid(access_role_oid(i)))
			continue;
		for (int s = 0; s < 2; s++)
		{
			QueryArgs	args = {0};

			query_arg_text(&args, access_role_name(i));
			query_arg_text(&args, schemas[s]);
			if (!query_bool("SELECT NOT has_schema_privilege($1::name, oid, 'USAGE')"
							" FROM pg_namespace WHERE oid = to_regnamespace($2)", &args))
				continue;
			add_step(&steps, STEP_GRANT, NULL, access_role_name(i),
					 psprintf("GRANT USAGE ON SCHEMA %s TO %s", schemas[s], role),
					 psprintf("REVOKE USAGE ON SCHEMA %s FROM %s", schemas[s], role),
					 s == 0 ? "nothing in the schema can be named without it" :
					 "the policies call functions of this schema");
		}
	}
	return steps;
}

/* The planning of a table, in an attempt. */
typedef struct TablePlan
{
	const WantedAccess *wanted;
	List	   *steps;
} TablePlan;

static void
plan_table_in_attempt(void *arg)
{
	TablePlan  *plan = arg;

	plan->steps = plan_table(plan->wanted);
}

/* What cannot be planned is one table's matter. */
List *
access_plan_table(const WantedAccess *wanted)
{
	TablePlan	plan = {wanted, NIL};
	ErrorData  *error = attempt(plan_table_in_attempt, &plan);

	if (error)
	{
		plan.steps = NIL;
		add_step(&plan.steps, STEP_IMPOSSIBLE, wanted->table, NULL, NULL, NULL,
				 attempt_message(error));
	}
	return plan.steps;
}

static List *
plan_table(const WantedAccess *wanted)
{
	List	   *steps = NIL;
	bool		enabled;
	QueryArgs	args = {0};

	if (wanted->problem)
	{
		add_step(&steps, STEP_IMPOSSIBLE, wanted->table, NULL, NULL, NULL,
				 wanted->problem);
		return steps;
	}
	if (!OidIsValid(wanted->relid))
	{
		add_step(&steps, STEP_ABSENT, wanted->table, NULL, NULL, NULL,
				 psprintf("schema %s has no such table", menuca_target_schema));
		return steps;
	}

	for (int i = 0; i <= ROLE_TENANT; i++)
	{
		if (OidIsValid(access_role_oid(i)) &&
			has_privs_of_role(access_role_oid(i), relation_owner(wanted->relid)))
			add_step(&steps, STEP_IMPOSSIBLE, wanted->table, access_role_name(i), NULL, NULL,
					 psprintf("the role owns the table, or is a member of its owner \"%s\": no policy would bind it",
							  GetUserNameFromId(relation_owner(wanted->relid), false)));
	}

	if (access_policies_wanted(wanted) == NIL)
		add_step(&steps, STEP_IMPOSSIBLE, wanted->table, NULL, NULL, NULL,
				 "nobody is wanted to do anything with it: row security without a policy would hide all rows from everybody");

	/* Policies come first: row security without any shows nobody anything. */
	plan_policies(&steps, wanted);
	for (int i = 0; i < ACCESS_ROLES; i++)
	{
		if (OidIsValid(access_role_oid(i)))
			plan_grants(&steps, wanted, i);
	}

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	enabled = query_bool("SELECT relrowsecurity FROM pg_class WHERE oid = $1", &args);
	if (enabled)
		add_step(&steps, STEP_KEEP, wanted->table, NULL, NULL, NULL, "row security is on");
	else
		add_step(&steps, STEP_ENABLE_RLS, wanted->table, NULL,
				 psprintf("ALTER TABLE %s ENABLE ROW LEVEL SECURITY",
						  relation_quoted_name(wanted->relid)),
				 psprintf("ALTER TABLE %s DISABLE ROW LEVEL SECURITY",
						  relation_quoted_name(wanted->relid)),
				 "row security is off; its owner goes on to see all rows");
	return steps;
}

static void
plan_policies(List **steps, const WantedAccess *wanted)
{
	const char *name = relation_quoted_name(wanted->relid);
	List	   *there = access_policies_of(wanted->relid);
	List	   *shall = access_policies_wanted(wanted);
	ListCell   *lc;

	foreach(lc, shall)
	{
		Policy	   *policy = lfirst(lc);
		Policy	   *found = access_policy_find(there, policy->name);
		const char *quoted = quote_identifier(policy->name);
		char	   *create = psprintf("CREATE POLICY %s ON %s %s", quoted, name, policy->definition);
		char	   *drop = psprintf("DROP POLICY %s ON %s", quoted, name);
		AccessStep *step;

		if (found && strcmp(found->definition, policy->definition) == 0)
			step = add_step(steps, STEP_KEEP, wanted->table, policy->name, NULL, NULL,
							"the policy is as wanted");
		else if (found)
			step = add_step(steps, STEP_REPLACE_POLICY, wanted->table, policy->name,
							psprintf("%s; %s", drop, create), drop,
							psprintf("it is %s", found->definition));
		else
			step = add_step(steps, STEP_CREATE_POLICY, wanted->table, policy->name, create,
							drop, NULL);
		step->definition = policy->definition;
	}

	foreach(lc, there)
	{
		Policy	   *policy = lfirst(lc);

		if (!access_policy_is_own(policy->name))
			add_step(steps, STEP_KEEP_FOREIGN, wanted->table, policy->name, NULL, NULL,
					 psprintf("not ours, %s: %s",
							  policy->permissive ? "and added to what ours allow, by OR" :
							  "and a further condition to what ours allow",
							  policy->definition));
		else if (!access_policy_find(shall, policy->name))
			add_step(steps, STEP_DROP_POLICY, wanted->table, policy->name,
					 psprintf("DROP POLICY %s ON %s", quote_identifier(policy->name), name),
					 NULL, "ours by its name, and no longer wanted");
	}
}

/* A policy allows rows; the table itself must be granted, too. */
static void
plan_grants(List **steps, const WantedAccess *wanted, AccessRole role)
{
	AclMode		may = access_of_role(wanted, role);
	AclMode		missing = 0;
	bool		hides = wanted->hidden && role != ROLE_ADMIN;

	for (size_t i = 0; i < lengthof(commands); i++)
	{
		if ((may & commands[i].mode) && !(hides && commands[i].mode == ACL_SELECT) &&
			!has_privilege(role, wanted, commands[i].command))
			missing |= commands[i].mode;
	}
	if (missing)
		add_step(steps, STEP_GRANT, wanted->table, access_role_name(role),
				 psprintf("GRANT %s ON %s TO %s", access_commands(missing),
						  relation_quoted_name(wanted->relid), role_quoted(role)),
				 psprintf("REVOKE %s ON %s FROM %s", access_commands(missing),
						  relation_quoted_name(wanted->relid), role_quoted(role)),
				 NULL);
	if (hides)
		plan_hiding(steps, wanted, role);
	if (may & ACL_INSERT)
		plan_sequences(steps, wanted, role);
	if (role != ROLE_ADMIN)
		revoke_direct(steps, wanted, role, "TRUNCATE",
					  "no policy is asked before a TRUNCATE");
}

/* SELECT on the other columns, and on none of the hidden ones. */
static void
plan_hiding(List **steps, const WantedAccess *wanted, AccessRole role)
{
	const char *name = relation_quoted_name(wanted->relid);
	QueryArgs	args = {0};
	char	   *columns;
	int			before = list_length(*steps);

	revoke_direct(steps, wanted, role, "SELECT", "it would show the hidden columns");
	if (!(access_of_role(wanted, role) & ACL_SELECT))
		return;

	/*
	 * By grants to itself: those to everybody may be about to go, and a
	 * REVOKE on the table takes the grants on its columns along.
	 */
	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg(&args, TEXTARRAYOID, result_text_array(wanted->hidden), false);
	query_arg(&args, OIDOID, ObjectIdGetDatum(access_role_oid(role)), false);
	query_arg(&args, BOOLOID, BoolGetDatum(list_length(*steps) > before), false);
	columns = query_text("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)"
						 " FROM pg_attribute t WHERE attrelid = $1 AND attnum > 0"
						 " AND NOT attisdropped AND quote_ident(attname) <> ALL ($2)"
						 " AND ($4 OR NOT EXISTS (SELECT FROM aclexplode(t.attacl) a"
						 " WHERE a.grantee = $3 AND a.privilege_type = 'SELECT'))",
						 &args);
	if (columns)
		add_step(steps, STEP_GRANT, wanted->table, access_role_name(role),
				 psprintf("GRANT SELECT (%s) ON %s TO %s", columns, name, role_quoted(role)),
				 psprintf("REVOKE SELECT (%s) ON %s FROM %s", columns, name, role_quoted(role)),
				 "all columns but the hidden ones");
}

/* State of revoke_direct(). */
typedef struct Revocation
{
	List	  **steps;
	const WantedAccess *wanted;
	const char *privilege;
	char	   *reason;
	MemoryContext context;
} Revocation;

static void
add_revocation(TupleTableSlot *slot, void *arg)
{
	Revocation *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);
	char	   *grantee = TextDatumGetCString(slot->tts_values[0]);
	char	   *column = slot->tts_isnull[1] ? NULL : TextDatumGetCString(slot->tts_values[1]);
	const char *name = relation_quoted_name(state->wanted->relid);
	char	   *what = column ? psprintf("%s (%s)", state->privilege, column) :
		pstrdup(state->privilege);

	add_step(state->steps, STEP_REVOKE, state->wanted->table, grantee,
			 psprintf("REVOKE %s ON %s FROM %s", what, name, grantee),
			 psprintf("GRANT %s ON %s TO %s", what, name, grantee), state->reason);
	MemoryContextSwitchTo(old);
}

/*
 * Revokes a privilege where the role has it by a grant to itself or to
 * everybody: on the table, and for SELECT on the hidden columns.
 */
static void
revoke_direct(List **steps, const WantedAccess *wanted, AccessRole role,
			  const char *privilege, char *reason)
{
	Revocation	state = {steps, wanted, privilege, reason, CurrentMemoryContext};
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg(&args, OIDOID, ObjectIdGetDatum(access_role_oid(role)), false);
	query_arg_text(&args, privilege);

	/* A grant to everybody is met once, with the first role. */
	query_arg(&args, BOOLOID, BoolGetDatum(role == ROLE_PUBLIC), false);
	query_each("SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, NULL"
			   " FROM pg_class c, aclexplode(c.relacl) a"
			   " WHERE c.oid = $1 AND (a.grantee = $2 OR a.grantee = 0 AND $4)"
			   " AND a.privilege_type = $3"
			   " GROUP BY a.grantee ORDER BY a.grantee",
			   &args, add_revocation, &state);
	if (strcmp(privilege, "SELECT") != 0)
		return;

	/* Where the table's goes, the columns' go along. */
	query_arg(&args, TEXTARRAYOID, result_text_array(wanted->hidden), false);
	query_each("SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,"
			   " string_agg(DISTINCT quote_ident(t.attname), ', ')"
			   " FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a"
			   " WHERE c.oid = $1 AND (a.grantee = $2 OR a.grantee = 0 AND $4)"
			   " AND a.privilege_type = $3 AND quote_ident(t.attname) = ANY ($5)"
			   " AND NOT EXISTS (SELECT FROM aclexplode(c.relacl) b"
			   " WHERE b.grantee = a.grantee AND b.privilege_type = $3)"
			   " GROUP BY a.grantee ORDER BY a.grantee",
			   &args, add_revocation, &state);
}

/* State of plan_sequences(). */
typedef struct SequenceNames
{
	MemoryContext context;
	List	   *names;
} SequenceNames;

static void
add_name(TupleTableSlot *slot, void *arg)
{
	SequenceNames *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);

	state->names = lappend(state->names, TextDatumGetCString(slot->tts_values[0]));
	MemoryContextSwitchTo(old);
}

/* A serial column's default needs its sequence; an identity column does not. */
static void
plan_sequences(List **steps, const WantedAccess *wanted, AccessRole role)
{
	SequenceNames state = {CurrentMemoryContext, NIL};
	QueryArgs	args = {0};
	ListCell   *lc;

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg_text(&args, access_role_name(role));
	query_each("SELECT format('%I.%I', n.nspname, s.relname)"
			   " FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'"
			   " JOIN pg_namespace n ON n.oid = s.relnamespace"
			   " WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass"
			   " AND d.refobjid = $1 AND d.deptype = 'a'"
			   " AND CASE s.relkind WHEN 'S' THEN NOT has_sequence_privilege($2::name, s.oid, 'USAGE') END"
			   " ORDER BY 1",
			   &args, add_name, &state);
	foreach(lc, state.names)
		add_step(steps, STEP_GRANT, wanted->table, access_role_name(role),
				 psprintf("GRANT USAGE ON SEQUENCE %s TO %s", (char *) lfirst(lc), role_quoted(role)),
				 psprintf("REVOKE USAGE ON SEQUENCE %s FROM %s", (char *) lfirst(lc), role_quoted(role)),
				 "the default of a new row's key");
}

List *
access_policies_wanted(const WantedAccess *wanted)
{
	List	   *policies = NIL;

	want_policies(&policies, wanted, "admin", wanted->admin_may, role_quoted(ROLE_ADMIN), "true");
	if (wanted->tenant_key)
		want_policies(&policies, wanted, "tenant", wanted->tenant_may,
					  role_quoted(ROLE_TENANT), access_tenant_condition(wanted));
	if (wanted->user_key)
		want_policies(&policies, wanted, "user", wanted->user_may,
					  role_quoted(ROLE_TENANT), access_user_condition(wanted));

	/*
	 * Of a role's policies the server tries the last one by name first: for
	 * most rows that is all that is needed.
	 */
	if (wanted->public_expr)
		want_policy(&policies, "visitor", "select", "SELECT", visitor_roles(),
					access_expression_text(wanted->relid, wanted->public_expr), NULL);
	return policies;
}

/* One policy for all commands, or one for each that is allowed. */
static void
want_policies(List **policies, const WantedAccess *wanted, const char *kind, AclMode mode,
			  const char *roles, const char *condition)
{
	char	   *text;

	if (mode == 0)
		return;
	text = access_expression_text(wanted->relid, access_expression(wanted->relid, condition));

	if (mode == ACCESS_ALL)
	{
		want_policy(policies, kind, "all", "ALL", roles, text, text);
		return;
	}
	for (size_t i = 0; i < lengthof(commands); i++)
	{
		if (mode & commands[i].mode)
			want_policy(policies, kind, commands[i].name, commands[i].command, roles,
						commands[i].mode == ACL_INSERT ? NULL : text,
						commands[i].mode & (ACL_INSERT | ACL_UPDATE) ? text : NULL);
	}
}

static void
want_policy(List **policies, const char *kind, const char *command_name,
			const char *command, const char *roles, const char *using, const char *check)
{
	Policy	   *policy = palloc0(sizeof(Policy));
	StringInfoData definition;

	initStringInfo(&definition);
	appendStringInfo(&definition, "AS PERMISSIVE FOR %s TO %s", command, roles);
	if (using)
		appendStringInfo(&definition, " USING (%s)", using);
	if (check)
		appendStringInfo(&definition, " WITH CHECK (%s)", check);
	policy->name = psprintf("menuca_%s_%s", kind, command_name);
	policy->permissive = true;
	policy->definition = definition.data;
	*policies = lappend(*policies, policy);
}

bool
access_policy_is_own(const char *name)
{
	static const char *const kinds[] = {"admin", "tenant", "user", "visitor"};

	for (size_t k = 0; k < lengthof(kinds); k++)
	{
		if (strcmp(name, psprintf("menuca_%s_all", kinds[k])) == 0)
			return true;
		for (size_t i = 0; i < lengthof(commands); i++)
		{
			if (strcmp(name, psprintf("menuca_%s_%s", kinds[k], commands[i].name)) == 0)
				return true;
		}
	}
	return false;
}

Policy *
access_policy_find(const List *policies, const char *name)
{
	const ListCell *lc;

	foreach(lc, policies)
	{
		if (strcmp(((Policy *) lfirst(lc))->name, name) == 0)
			return lfirst(lc);
	}
	return NULL;
}

/* State of access_policies_of(). */
typedef struct PolicyList
{
	MemoryContext context;
	List	   *policies;
} PolicyList;

List *
access_policies_of(Oid relid)
{
	PolicyList	list = {CurrentMemoryContext, NIL};
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_each("SELECT polname::text, polpermissive, format('AS %s FOR %s TO %s%s%s',"
			   " CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,"
			   " CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'"
			   " WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,"
			   " CASE WHEN 0 = ANY (polroles) THEN 'PUBLIC' ELSE"
			   " (SELECT string_agg(quote_ident(rolname), ', ' ORDER BY rolname)"
			   " FROM pg_roles WHERE oid = ANY (polroles)) END,"
			   " ' USING (' || pg_get_expr(polqual, polrelid) || ')',"
			   " ' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')')"
			   " FROM pg_policy WHERE polrelid = $1 ORDER BY polname",
			   &args, fetch_policy, &list);
	return list.policies;
}

static void
fetch_policy(TupleTableSlot *slot, void *arg)
{
	PolicyList *list = arg;
	MemoryContext old = MemoryContextSwitchTo(list->context);
	Policy	   *policy = palloc0(sizeof(Policy));

	policy->name = TextDatumGetCString(slot->tts_values[0]);
	policy->permissive = DatumGetBool(slot->tts_values[1]);
	policy->definition = TextDatumGetCString(slot->tts_values[2]);
	list->policies = lappend(list->policies, policy);
	MemoryContextSwitchTo(old);
}

static char *
role_quoted(AccessRole role)
{
	return pstrdup(quote_identifier(access_role_name(role)));
}

/* Who reads what is public: with a login or without, in the order of names. */
static char *
visitor_roles(void)
{
	const char *public = access_role_name(ROLE_PUBLIC);
	const char *tenant = access_role_name(ROLE_TENANT);

	return strcmp(public, tenant) < 0 ?
		psprintf("%s, %s", role_quoted(ROLE_PUBLIC), role_quoted(ROLE_TENANT)) :
		psprintf("%s, %s", role_quoted(ROLE_TENANT), role_quoted(ROLE_PUBLIC));
}

/*
 * Where columns are hidden, a grant to everybody does not count: it is about
 * to go.
 */
static bool
has_privilege(AccessRole role, const WantedAccess *wanted, const char *privilege)
{
	QueryArgs	args = {0};

	query_arg_text(&args, access_role_name(role));
	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg_text(&args, privilege);
	query_arg(&args, BOOLOID, BoolGetDatum(wanted->hidden != NIL), false);
	return query_bool("SELECT has_table_privilege($1::name, c.oid, $3) AND (NOT $4 OR EXISTS"
					  " (SELECT FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a"
					  " WHERE a.privilege_type = $3 AND a.grantee <> 0"
					  " AND pg_has_role($1::name, a.grantee, 'USAGE')))"
					  " FROM pg_class c WHERE c.oid = $2", &args);
}
