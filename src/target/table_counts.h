/*-------------------------------------------------------------------------
 *
 * table_counts.h
 *	  How many rows the tables of the migrated schema have, and in what state.
 *
 * Tickets and backups record these figures, and the validation compares with
 * them.  A table that lost rows and gained as many has the same count, so the
 * greatest id is recorded, too: rows that are added later have greater ids.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TABLE_COUNTS_H
#define MENUCA_TABLE_COUNTS_H

#include "access/attnum.h"

/* The tables that are counted. */
extern const char *const table_counts_tables[];
extern const int table_counts_ntables;

/* States of rows that are counted where a table has the columns for it. */
typedef enum RowState
{
	ROWS_ACTIVE,				/* is_active, or of a restaurant status active */
	ROWS_NAMED,					/* the name is not blank */
	ROWS_PRICED,				/* there is a price */
	ROWS_RULED,					/* combo_rules states an item_count */
	ROWS_LINKED					/* they have a legacy id */
} RowState;

#define ROW_STATES (ROWS_LINKED + 1)

typedef struct TableCounts
{
	int64		rows;
	bool		has_max_id;
	int64		max_id;			/* the greatest id */
	bool		has_state[ROW_STATES];
	int64		in_state[ROW_STATES];
} TableCounts;

/* The name of a state: "active", "named", ... */
extern const char *table_counts_state_name(RowState state);

/*
 * True if a table of the schema exists and the caller may read all of its rows.
 */
extern bool table_counts_is_readable(const char *schema, const char *table);

/*
 * Counts the rows of such a table or, if max_id is not NULL, those whose id is at
 * most that.  with_states: counts the states, too.
 */
extern void table_counts_take(const char *schema, const char *table, const int64 *max_id,
							  bool with_states, TableCounts *counts);

/*
 * The condition of a state, as SQL on a row t of such a table; NULL when it lacks
 * the columns.
 */
extern char *table_counts_condition(const char *schema, const char *table, RowState state);

/*
 * These figures as a JSON object with the table's name and schema and, for the
 * dishes, the restaurants that have an active dish as the text of an
 * int8multirange (menus).
 */
extern char *table_counts_json(const char *schema, const char *table);

/*
 * All tables of the target schema that exist and that the caller may read: a
 * jsonb object of these objects, by the tables' names.
 */
extern Datum table_counts(void);

#endif							/* MENUCA_TABLE_COUNTS_H */
