/*-------------------------------------------------------------------------
 *
 * settings.c
 *	  The library's entry point and its configuration parameters.
 *
 * A repair begins in fix/fix_combos.c; src/README.md is a map of the rooms.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "base/extension.h"
#include "base/guc_scope.h"
#include "base/settings.h"

MENUCA_MODULE_MAGIC(MENUCA_LIBRARY);

/* The part of a parameter's name before the dot, which nobody else may use. */
#define SETTING_PREFIX "menuca"

/* The value of menuca.running_ticket while no ticket is running. */
#define NO_TICKET (-1)

char	   *menuca_source_table;
char	   *menuca_combo_groups_table;
char	   *menuca_v2_group_items_table;
char	   *menuca_menu_table;
char	   *menuca_ingredients_table;
char	   *menuca_group_dishes_table;
char	   *menuca_target_schema;
char	   *menuca_seating_schema;
int			menuca_engine;
bool		menuca_details;
char	   *menuca_jwt_claims;
char	   *menuca_tenant_claim;
char	   *menuca_user_claim;
char	   *menuca_public_role;
char	   *menuca_tenant_role;
char	   *menuca_admin_role;
int			menuca_tenant_by;
char	   *menuca_membership_table;
char	   *menuca_membership_user_column;
char	   *menuca_membership_tenant_column;
char	   *menuca_membership_condition;
char	   *menuca_membership_claim;
int			menuca_running_ticket = NO_TICKET;
double		menuca_max_query_time;
double		menuca_max_planning_time;
double		menuca_max_access_overhead;

static const struct config_enum_entry engine_options[] = {
	{"auto", MENUCA_ENGINE_AUTO, false},
	{"executor", MENUCA_ENGINE_EXECUTOR, false},
	{NULL, 0, false}
};

static const struct config_enum_entry tenant_by_options[] = {
	{"claim", MENUCA_TENANT_BY_CLAIM, false},
	{"membership", MENUCA_TENANT_BY_MEMBERSHIP, false},
	{NULL, 0, false}
};

/* A parameter that had a value before the library was loaded. */
typedef struct EarlySetting
{
	char	   *name;
	char	   *value;
	GucSource	source;
} EarlySetting;

/* All of these parameters, ours and unknown ones. */
static List *early_settings = NIL;

/* The unknown ones among them, if no call could be refused at once. */
static List *unknown_settings = NIL;

/* The library was loaded before a call: by the server, or with the session. */
static bool preloaded = false;
static bool preloaded_by_server = false;

static void define_settings(void);
static List *find_placeholders(void);
static bool is_dropped(const EarlySetting *early);
static void refuse_unknown(const EarlySetting *first);
static void require_known_stored_settings(void);
static void require_known_in(Relation settings, Oid database, Oid role);
static bool is_known(const char *name);
static char *how_to_reset(const EarlySetting *setting);
static void require_accepted_settings(void);

void		_PG_init(void);

/*
 * Defines the parameters.  The server calls this when it loads the library, at
 * the first call of a session, and again at each call until it ends without an
 * error.
 *
 * Before that, the server accepts any parameter of our prefix, and would only
 * warn of those that turn out to be misspelt or invalid and drop them.  A call
 * with other settings than the user meant is worse than none.  Where the library
 * is preloaded, no call is waiting for an error, and an error would keep the
 * server from starting, or everybody from connecting: settings_require() raises
 * it at the next call.
 */
void
_PG_init(void)
{
	static bool defined = false;

	if (!defined)
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

		early_settings = find_placeholders();
		MemoryContextSwitchTo(old);
		define_settings();
		defined = true;
	}
	if (IsTransactionState() && IsNormalProcessingMode())
	{
		List	   *unknown = find_placeholders();

		if (unknown)
			refuse_unknown(linitial(unknown));
		require_accepted_settings();
	}
	else
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

		unknown_settings = find_placeholders();
		MemoryContextSwitchTo(old);
		preloaded = true;
		preloaded_by_server = process_shared_preload_libraries_in_progress;
	}
	MarkGUCPrefixReserved(SETTING_PREFIX);
}

void
settings_require(void)
{
	static bool accepted = false;

	if (!preloaded || accepted)
		return;
	if (unknown_settings)
		refuse_unknown(linitial(unknown_settings));
	require_accepted_settings();
	if (preloaded_by_server)
		require_known_stored_settings();
	accepted = true;
}

/*
 * The parameters of our prefix that have a value, but are not defined (yet); in
 * the current memory context.
 */
static List *
find_placeholders(void)
{
	int			n;
	struct config_generic **settings = menuca_guc_variables(&n);
	List	   *early = NIL;

	for (int i = 0; i < n; i++)
	{
		const char *value;
		EarlySetting *setting;

		if ((settings[i]->flags & GUC_CUSTOM_PLACEHOLDER) == 0 ||
			settings[i]->source == PGC_S_DEFAULT ||
			pg_strncasecmp(settings[i]->name, SETTING_PREFIX ".", strlen(SETTING_PREFIX ".")) != 0)
			continue;
		value = *((struct config_string *) settings[i])->variable;
		setting = palloc(sizeof(EarlySetting));
		setting->name = pstrdup(settings[i]->name);
		setting->value = pstrdup(value ? value : "");
		setting->source = settings[i]->source;
		early = lappend(early, setting);
	}
	return early;
}

/*
 * True if the parameter is one of ours and has the value of a weaker source than
 * before: the server has dropped the early one.
 */
static bool
is_dropped(const EarlySetting *early)
{
	int			n;
	struct config_generic **settings = menuca_guc_variables(&n);

	for (int i = 0; i < n; i++)
	{
		if (pg_strcasecmp(settings[i]->name, early->name) == 0)
			return settings[i]->source < early->source &&
				(settings[i]->flags & GUC_CUSTOM_PLACEHOLDER) == 0;
	}
	return false;
}

/* The parameter has our prefix, but is not ours. */
static void
refuse_unknown(const EarlySetting *first)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("there is no setting \"%s\"", first->name),
			 errdetail("Its value is \"%s\". The name may be misspelt, so nothing was done.", first->value),
			 errhint("%s", how_to_reset(first))));
}

/*
 * Settings of roles and databases that were stored when the name was free: the
 * server drops them, with a warning, when a session begins.
 */
static void
require_known_stored_settings(void)
{
	Relation	settings = table_open(DbRoleSettingRelationId, AccessShareLock);

	require_known_in(settings, MyDatabaseId, GetSessionUserId());
	require_known_in(settings, InvalidOid, GetSessionUserId());
	require_known_in(settings, MyDatabaseId, InvalidOid);
	require_known_in(settings, InvalidOid, InvalidOid);
	table_close(settings, AccessShareLock);
}

static void
require_known_in(Relation settings, Oid database, Oid role)
{
	EarlySetting early = {.source = !OidIsValid(role) ? PGC_S_DATABASE : !OidIsValid(database) ? PGC_S_USER : PGC_S_DATABASE_USER};
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_db_role_setting_setdatabase, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(database));
	ScanKeyInit(&keys[1], Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
	scan = systable_beginscan(settings, DbRoleSettingDatidRolidIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		isnull;
		Datum		config = heap_getattr(tuple, Anum_pg_db_role_setting_setconfig,
										  RelationGetDescr(settings), &isnull);
		Datum	   *texts;
		bool	   *nulls;
		int			n = 0;

		if (!isnull)
			deconstruct_array(DatumGetArrayTypeP(config), TEXTOID, -1, false, TYPALIGN_INT, &texts, &nulls, &n);
		for (int i = 0; i < n; i++)
		{
			char	   *equals;

			if (nulls[i])
				continue;
			early.name = TextDatumGetCString(texts[i]);
			equals = strchr(early.name, '=');
			if (equals == NULL)
				continue;
			*equals = '\0';
			early.value = equals + 1;
			if (pg_strncasecmp(early.name, SETTING_PREFIX ".", strlen(SETTING_PREFIX ".")) == 0 && !is_known(early.name))
				refuse_unknown(&early);
		}
	}
	systable_endscan(scan);
}

static bool
is_known(const char *name)
{
	int			n;
	struct config_generic **settings = menuca_guc_variables(&n);

	for (int i = 0; i < n; i++)
	{
		if (pg_strcasecmp(settings[i]->name, name) == 0)
			return true;
	}
	return false;
}

/* What to execute so that the parameter has no value any more. */
static char *
how_to_reset(const EarlySetting *setting)
{
	const char *name = setting->name;

	switch (setting->source)
	{
		case PGC_S_SESSION:
			return psprintf("RESET %s;", name);
		case PGC_S_DATABASE:
			return psprintf("ALTER DATABASE %s RESET %s; then connect again.",
							quote_identifier(get_database_name(MyDatabaseId)), name);
		case PGC_S_USER:
			return psprintf("ALTER ROLE %s RESET %s; then connect again.",
							quote_identifier(GetUserNameFromId(GetSessionUserId(), false)), name);
		case PGC_S_DATABASE_USER:
			return psprintf("ALTER ROLE %s IN DATABASE %s RESET %s; then connect again.",
							quote_identifier(GetUserNameFromId(GetSessionUserId(), false)),
							quote_identifier(get_database_name(MyDatabaseId)), name);
		case PGC_S_CLIENT:
			return psprintf("Remove %s from the options of the connection (PGOPTIONS), and connect again.", name);
		default:
			if (preloaded_by_server)
				return psprintf("Remove %s from postgresql.conf, or: ALTER SYSTEM RESET %s; then restart the server, which preloads the library.",
								name, name);
			return psprintf("Remove %s from postgresql.conf, or: ALTER SYSTEM RESET %s; then reload the server's configuration: SELECT pg_reload_conf(); and connect again.",
							name, name);
	}
}

/*
 * Raises an error while a value that was set before the library was loaded is
 * replaced by a default, because it was not accepted.
 */
static void
require_accepted_settings(void)
{
	ListCell   *lc;

	foreach(lc, early_settings)
	{
		const EarlySetting *early = lfirst(lc);

		if (!is_dropped(early))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("setting \"%s\" does not accept the value \"%s\"", early->name, early->value),
				 errdetail("The value is invalid, or only a superuser may set it. Nothing was done."),
				 errhint("Set it to another value, such as the one that it has now: SET %s = %s; or connect again without it.",
						 early->name,
						 quote_literal_cstr(GetConfigOption(early->name, false, false)))));
	}
}

/* Defines each parameter; one that was set before gets that value. */
static void
define_settings(void)
{
	DefineCustomStringVariable("menuca.source_table",
							   "The staged V1 table that is used when no source is named.",
							   NULL,
							   &menuca_source_table,
							   "staging.menuca_v1_combos",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.combo_groups_table",
							   "The staged V1 groups, with lists of the dishes that they offer.",
							   NULL,
							   &menuca_combo_groups_table,
							   "staging.menuca_v1_combo_groups",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.v2_group_items_table",
							   "The staged V2 table with the lists of the dishes that its groups offer.",
							   NULL,
							   &menuca_v2_group_items_table,
							   "staging.menuca_v2_restaurants_combo_groups_items",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.menu_table",
							   "The staged V1 menu, if it was loaded.",
							   NULL,
							   &menuca_menu_table,
							   "staging.menuca_v1_menu",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.ingredients_table",
							   "The staged V1 ingredients, if they were loaded: their ids are not ids of dishes.",
							   NULL,
							   &menuca_ingredients_table,
							   "staging.menuca_v1_ingredients",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.group_dishes_table",
							   "The staged table of the dishes that V1's groups offer, if it exists.",
							   NULL,
							   &menuca_group_dishes_table,
							   "staging.menuca_v1_combo_group_dishes",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.seating_schema",
							   "Schema of the tables of restaurants, their dining tables and bookings.",
							   NULL,
							   &menuca_seating_schema,
							   "public",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.target_schema",
							   "The schema that holds combo_groups, dishes and the combo items.",
							   NULL,
							   &menuca_target_schema,
							   "menuca_v3",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomEnumVariable("menuca.engine",
							 "How new items are written.",
							 "\"auto\" uses the native engine for tables that it supports, \"executor\" never does.",
							 &menuca_engine,
							 MENUCA_ENGINE_AUTO, engine_options,
							 PGC_USERSET, 0,
							 NULL, NULL, NULL);

	DefineCustomBoolVariable("menuca.details",
							 "Fix, backfill and rollback report plan, probes, warnings and reasons one by one.",
							 "Otherwise each reports one line, and the ledger has the details of a run.",
							 &menuca_details,
							 false,
							 PGC_USERSET, 0,
							 NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.jwt_claims",
							   "The setting that holds the claims of a request, or a function such as auth.jwt().",
							   NULL,
							   &menuca_jwt_claims,
							   "request.jwt.claims",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.tenant_claim",
							   "The claim that names the restaurant that a member of its staff works for.",
							   "Nested keys are written with arrows: app_metadata -> restaurant_id.",
							   &menuca_tenant_claim,
							   "restaurant_id",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.user_claim",
							   "The claim that names the customer.",
							   NULL,
							   &menuca_user_claim,
							   "user_id",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.public_role",
							   "The role of requests without a login.",
							   NULL,
							   &menuca_public_role,
							   "anon",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.tenant_role",
							   "The role of requests with a login: restaurants' staff and customers.",
							   NULL,
							   &menuca_tenant_role,
							   "authenticated",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.admin_role",
							   "The role of the platform's own services.",
							   NULL,
							   &menuca_admin_role,
							   "service_role",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomEnumVariable("menuca.tenant_by",
							 "How the restaurants of a member of the staff are found.",
							 "\"claim\": the claim of menuca.tenant_claim names one; \"membership\": rows of menuca.membership_table do.",
							 &menuca_tenant_by,
							 MENUCA_TENANT_BY_CLAIM, tenant_by_options,
							 PGC_USERSET, 0,
							 NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.membership_table",
							   "The table that says who works for which restaurant.",
							   "Without a schema, it is one of menuca.target_schema.",
							   &menuca_membership_table,
							   "admin_user_restaurants",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.membership_user_column",
							   "Its column with the member, or a path through parents to it.",
							   "admin_user_id -> admin_users.auth_user_id",
							   &menuca_membership_user_column,
							   "admin_user_id -> admin_users.auth_user_id",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.membership_tenant_column",
							   "Its column with the restaurant.",
							   NULL,
							   &menuca_membership_tenant_column,
							   "restaurant_id",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.membership_condition",
							   "The condition on its rows for a membership to be in force.",
							   "Empty: the status of the row and of its parents is active; rows with deleted_at never count.",
							   &menuca_membership_condition,
							   "",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("menuca.membership_claim",
							   "The claim that names the member, such as the sub that auth.uid() returns.",
							   NULL,
							   &menuca_membership_claim,
							   "sub",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);

	DefineCustomIntVariable("menuca.running_ticket",
							"The ticket of the runbook whose fix is running in this session, or -1.",
							"The ticket has checked the backup, so the fix does not check it again.",
							&menuca_running_ticket,
							NO_TICKET, NO_TICKET, 99,
							PGC_INTERNAL, GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE,
							NULL, NULL, NULL);

	/* These decide whether a check passes, so only superusers may set them. */
	DefineCustomRealVariable("menuca.max_query_time",
							 "The median execution time at which a measured query fails.",
							 NULL,
							 &menuca_max_query_time,
							 100, 0, 1e9,
							 PGC_SUSET, GUC_UNIT_MS,
							 NULL, NULL, NULL);

	DefineCustomRealVariable("menuca.max_planning_time",
							 "The planning time at which a measured query gets a warning.",
							 NULL,
							 &menuca_max_planning_time,
							 10, 0, 1e9,
							 PGC_SUSET, GUC_UNIT_MS,
							 NULL, NULL, NULL);

	DefineCustomRealVariable("menuca.max_access_overhead",
							 "The overhead of row level security, in percent, at which a measured query fails.",
							 "From half of it on it gets a warning.",
							 &menuca_max_access_overhead,
							 20, 0, 1e9,
							 PGC_SUSET, 0,
							 NULL, NULL, NULL);
}

int
settings_begin_ticket(int no)
{
	int			nest_level = guc_scope_begin();

	(void) set_config_option("menuca.running_ticket", psprintf("%d", no),
							 PGC_INTERNAL, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return nest_level;
}

void
settings_end_ticket(int nest_level)
{
	guc_scope_end(nest_level);
}
