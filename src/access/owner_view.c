/*-------------------------------------------------------------------------
 *
 * owner_view.c
 *	  Views of the target schema that policies read with their owner's rights:
 *	  see owner_view.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "access/access_action.h"
#include "access/access_ledger.h"
#include "access/owner_view.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/stored_expression.h"

/* A question to owner_view_require_trusted(). */
typedef struct TrustQuestion
{
	Oid			relid;
	Node	   *condition;
} TrustQuestion;

static void ask_trusted(void *arg);
static bool has_subquery(Node *node, void *context);
static char *obstacle(const OwnerView *view, const char *definition, char **remedy);
static bool is_of_others(const OwnerView *view, Oid existing, const char *definition);
static char *wanted_definition(const char *query);
static char *show_query(Query *query);
static bool is_granted(Oid view);
static void plan_schema_usage(List **actions, Oid owner);


void
owner_view_require_trusted(Oid relid, Node *condition, const char *where)
{
	if (has_subquery(condition, NULL) || stored_expression_is_volatile(condition))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s has a subquery or a volatile function", where),
				 errdetail("It is evaluated with the rights of role \"%s\", who owns table %s.",
						   GetUserNameFromId(relation_owner(relid), false), relation_display_name(relid)),
				 errhint("Write a condition on the columns of that table.")));
	stored_expression_require_trusted(relid, condition);
}

bool
owner_view_trusts(Oid relid, Node *condition)
{
	TrustQuestion question = {relid, condition};

	return attempt(ask_trusted, &question) == NULL;
}

static void
ask_trusted(void *arg)
{
	const TrustQuestion *question = arg;

	owner_view_require_trusted(question->relid, question->condition, "The condition");
}

/* An expression walker. */
static bool
has_subquery(Node *node, void *context)
{
	if (node == NULL)
		return false;
	return IsA(node, SubLink) || expression_tree_walker(node, has_subquery, context);
}

char *
owner_view_quoted(const char *name)
{
	return quote_qualified_identifier(menuca_target_schema, name);
}

Oid
owner_view_find(const char *name)
{
	Oid			schema = get_namespace_oid(menuca_target_schema, true);

	return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

/* Created by whoever deploys, who can give it to a role that he is a member of. */
void
owner_view_plan(List **actions, const OwnerView *view)
{
	Oid			existing = owner_view_find(view->name);
	Oid			owner = relation_owner(view->table);
	const char *name = owner_view_quoted(view->name);
	char	   *found = owner_view_definition(view->name);
	char	   *definition = view->is_ready ? wanted_definition(view->query) : view->query;
	bool		is_same = found && strcmp(found, definition) == 0;
	char	   *reason;
	char	   *remedy;
	PlannedAction *planned;
	StringInfoData statement;

	plan_schema_usage(actions, owner);
	reason = obstacle(view, found, &remedy);
	if (reason)
	{
		access_action_add(actions, ACTION_IMPOSSIBLE, NULL, view->name, remedy, NULL, reason);
		return;
	}
	if (!OidIsValid(existing) && !relation_is_owned(view->table))
	{
		access_action_add(actions, ACTION_KEEP, NULL, view->name, NULL, NULL,
						  psprintf("the view is missing; role \"%s\", who owns table %s, makes it when he deploys",
								   GetUserNameFromId(owner, false), relation_display_name(view->table)));
		return;
	}
	if (!is_same && !relation_may_in_schema(get_namespace_oid(menuca_target_schema, false), ACL_CREATE))
	{
		access_action_add(actions, ACTION_IMPOSSIBLE, NULL, view->name,
						  psprintf("GRANT CREATE ON SCHEMA %s TO %s;", quote_identifier(menuca_target_schema),
								   quote_identifier(GetUserNameFromId(GetUserId(), false))), NULL,
						  psprintf("policies read view %s, and role \"%s\" may not create it there", name,
								   GetUserNameFromId(GetUserId(), false)));
		return;
	}

	initStringInfo(&statement);
	if (!is_same)
		appendStringInfo(&statement, "CREATE OR REPLACE VIEW %s AS %s", name, definition);
	if (OidIsValid(existing) ? relation_owner(existing) != owner : GetUserId() != owner)
		appendStringInfo(&statement, "%sALTER VIEW %s OWNER TO %s", statement.len > 0 ? "; " : "", name,
						 quote_identifier(GetUserNameFromId(owner, false)));

	/* Default privileges may grant it as soon as it is created. */
	if (!OidIsValid(existing) || is_granted(existing))
		appendStringInfo(&statement, "%sREVOKE ALL ON %s FROM PUBLIC, %s, %s, %s", statement.len > 0 ? "; " : "",
						 name, quote_identifier(menuca_public_role), quote_identifier(menuca_tenant_role),
						 quote_identifier(menuca_admin_role));
	if (statement.len == 0)
		planned = access_action_add(actions, ACTION_KEEP, NULL, view->name, NULL, NULL,
									"the view is as wanted");
	else
		planned = access_action_add(actions, OidIsValid(existing) ? ACTION_REPLACE_VIEW : ACTION_CREATE_VIEW,
									NULL, view->name, statement.data, psprintf("DROP VIEW %s", name),
									is_same ? "its owner or its grants differ" :
									found ? psprintf("its definition now: %s", found) :
									"policies read it with its owner's rights; nobody else can");
	planned->definition = definition;
}

void
owner_view_require_own(const OwnerView *view)
{
	char	   *remedy;
	char	   *reason = obstacle(view, owner_view_definition(view->name), &remedy);

	if (reason)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("%s", reason),
				 errhint("%s", remedy)));
}

/*
 * Why policies must not read what has the view's name, and a statement that makes room
 * for the view; NULL when they may, or nothing has it.
 */
static char *
obstacle(const OwnerView *view, const char *definition, char **remedy)
{
	Oid			existing = owner_view_find(view->name);
	const char *name = owner_view_quoted(view->name);

	if (!OidIsValid(existing) || !is_of_others(view, existing, definition))
		return NULL;
	*remedy = psprintf("ALTER %s %s RENAME TO former_view_%u;", definition ? "VIEW" : "TABLE", name, existing);
	if (definition == NULL)
		return psprintf("policies would read %s as a view, but it is something else", name);
	return psprintf("policies would read view %s, which no deployment made: role \"%s\" owns it, and decides what it shows",
					name, GetUserNameFromId(relation_owner(existing), false));
}

/*
 * True if no deployment made it.  One that is in the ledger may have been dropped and
 * made again by others; then owner and definition differ.
 */
static bool
is_of_others(const OwnerView *view, Oid existing, const char *definition)
{
	return definition == NULL ||
		!access_ledger_has_view(view->name, relation_owner(existing) == relation_owner(view->table) ? NULL : definition);
}

/* As the server shows it once the view has been created. */
static char *
wanted_definition(const char *query)
{
	int			scope = guc_scope_begin_pg_catalog();
	RawStmt    *raw = linitial_node(RawStmt, raw_parser(query, RAW_PARSE_DEFAULT));
	Query	   *analyzed = parse_analyze_fixedparams(raw, query, NULL, 0, NULL);
	char	   *definition = show_query(analyzed);

	guc_scope_end(scope);
	return definition;
}

/*
 * The server qualifies columns unless a query has one relation alone, and until 15
 * a view has two more than its query.  So has this one, always.
 */
static char *
show_query(Query *query)
{
	RangeTblEntry *unused = makeNode(RangeTblEntry);

	unused->rtekind = RTE_RESULT;
	unused->eref = makeAlias("unused", NIL);
	query->rtable = lappend(query->rtable, unused);
	return pg_get_querydef(query, false);
}

char *
owner_view_definition(const char *name)
{
	Oid			view = owner_view_find(name);
	char	   *definition = NULL;
	Relation	rel;
	int			scope;

	if (!OidIsValid(view))
		return NULL;
	rel = try_relation_open(view, AccessShareLock);
	if (rel == NULL)
		return NULL;
	scope = guc_scope_begin_pg_catalog();
	if (rel->rd_rel->relkind == RELKIND_VIEW)
		definition = show_query(copyObject(get_view_query(rel)));
	guc_scope_end(scope);
	relation_close(rel, NoLock);
	return definition;
}

bool
owner_view_is_name(const char *name)
{
	return strcmp(name, OWN_TENANTS_VIEW) == 0 || strncmp(name, PUBLIC_VIEW_PREFIX, strlen(PUBLIC_VIEW_PREFIX)) == 0;
}

bool
owner_view_is_used(const char *name)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(owner_view_find(name)), false);
	return query_bool("SELECT EXISTS (SELECT FROM pg_depend d LEFT JOIN pg_rewrite r"
					  " ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid"
					  " WHERE d.classid IN ('pg_policy'::regclass, 'pg_rewrite'::regclass)"
					  " AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND r.ev_class IS DISTINCT FROM $1)", &args);
}

/* True if everybody, or one of the roles of requests, has a privilege on the view. */
static bool
is_granted(Oid view)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(view), false);
	query_arg_text(&args, menuca_public_role);
	query_arg_text(&args, menuca_tenant_role);
	query_arg_text(&args, menuca_admin_role);
	return query_bool("SELECT EXISTS (SELECT FROM pg_class c, aclexplode(c.relacl) a"
					  " WHERE c.oid = $1 AND a.grantee <> c.relowner AND (a.grantee = 0"
					  " OR a.grantee IN (SELECT oid FROM pg_roles WHERE rolname IN ($2, $3, $4))))", &args);
}

/* The view reads a claim by a function of the extension's schema. */
static void
plan_schema_usage(List **actions, Oid owner)
{
	char	   *prefix = migrate_schema();
	char	   *schema = pnstrdup(prefix, strlen(prefix) - 1);
	char	   *role = GetUserNameFromId(owner, false);
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(owner), false);
	query_arg_text(&args, schema);
	if (query_bool("SELECT NOT has_schema_privilege($1, oid, 'USAGE') FROM pg_namespace WHERE oid = to_regnamespace($2)", &args))
		access_action_add(actions, ACTION_GRANT, NULL, role,
						  psprintf("GRANT USAGE ON SCHEMA %s TO %s", schema, quote_identifier(role)),
						  psprintf("REVOKE USAGE ON SCHEMA %s FROM %s", schema, quote_identifier(role)),
						  "the views that policies read call functions of this schema as their owner");
}
