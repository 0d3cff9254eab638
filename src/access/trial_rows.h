/*-------------------------------------------------------------------------
 *
 * trial_rows.h
 *	  Rows to try policies out on, in tables of any structure.
 *
 * They are made with the caller's rights in a subtransaction that is undone,
 * as copies of existing rows, for two restaurants and two customers that are
 * made as well.  No sequence is drawn from.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TRIAL_ROWS_H
#define MENUCA_TRIAL_ROWS_H

#include "access/wanted_row.h"

/* Who owns a row. */
enum
{
	OWN,						/* whom the claims name */
	FOREIGN						/* somebody else */
};

#define OWNERS (FOREIGN + 1)

typedef struct TrialRow
{
	Oid			relid;
	int			owner;
	char	   *where;			/* the condition that only this row meets */
	char	   *key;			/* its primary key if that is one column */
} TrialRow;

/* The restaurants and customers, and the parent rows that were made for them. */
typedef struct TrialWorld
{
	List	   *wanted;			/* WantedAccesses of all tables */
	char	   *tenant[OWNERS]; /* the value of their claims; NULL: none yet */
	char	   *user[OWNERS];
	List	   *parents;		/* TrialRows */
} TrialWorld;

/*
 * Makes two restaurants and two customers, in the tables that the wanted
 * access has for them; without such a table any value serves as the claim.
 */
extern void trial_world_make(TrialWorld *world);

/*
 * Makes a row of a table for an owner; public: whether the table's public
 * condition is true for it.  A row that is an owner itself becomes that owner.
 * Raises an error when the row cannot be made.
 */
extern TrialRow *trial_row_make(TrialWorld *world, const WantedAccess *wanted,
								int owner, bool public);

/*
 * The value of a key's column in an owner's rows, for which parents are made;
 * is_user: the key is a customer's, not a tenant's.
 */
extern char *trial_row_owner_value(TrialWorld *world, const AccessKey *key, int owner,
								   bool is_user);

/*
 * An INSERT of the same row, to be used once that row has been deleted.  columns:
 * only these get a value, names as in TrialColumn; NIL for all.
 */
extern char *trial_row_insert(const TrialRow *row, const List *columns);

#endif							/* MENUCA_TRIAL_ROWS_H */
