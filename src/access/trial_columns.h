/*-------------------------------------------------------------------------
 *
 * trial_columns.h
 *	  The columns of a trial row, and values for them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TRIAL_COLUMNS_H
#define MENUCA_TRIAL_COLUMNS_H

#include "access/attnum.h"
#include "nodes/pg_list.h"

#include "access/wanted_row.h"

/* Times to try. */
#define TRIAL_A_DAY_AGO "pg_catalog.now() OPERATOR(pg_catalog.-) '1 day'::pg_catalog.interval"
#define TRIAL_IN_A_DAY "pg_catalog.now() OPERATOR(pg_catalog.+) '1 day'::pg_catalog.interval"

typedef struct TrialColumn
{
	AttrNumber	attnum;
	char	   *name;			/* quoted */
	char	   *type;			/* as in a cast */
	Oid			type_oid;
	char		category;		/* pg_type.typcategory */
	bool		not_null;
	bool		has_default;
	bool		in_key;			/* of the primary key */
	Oid			parent;			/* the table it references, or InvalidOid */
	char	   *parent_column;	/* quoted */
	int			length;			/* maximum in characters; 0: none */
	char	   *value;			/* what to insert, as SQL; NULL: the default */
	bool		is_new;			/* no other row has that value */
} TrialColumn;

/* The columns of a table that an INSERT can give a value to: TrialColumns. */
extern List *trial_columns_of(Oid relid);

/* The column of that number.  Raises an error when it is generated. */
extern TrialColumn *trial_columns_find(const List *columns, AttrNumber attnum);

/*
 * Gives a new value to a column of each unique key, the primary key among
 * them, that has none yet.  has_pattern: the value may be derived from the
 * row "pattern" of the INSERT.
 */
extern void trial_columns_renew_keys(Oid relid, const List *columns, bool has_pattern);

/*
 * Any value of the column's type, as SQL.  Raises an error when none is known
 * for the type.
 */
extern char *trial_column_any_value(const TrialColumn *column);

/*
 * Values that may change what a condition on the column yields: a list of SQL
 * expressions, of which the first leaves the column as it is.
 */
extern List *trial_column_candidates(const TrialColumn *column);

/*
 * The name, quoted, of a column that every role may set to its own value; NULL
 * when there is none.
 */
extern char *trial_columns_to_update(const WantedAccess *wanted);

#endif							/* MENUCA_TRIAL_COLUMNS_H */
