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

#include "fmgr.h"
#include "utils/guc.h"

#include "base/compat.h"
#include "base/extension.h"
#include "base/guc_scope.h"
#include "base/settings.h"

MENUCA_MODULE_MAGIC(MENUCA_LIBRARY);

/* The value of menuca.running_ticket while no ticket is running. */
#define NO_TICKET (-1)

char	   *menuca_source_table;
char	   *menuca_combo_groups_table;
char	   *menuca_v2_group_items_table;
char	   *menuca_menu_table;
char	   *menuca_ingredients_table;
char	   *menuca_group_dishes_table;
char	   *menuca_target_schema;
int			menuca_engine;
char	   *menuca_jwt_claims;
char	   *menuca_tenant_claim;
char	   *menuca_user_claim;
char	   *menuca_public_role;
char	   *menuca_tenant_role;
char	   *menuca_admin_role;
int			menuca_running_ticket = NO_TICKET;
double		menuca_max_query_time;
double		menuca_max_planning_time;

static const struct config_enum_entry engine_options[] = {
	{"auto", MENUCA_ENGINE_AUTO, false},
	{"executor", MENUCA_ENGINE_EXECUTOR, false},
	{NULL, 0, false}
};

void		_PG_init(void);

/* Defines the parameters.  The server calls this when it loads the library. */
void
_PG_init(void)
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

	MarkGUCPrefixReserved("menuca");
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
