/*-------------------------------------------------------------------------
 *
 * export_access.c
 *	  The access that was deployed on a copy, as SQL files for the database that the
 *	  copy was made of.
 *
 * menuca_export_access(style)
 *
 * What is exported is what works here: every table is as wanted, and the matrix
 * passes.  Then each file is made of a template, see access_hosted.sql.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access_cell.h"
#include "access/access_deployment.h"
#include "access/access_matrix.h"
#include "access/access_policy.h"
#include "access/access_public.h"
#include "access/hosted_expression.h"
#include "access/hosted_table.h"
#include "access/membership.h"
#include "access/owner_view.h"
#include "access/wanted_access.h"
#include "base/claim_setting.h"
#include "base/export_original.h"
#include "base/export_set.h"
#include "base/export_template.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/json.h"
#include "base/jwt_claim.h"
#include "base/query.h"
#include "base/settings.h"
#include "base/sqlstate.h"

PG_FUNCTION_INFO_V1(menuca_export_access);

#define SET_NAME "menuca_access"

/* Cells and tables that a message names at most. */
#define MAX_NAMED 5

typedef struct AccessExport
{
	ExportSet  *set;
	char	   *original;		/* JSON */
	ExportValue guard;
	char	   *version;		/* of the functions: their texts' SHA-256 */
	List	   *views;			/* OwnerViews that policies read, in their
								 * order */
	List	   *tables;			/* HostedTables, in the order of their
								 * deployment */
	List	   *left;			/* C strings: tables that are not in the set,
								 * and why */
	List	   *cells;			/* AccessCells of the copy */
} AccessExport;

static void require_roles(void);
static void collect_tables(AccessExport *export);
static void raise_not_deployed(const AccessDeployment *deployment);
static void try_copy(AccessExport *export);
static void add_access_facts(AccessExport *export);
static void add_check(AccessExport *export, const char *file, const char *purpose, const char *template);
static char *checked_json(const AccessExport *export);
static char *known_relations(void);
static char *deploy_functions(void);
static char *functions_version(const AccessExport *export);
static void add_functions(AccessExport *export);
static char *view_statements(const AccessExport *export);
static char *granted_functions(const AccessExport *export);
static char *view_grants(const AccessExport *export);
static void add_table_file(AccessExport *export, const HostedTable *table);
static void add_matrix(AccessExport *export);
static char *matrix_cells(const AccessExport *export);
static char *claim_template(const char *claim);
static void add_rollback(AccessExport *export, const HostedTable *table);
static void add_rollback_functions(AccessExport *export);
static char *all_roles(void);


/* menuca_export_access(style): a row per file.  What it tries is undone. */
Datum
menuca_export_access(PG_FUNCTION_ARGS)
{
	AccessExport export = {0};
	ExportStyle style = export_style_argument(fcinfo, 0);
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	require_roles();
	export.original = export_original_json();
	export.guard.name = "guard";
	export.guard.sql = psprintf("%s\n%s", export_original_guard(export.original),
								export_template_from("menuca_hosted_schema_guard_template", NULL, 0));
	export.set = export_set_begin(style, SET_NAME, "who may read and write which rows and columns");
	collect_tables(&export);
	try_copy(&export);
	add_access_facts(&export);
	export.version = functions_version(&export);

	add_check(&export, "00_check", "changes nothing; shows what differs from the copy", "menuca_hosted_access_check_template");
	add_functions(&export);
	foreach(lc, export.tables)
		add_table_file(&export, lfirst(lc));
	add_check(&export, "03_check", "changes nothing; shows what is not as wanted", "menuca_hosted_access_after_template");
	add_matrix(&export);
	for (int i = list_length(export.tables) - 1; i >= 0; i--)
		add_rollback(&export, list_nth(export.tables, i));
	add_rollback_functions(&export);
	export_set_return(export.set, (ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}

static void
require_roles(void)
{
	List	   *remedies;
	List	   *problems = access_role_problems(&remedies);

	if (problems != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ACCESS),
				 errmsg("not exported: %s", (char *) linitial(problems)),
				 errdetail("Policies and grants are for the configured roles."),
				 errhint("%s", (char *) linitial(remedies))));
}

/* The tables of the set; raises an error unless each is deployed as wanted. */
static void
collect_tables(AccessExport *export)
{
	List	   *tables = wanted_access_tables_with_parts(NIL);
	int			number = 0;
	ListCell   *lc;

	export->views = access_public_views(wanted_access_tables(NIL));
	if (membership_is_used())
	{
		OwnerView  *own = palloc0(sizeof(OwnerView));

		own->name = OWN_TENANTS_VIEW;
		own->query = membership_query(membership_require());
		export->views = lappend(export->views, own);
	}
	foreach(lc, access_deployments_make(tables, false, false))
	{
		AccessDeployment *deployment = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		access_deployment_plan(deployment);
		if (strcmp(deployment->status, "absent") == 0)
			continue;
		if (deployment->wanted && strcmp(deployment->status, "impossible") == 0 && !deployment->wanted->core)
			export->left = lappend(export->left, psprintf("%s: %s", deployment->table,
														  deployment->reasons ? (char *) linitial(deployment->reasons) : "impossible"));
		else if (strcmp(deployment->status, "unchanged") != 0)
			raise_not_deployed(deployment);
		else if (deployment->wanted)
			export->tables = lappend(export->tables, hosted_table_make(deployment->wanted, export->views, ++number));
	}
}

static void
raise_not_deployed(const AccessDeployment *deployment)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ACCESS),
			 errmsg("not exported: the access of %s is not deployed on this copy",
					deployment->table ? psprintf("table \"%s\"", deployment->table) : "the schemas"),
			 errdetail("It is %s%s%s. What was deployed and tried here is exported.", deployment->status,
					   deployment->reasons ? ": " : "", deployment->reasons ? (char *) linitial(deployment->reasons) : ""),
			 errhint("%s", strcmp(deployment->status, "planned") == 0 ?
					 migrate_call("SELECT * FROM menuca_deploy_access(dry_run => false);") :
					 migrate_call("SELECT * FROM menuca_access_plan() WHERE action = 'impossible';"))));
}

/* The matrix of the copy; raises an error when a cell of it fails. */
static void
try_copy(AccessExport *export)
{
	StringInfoData failed;
	int			nfailed = 0;
	ListCell   *lc;

	export->cells = access_matrix(NIL);
	initStringInfo(&failed);
	foreach(lc, export->cells)
	{
		const AccessCell *cell = lfirst(lc);

		if (cell->status != CHECK_FAIL && cell->status != CHECK_ERROR)
			continue;
		if (nfailed++ < MAX_NAMED)
			format_append(&failed, "; ", "%s: %s, %s, %s: %s", cell->table, cell->kind, cell->command, cell->row,
						  cell->actual ? cell->actual : "not tried");
	}
	if (nfailed > 0)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ACCESS),
				 errmsg("not exported: %d cells of the copy's matrix are not as wanted", nfailed),
				 errdetail("%s%s.", failed.data, nfailed > MAX_NAMED ? ", and others" : ""),
				 errhint("%s", migrate_call("SELECT * FROM menuca_test_access() WHERE status IN ('FAIL', 'ERROR');"))));
}

static void
add_access_facts(AccessExport *export)
{
	ListCell   *lc;

	export_set_fact(export->set, "for the database", export->original);
	export_set_fact(export->set, "exported by", GetUserNameFromId(GetSessionUserId(), false));
	export_set_fact(export->set, "tables", psprintf("%d", list_length(export->tables)));
	export_set_fact(export->set, "cells of the copy's matrix", psprintf("%d", list_length(export->cells)));
	export_set_fact(export->set, "roles", all_roles());
	foreach(lc, export->left)
		export_set_fact(export->set, "not in the set", lfirst(lc));
}

static void
add_check(AccessExport *export, const char *file, const char *purpose, const char *template)
{
	ExportValue place[] = {{"check_no", strcmp(file, "00_check") == 0 ? "5" : "7"}};
	ExportValue values[] = {
		{"wanted", quote_literal_cstr(checked_json(export))},
		{"column_problems", export_template_from("menuca_hosted_column_problems", place, lengthof(place))},
		{"policy_definition", export_template_from("menuca_hosted_policy_definition", NULL, 0)},
		{"own_policy", export_template_from("menuca_hosted_own_policy", NULL, 0)},
		{"schema_state", export_template_from("menuca_hosted_schema_state", NULL, 0)},
		{"opening_problems", export_template_from("menuca_hosted_openings_template", NULL, 0)}
	};

	export_set_add(export->set, EXPORT_READ, file, purpose,
				   list_make1(export_template_check(template, SET_NAME, file, values, lengthof(values))));
}

static char *
checked_json(const AccessExport *export)
{
	StringInfoData json;
	ListCell   *lc;

	initStringInfo(&json);
	json_begin(&json);
	json_raw(&json, "original", export->original);
	json_text(&json, "server", psprintf("%d", PG_VERSION_NUM / 10000));
	json_texts(&json, "roles", list_make3((char *) access_role_name(ROLE_PUBLIC), (char *) access_role_name(ROLE_TENANT),
										  (char *) access_role_name(ROLE_ADMIN)));
	json_texts(&json, "visitors", list_make2((char *) access_role_name(ROLE_PUBLIC), (char *) access_role_name(ROLE_TENANT)));
	json_text(&json, "public", access_role_name(ROLE_PUBLIC));
	json_text(&json, "schema", menuca_target_schema);
	json_text(&json, "setting", claim_setting_name());
	json_text(&json, "functions", export->version);
	json_raw(&json, "relations", known_relations());
	json_raw(&json, "tables", "[");
	foreach(lc, export->tables)
		appendStringInfo(&json, "%s%s", foreach_current_index(lc) > 0 ? ",\n" : "", ((HostedTable *) lfirst(lc))->json);
	appendStringInfoChar(&json, ']');
	json_end(&json);
	return json.data;
}

/* The tables of the copy's schema, in the set or not: what else is there, nobody has decided about. */
static char *
known_relations(void)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	return query_text("SELECT coalesce(jsonb_agg(c.relname ORDER BY c.relname), '[]')::text FROM pg_class c"
					  " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'f')", &args);
}

static char *
deploy_functions(void)
{
	ExportValue definitions[] = {
		{"policy_definition", export_template_from("menuca_hosted_policy_definition", NULL, 0)},
		{"own_policy", export_template_from("menuca_hosted_own_policy", NULL, 0)}
	};

	return export_template_from("menuca_hosted_deploy_template", definitions, lengthof(definitions));
}

/* By which 03_check tells whether 01_functions of this set was executed. */
static char *
functions_version(const AccessExport *export)
{
	return export_set_sha256(psprintf("%s%s%s%s%s%s%s", export_template_from("menuca_hosted_claims_template", NULL, 0), deploy_functions(),
									  export_template_from("menuca_hosted_matrix_template", NULL, 0), view_statements(export),
									  granted_functions(export), view_grants(export), all_roles()));
}

static void
add_functions(AccessExport *export)
{
	ExportValue values[] = {
		export->guard,
		{"claims", export_template_from("menuca_hosted_claims_template", NULL, 0)},
		{"deploy", deploy_functions()},
		{"matrix", export_template_from("menuca_hosted_matrix_template", NULL, 0)},
		{"views", view_statements(export)},
		{"called", granted_functions(export)},
		{"view_grants", view_grants(export)},
		{"roles", all_roles()},
		{"roles_array", psprintf("ARRAY[%s, %s, %s]", quote_literal_cstr(access_role_name(ROLE_PUBLIC)),
								 quote_literal_cstr(access_role_name(ROLE_TENANT)), quote_literal_cstr(access_role_name(ROLE_ADMIN)))},
		{"schema_literal", quote_literal_cstr(quote_identifier(menuca_target_schema))},
		{"schema_state", export_template_from("menuca_hosted_schema_state", NULL, 0)},
		{"version", quote_literal_cstr(export->version)}
	};

	export_set_add(export->set, EXPORT_CHANGE, "01_functions", "creates the functions that policies call, in schema " HOSTED_SCHEMA,
				   list_make1(export_template_do(EXPORT_SETTINGS, export_template_from("menuca_hosted_functions_template", values, lengthof(values)))));
}

static char *
view_statements(const AccessExport *export)
{
	StringInfoData statements;
	ListCell   *lc;

	initStringInfo(&statements);
	foreach(lc, export->views)
	{
		const OwnerView *view = lfirst(lc);
		bool		is_own = strcmp(view->name, OWN_TENANTS_VIEW) == 0;
		bool		is_uuid = is_own && membership_require()->tenant_type == UUIDOID;
		ExportValue values[] = {
			{"view", quote_identifier(view->name)},
			{"key", HOSTED_KEY},
			{"query", hosted_expression(view->query, export->views)},
			{"type", is_uuid ? "uuid" : "bigint"},
			{"name", is_uuid ? "own_tenant_uuids" : "own_tenants"}
		};

		format_append(&statements, "\n", "%s",
					  export_template_from(is_own ? "menuca_hosted_own_tenants_template" : "menuca_hosted_public_template",
										   values, lengthof(values)));
	}
	return statements.data;
}

/* The functions that policies call, as GRANT takes them. */
static char *
granted_functions(const AccessExport *export)
{
	StringInfoData called;
	ListCell   *lc;

	initStringInfo(&called);
	appendStringInfoString(&called, "menuca_access.claim_bigint(text, text), menuca_access.claim_bigint(text, jsonb),"
						   " menuca_access.claim_uuid(text, text), menuca_access.claim_uuid(text, jsonb),"
						   " menuca_access.claims_in, menuca_access.claim_token(text, text), menuca_access.claim_token(jsonb, text),"
						   " menuca_access.json_token, menuca_access.scan_claim, menuca_access.is_key,"
						   " menuca_access.token_bigint, menuca_access.token_uuid");
	foreach(lc, export->views)
	{
		if (strcmp(((OwnerView *) lfirst(lc))->name, OWN_TENANTS_VIEW) == 0)
			appendStringInfo(&called, ", " HOSTED_SCHEMA ".%s",
							 membership_require()->tenant_type == UUIDOID ? "own_tenant_uuids" : "own_tenants");
	}
	return called.data;
}

/* They have nothing but the keys of rows that are public. */
static char *
view_grants(const AccessExport *export)
{
	StringInfoData grants;
	ListCell   *lc;

	initStringInfo(&grants);
	foreach(lc, export->views)
	{
		const OwnerView *view = lfirst(lc);

		if (strcmp(view->name, OWN_TENANTS_VIEW) != 0)
			appendStringInfo(&grants, "\tGRANT SELECT ON " HOSTED_SCHEMA ".%s TO %s;\n", quote_identifier(view->name), all_roles());
	}
	return grants.data;
}

/* Policies come first: without any, row security hides all rows. */
static void
add_table_file(AccessExport *export, const HostedTable *table)
{
	StringInfoData changes;
	ListCell   *lc;

	initStringInfo(&changes);
	foreach(lc, table->policies)
	{
		const AccessPolicy *policy = lfirst(lc);

		appendStringInfo(&changes, "\t\t\tCREATE POLICY %s ON %s %s;\n", quote_identifier(policy->name), table->name, policy->definition);
	}
	if (!table->wanted->foreign)
		appendStringInfo(&changes, "\t\t\tALTER TABLE ONLY %s ENABLE ROW LEVEL SECURITY;", table->name);

	{
		ExportValue values[] = {
			export->guard,
			{"table", quote_literal_cstr(table->name)},
			{"wanted", quote_literal_cstr(table->json)},
			{"changes", changes.data}
		};

		export_set_add(export->set, EXPORT_CHANGE, export_set_file_name("02", table->number, table->wanted->table), psprintf("policies and privileges of table %s", table->name),
					   list_make1(export_template_do(EXPORT_SETTINGS, export_template_from("menuca_hosted_table_template", values, lengthof(values)))));
	}
}

static void
add_matrix(AccessExport *export)
{
	StringInfoData json;

	initStringInfo(&json);
	json_begin(&json);
	json_raw(&json, "original", export->original);
	json_text(&json, "server", psprintf("%d", PG_VERSION_NUM / 10000));
	json_raw(&json, "cells", matrix_cells(export));
	json_end(&json);
	{
		ExportValue values[] = {{"wanted", quote_literal_cstr(json.data)}};

		export_set_add(export->set, EXPORT_READ, "04_matrix", "tries what each role can do, and undoes it",
					   list_make1(export_template_check("menuca_hosted_access_matrix_template", SET_NAME, "04_matrix", values, lengthof(values))));
	}
}

/* What menuca_access.try_access() is to try, as JSON. */
static char *
matrix_cells(const AccessExport *export)
{
	StringInfoData json;
	StringInfoData claims;
	bool		is_first = true;
	ListCell   *lc;

	initStringInfo(&claims);
	json_begin(&claims);
	json_text(&claims, "tenant", claim_template(membership_is_used() ? menuca_membership_claim : menuca_tenant_claim));
	json_text(&claims, "user", claim_template(menuca_user_claim));
	json_end(&claims);

	initStringInfo(&json);
	json_begin(&json);
	json_text(&json, "setting", claim_setting_name());
	json_raw(&json, "claims", claims.data);
	json_text(&json, "members", membership_is_used() ? membership_members_query(membership_require()) : NULL);
	json_texts(&json, "roles", list_make3((char *) access_role_name(ROLE_PUBLIC), (char *) access_role_name(ROLE_TENANT),
										  (char *) access_role_name(ROLE_ADMIN)));
	json_raw(&json, "tables", "[");
	foreach(lc, export->tables)
	{
		char	   *cells = hosted_table_cells(lfirst(lc), export->cells);

		if (cells == NULL)
			continue;
		appendStringInfo(&json, "%s%s", is_first ? "" : ",\n", cells);
		is_first = false;
	}
	appendStringInfoChar(&json, ']');
	json_end(&json);
	return json.data;
}

/* The claims of a request, with a mark in place of the owner. */
static char *
claim_template(const char *claim)
{
	return jwt_claim_object(claim, "\"menuca:owner\"");
}

static void
add_rollback(AccessExport *export, const HostedTable *table)
{
	ExportValue values[] = {export->guard, {"table", quote_literal_cstr(table->name)}};

	export_set_add(export->set, EXPORT_UNDO, export_set_file_name("05_rollback", table->number, table->wanted->table), psprintf("makes table %s what it was", table->name),
				   list_make1(export_template_do(EXPORT_SETTINGS, export_template_from("menuca_hosted_rollback_template", values, lengthof(values)))));
}

static void
add_rollback_functions(AccessExport *export)
{
	StringInfoData views;
	StringInfoData functions;

	initStringInfo(&views);
	initStringInfo(&functions);
	appendStringInfoString(&functions, "'{claim_bigint,claim_uuid,claims_in,claim_token,json_token,scan_claim,is_key,token_bigint,token_uuid,"
						   "own_tenants,own_tenant_uuids,state_of,difference,begin_table,finish_table,excess_of,revoke_excess,grant_missing,"
						   "give_back,roll_back_table,of_present,with_grants_since,is_of_others,try_access,sample_rows,try_cell,cell_statement}'::text[]");
	for (int i = list_length(export->views) - 1; i >= 0; i--)
	{
		const OwnerView *view = list_nth(export->views, i);

		appendStringInfo(&views, "\t\t\tDROP VIEW IF EXISTS " HOSTED_SCHEMA ".%s;\n", quote_identifier(view->name));
	}
	{
		ExportValue values[] = {
			export->guard,
			{"schema_literal", quote_literal_cstr(quote_identifier(menuca_target_schema))},
			{"views", views.data},
			{"functions", functions.data}
		};

		export_set_add(export->set, EXPORT_UNDO, "06_rollback_functions", "drops schema " HOSTED_SCHEMA ", after all tables were rolled back",
					   list_make1(export_template_do(EXPORT_SETTINGS, export_template_from("menuca_hosted_rollback_functions_template", values, lengthof(values)))));
	}
}

/* "anon, authenticated, service_role" */
static char *
all_roles(void)
{
	return psprintf("%s, %s, %s", access_role_quoted(ROLE_PUBLIC), access_role_quoted(ROLE_TENANT), access_role_quoted(ROLE_ADMIN));
}
