/*-------------------------------------------------------------------------
 *
 * export_template.h
 *	  Statements of exported files, made of templates.
 *
 * A template is what an SQL function of the extension returns: text with
 * placeholders {{name}}.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_TEMPLATE_H
#define MENUCA_EXPORT_TEMPLATE_H

#include "nodes/pg_list.h"

/* What stands for a placeholder, as SQL: a value of the data is quoted already. */
typedef struct ExportValue
{
	const char *name;
	const char *sql;
} ExportValue;

/*
 * A template with these values for its placeholders; of equal names the first counts.
 * A value is not searched for placeholders.  Raises an error when the template has a
 * placeholder without a value.
 */
extern char *export_template_fill(const char *text, const ExportValue *values, int n);

/*
 * The same of the template that a function of the extension, which has no arguments,
 * returns.
 */
extern char *export_template_from(const char *function, const ExportValue *values, int n);

/*
 * Settings of a statement that changes no values: a search_path of pg_catalog, and a
 * lock_timeout that is short enough for the queue behind it.
 */
#define EXPORT_SETTINGS "{\"search_path\": \"pg_catalog, pg_temp\", \"lock_timeout\": \"5s\"}"

/*
 * A DO statement that executes these statements in PL/pgSQL, whatever texts they
 * hold, with these settings, a JSON object; they are the caller's again afterwards.
 */
extern char *export_template_do(const char *settings, const char *statements);

/*
 * A SELECT that returns the check rows of this one, which finds nothing of others
 * by the search_path; it is the caller's again afterwards.
 */
extern char *export_template_read(const char *query);

/*
 * A check, one SELECT: a template that begins after WITH, and has besides its own
 * values the rows about the database and the receipt of base_export.sql.
 */
extern char *export_template_check(const char *function, const char *set, const char *file,
								   const ExportValue *values, int n);

#endif							/* MENUCA_EXPORT_TEMPLATE_H */
