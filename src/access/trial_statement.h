/*-------------------------------------------------------------------------
 *
 * trial_statement.h
 *	  The statements that are tried on a trial row.
 *
 * Some of them read no column of the table ("blind"): to these the server applies
 * no policy for SELECT.  They have to be without a WHERE, and so would concern all
 * rows of the table; WHERE CURRENT OF a cursor reads no column either, and leaves
 * it at the trial row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TRIAL_STATEMENT_H
#define MENUCA_TRIAL_STATEMENT_H

#include "utils/acl.h"

#include "access/trial_rows.h"

typedef enum TrialStatement
{
	/* On a row that exists */
	TRIAL_SELECT,
	TRIAL_LOCK,
	TRIAL_UPDATE,
	TRIAL_UPDATE_BLIND,
	TRIAL_UPDATE_RETURNING,
	TRIAL_MERGE_UPDATE,
	TRIAL_UPSERT,
	TRIAL_DELETE,
	TRIAL_DELETE_BLIND,
	TRIAL_DELETE_RETURNING,
	TRIAL_MERGE_DELETE,

	/* On one that does not */
	TRIAL_INSERT,
	TRIAL_INSERT_RETURNING,
	TRIAL_MERGE_INSERT
} TrialStatement;

#define TRIAL_STATEMENTS (TRIAL_MERGE_INSERT + 1)

/* A row, and what statements about it are made of. */
typedef struct TrialTarget
{
	const TrialRow *row;
	char	   *table;			/* quoted */
	char	   *key;			/* columns of the primary key, quoted */
	char	   *column;			/* to update, quoted; NULL: there is none */
	char	   *value;			/* a literal of the column's own value */
	const List *only;			/* the only columns that a new row gives a
								 * value to; NIL for all */
	char	   *values;			/* what follows INSERT INTO table */
	bool		can_upsert;		/* the primary key can be a conflict's */
} TrialTarget;

/* What the statement is called in the matrix, such as "update, blind". */
extern const char *trial_statement_name(TrialStatement statement);

/* The commands that a role must be allowed on a row for the statement to succeed. */
extern AclMode trial_statement_needs(TrialStatement statement);

/* True if it is tried with each kind of claims, not with a few. */
extern bool trial_statement_is_thorough(TrialStatement statement);

/*
 * Prepares the statements about a row, which exists.  only: a new row gives a value
 * to these columns alone, as trial_row_values() takes them.
 */
extern TrialTarget *trial_target_make(const WantedAccess *wanted, const TrialRow *row, const List *only);

/*
 * The statement; NULL when the table has no column, or no key, for it.  It sets the
 * column to the value, a literal.
 */
extern char *trial_statement_text(const TrialTarget *target, TrialStatement statement);

/* The same target with another column and another value of it, a literal. */
extern TrialTarget *trial_target_with(const TrialTarget *target, const char *column, const char *value);

/*
 * Leaves a cursor at the row, as the table's owner, for blind statements; it is
 * closed with the subtransaction, or by the second function.
 */
extern void trial_cursor_open(const TrialRow *row);
extern void trial_cursor_close(void);

#endif							/* MENUCA_TRIAL_STATEMENT_H */
