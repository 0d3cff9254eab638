/*-------------------------------------------------------------------------
 *
 * trial_rows.h
 *	  Rows to try policies out on, in tables that nobody here knows.
 *
 * They are made with the caller's rights in a subtransaction that is undone,
 * after the pattern of a row that is there, for two restaurants and two
 * customers that are made for it, too.  No sequence is drawn from.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TRIAL_ROWS_H
#define MENUCA_TRIAL_ROWS_H

#include "access/access.h"

/* Whose a row is. */
enum
{
	OWN,						/* the claims' */
	FOREIGN						/* somebody else's */
};

#define OWNERS (FOREIGN + 1)

typedef struct TrialRow
{
	Oid			relid;
	int			owner;
	char	   *where;			/* the condition that only this row meets */
	char	   *key;			/* its primary key, if a single column */
} TrialRow;

/* The restaurants and customers, and the rows that were made on the way. */
typedef struct TrialWorld
{
	List	   *wanted;			/* WantedAccess of all tables */
	char	   *tenant[OWNERS]; /* what a claim must be; NULL: none */
	char	   *user[OWNERS];
	List	   *parents;		/* TrialRow */
} TrialWorld;

/* Makes restaurants and customers, where the wanted access has such. */
extern void trial_world_make(TrialWorld *world);

/*
 * Makes a row of a table; of which the public condition is true if public.
 * The claims are the row's when that row is an owner itself.  Raises an error
 * when it cannot be made.
 */
extern TrialRow *trial_row_make(TrialWorld *world, const WantedAccess *wanted,
								int owner, bool public);

/* What stands in the column that a row's owner is found by. */
extern char *trial_owner_value(TrialWorld *world, const AccessKey *key, int owner,
							   bool is_user);

/* An INSERT of the same row, to be used once that row is gone. */
extern char *trial_row_insert(const TrialRow *row);

/* A column that can be updated without changing anything, quoted. */
extern char *trial_column(const WantedAccess *wanted);

#endif							/* MENUCA_TRIAL_ROWS_H */
