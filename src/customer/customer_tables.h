/*-------------------------------------------------------------------------
 *
 * customer_tables.h
 *	  The tables that a customer's menu is made of, as the catalog has them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CUSTOMER_TABLES_H
#define MENUCA_CUSTOMER_TABLES_H

#include "access/attnum.h"
#include "nodes/pg_list.h"

/* One of them.  Names of columns are quoted, for SQL; NULL: it has no such column. */
typedef struct CustomerTable
{
	Oid			oid;			/* InvalidOid: there is none */
	char	   *name;			/* qualified and quoted, for SQL */
	char	   *id;
	char	   *restaurant;
	AttrNumber	label;			/* column name; 0 when absent, as the next
								 * three */
	AttrNumber	is_active;		/* a boolean */
	AttrNumber	deleted_at;
	AttrNumber	status;			/* of restaurants */
} CustomerTable;

typedef struct CustomerTables
{
	CustomerTable restaurants;	/* need not exist */
	CustomerTable groups;
	CustomerTable dishes;
	CustomerTable items;
	char	   *item_group;		/* references of items, quoted */
	char	   *item_dish;
	char	   *item_count;		/* SQL text of the number in combo_rules, of a
								 * group g; NULL without such a column */
} CustomerTables;

/*
 * Looks them up in the schema menuca.target_schema.  Raises an error when combo_groups,
 * combo_items or dishes, or a column that connects them, is missing, when the caller
 * lacks SELECT on one of them, and when row security would hide rows from the caller.
 */
extern CustomerTables *customer_tables_open(void);

/*
 * An SQL expression that is true for rows that the web site shows: active, not
 * deleted, of a restaurant: of the status active; as far as the table has such
 * columns.  It is never NULL, and qualifies all names.
 */
extern char *customer_tables_shows(const CustomerTable *table, const char *alias);

/* An SQL expression for the row's name as text; NULL::text without such a column. */
extern char *customer_tables_label(const CustomerTable *table, const char *alias);

/* The tables whose row security decides what customers see: the oids of those that have it off. */
extern List *customer_tables_open_to_all(const CustomerTables *tables);

/* What the checks do without, as a sentence; NULL: nothing. */
extern char *customer_tables_missing(const CustomerTables *tables);

#endif							/* MENUCA_CUSTOMER_TABLES_H */
