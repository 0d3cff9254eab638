/*-------------------------------------------------------------------------
 *
 * users_column.h
 *	  Columns and constraints of the users' tables, of which some may be missing.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_USERS_COLUMN_H
#define MENUCA_USERS_COLUMN_H

#include "nodes/pg_list.h"

/* Whether a table in menuca.seating_schema has that column, and it can be written. */
extern bool users_column_exists(const char *table, const char *column);

/* The type of a column, domains looked through; InvalidOid without it. */
extern Oid	users_column_type(const char *table, const char *column);

/* An expression for its value as text, in the current memory context; alias is the table's.  NULL without it. */
extern char *users_column_text(const char *table, const char *column, const char *alias);

/* Whether it has a foreign key on that column, so that not any value can be written. */
extern bool users_column_refers(const char *table, const char *column);

/* Whether an index of all its rows begins with the two columns, so that they are found by them. */
extern bool users_column_leads_index(const char *table, const char *first, const char *second);

/*
 * Has all deferrable exclusion and unique constraints of these tables (a list of names)
 * checked at each statement; returns those that were declared as deferred.
 */
extern List *users_column_begin_immediate(List *tables);

/* Defers those again. */
extern void users_column_end_immediate(List *constraints);

#endif							/* MENUCA_USERS_COLUMN_H */
