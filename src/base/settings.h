/*-------------------------------------------------------------------------
 *
 * settings.h
 *	  The configuration parameters, and the entry point of the library.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SETTINGS_H
#define MENUCA_SETTINGS_H

/* menuca.source_table: the staged V1 table used when no source is named */
extern char *menuca_source_table;

/* menuca.combo_groups_table: V1's staged groups, with the lists of their dishes */
extern char *menuca_combo_groups_table;

/* menuca.v2_group_items_table: V2's staged lists of the dishes of each group */
extern char *menuca_v2_group_items_table;

/*
 * menuca.menu_table, menuca.ingredients_table, menuca.group_dishes_table:
 * staged V1 tables that need not exist: dishes, ingredients, and the dishes that
 * groups offer
 */
extern char *menuca_menu_table;
extern char *menuca_ingredients_table;
extern char *menuca_group_dishes_table;

/* menuca.target_schema: the schema of combo_groups, dishes and combo_items */
extern char *menuca_target_schema;

/* menuca.seating_schema: the schema of restaurants, table_inventory and bookings */
extern char *menuca_seating_schema;

/* menuca.engine: which engine writes new items, see item_writer.h */
enum
{
	MENUCA_ENGINE_AUTO,			/* the native one for tables that it supports */
	MENUCA_ENGINE_EXECUTOR
};

extern int	menuca_engine;

/*
 * menuca.details: what a call does is told in several messages, not in one line.
 * VERBOSE is a keyword that SET does not take as a name.
 */
extern bool menuca_details;

/*
 * menuca.jwt_claims: the setting that holds the claims of a request or, written
 * with (), the function that returns them; menuca.tenant_claim,
 * menuca.user_claim: the claims that name the restaurant and the customer, see
 * jwt_claim.h
 */
extern char *menuca_jwt_claims;
extern char *menuca_tenant_claim;
extern char *menuca_user_claim;

/* menuca.public_role, menuca.tenant_role, menuca.admin_role: see access_roles.h */
extern char *menuca_public_role;
extern char *menuca_tenant_role;
extern char *menuca_admin_role;

/* menuca.tenant_by: how the restaurants of a member of the staff are found */
enum
{
	MENUCA_TENANT_BY_CLAIM,		/* menuca.tenant_claim names one */
	MENUCA_TENANT_BY_MEMBERSHIP /* rows of a table do, see membership.h */
};

extern int	menuca_tenant_by;

/*
 * menuca.membership_table, _user_column, _tenant_column, _condition, _claim: see
 * membership.h
 */
extern char *menuca_membership_table;
extern char *menuca_membership_user_column;
extern char *menuca_membership_tenant_column;
extern char *menuca_membership_condition;
extern char *menuca_membership_claim;

/*
 * menuca.running_ticket: the ticket of the runbook whose fix is running in this
 * session, or -1.  No user can set it; it is reset when the call ends or fails.
 */
extern int	menuca_running_ticket;

/* Set and reset it; the first returns the argument of the second. */
extern int	settings_begin_ticket(int no);
extern void settings_end_ticket(int nest_level);

/*
 * menuca.max_query_time, menuca.max_planning_time: in ms; from there on a
 * measured query is too slow, see measure_queries.h
 */
extern double menuca_max_query_time;
extern double menuca_max_planning_time;

/*
 * menuca.max_access_overhead: in percent; from there on the overhead of row level
 * security fails, from half of it on, ticket 08's 10 %, it gets a warning
 */
extern double menuca_max_access_overhead;

/*
 * Raises an error when a setting of our prefix was misspelt or had an invalid
 * value before the library was loaded.  Where a call loads the library, that
 * call is refused; where the server preloads it, the calls that this precedes.
 */
extern void settings_require(void);

#endif							/* MENUCA_SETTINGS_H */
