/*-------------------------------------------------------------------------
 *
 * users_field.h
 *	  Columns of the users' tables that may be missing, for reading.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_USERS_FIELD_H
#define MENUCA_USERS_FIELD_H

/* The type of a column of a table in menuca.seating_schema, domains looked through; InvalidOid without it. */
extern Oid	users_field_type(const char *table, const char *column);

/* An expression for its value as text, in the current memory context; alias is the table's.  NULL without it. */
extern char *users_field_text(const char *table, const char *column, const char *alias);

#endif							/* MENUCA_USERS_FIELD_H */
