/*-------------------------------------------------------------------------
 *
 * original.h
 *	  Tables that only the original has, and reading and writing for an import.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ORIGINAL_H
#define MENUCA_ORIGINAL_H

#include "base/query.h"

/* A column that is needed.  TEXTOID: of any type, read as text. */
typedef struct OriginalColumn
{
	const char *name;
	Oid			type;
} OriginalColumn;

/* A table in menuca.seating_schema. */
typedef struct OriginalTable
{
	Oid			relid;			/* InvalidOid when it is missing */
	char	   *quoted;			/* its name for SQL */
	char	   *missing;		/* why it cannot be read, as a sentence
								 * without its full stop; NULL when it can */
} OriginalTable;

/*
 * Finds a table, and looks for n columns of it.  Raises an error when the caller may not
 * read it, or row security hides rows of it from him.
 */
extern OriginalTable *original_find(const char *name, const OriginalColumn *columns, int n);

/*
 * An expression for a column of any type, as text, or for one of that type; otherwise where
 * there is no such column.
 */
extern char *original_text(const OriginalTable *table, const char *column, const char *alias, const char *otherwise);
extern char *original_value(const OriginalTable *table, const char *column, Oid type, const char *alias, const char *otherwise);

/* Appends an array of n values of that type; nulls may be NULL. */
extern void original_array(QueryArgs *args, Oid type, const Datum *values, const bool *nulls, int n);

/*
 * Reads a table of the extension as its owner, under the active query snapshot: whoever
 * imports needs no right on it.
 */
extern List *original_read_own(const char *table, const char *sql, QueryArgs *args, QueryMakeFn fn);

#endif							/* MENUCA_ORIGINAL_H */
