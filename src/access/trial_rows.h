/*-------------------------------------------------------------------------
 *
 * trial_rows.h
 *	  Rows to try policies out on, in tables of any structure.
 *
 * They are made with the caller's rights in a subtransaction that is undone,
 * as copies of existing rows, for three restaurants and three customers that are
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
	FOREIGN,					/* somebody else */
	THIRD,						/* and yet another one */
	NOBODY						/* the owner's column is NULL */
};

#define OWNERS (THIRD + 1)

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
	char	   *members_of;		/* the restaurant that members were made for */
	List	   *members;		/* claims of members of the staff, see
								 * trial_member.h */
	List	   *strangers;		/* claims of those who are none any more */
} TrialWorld;

/*
 * Makes a row of a table for an owner; public: whether the table's public
 * condition is true for it.  A row that is an owner itself becomes that owner.
 * Raises an error when the row cannot be made.
 */
extern TrialRow *trial_row_make(TrialWorld *world, const WantedAccess *wanted,
								int owner, bool public);

/* True if a row of the table can have no owner: each owner's column may be NULL. */
extern bool trial_row_can_be_ownerless(const WantedAccess *wanted);

/*
 * Makes a row of an owner, or of NOBODY; whether its public condition is true is
 * left to the table.
 */
extern TrialRow *trial_row_make_any(TrialWorld *world, const WantedAccess *wanted, int owner);

/*
 * A condition that only the owner's row of a table meets, which is the owner itself or
 * was made as a parent of his rows.  Raises an error when there is none.
 */
extern char *trial_row_of_owner(const TrialWorld *world, const WantedAccess *wanted, int owner);

/*
 * Makes a row of any table, with these values, C strings, in the columns of these
 * numbers.
 */
extern TrialRow *trial_row_make_with(TrialWorld *world, Oid relid, const List *attnums,
									 const List *values);

/*
 * The value of a key's column in an owner's rows, for which parents are made;
 * is_user: the key is a customer's, not a tenant's.
 */
extern char *trial_row_owner_value(TrialWorld *world, const AccessKey *key, int owner,
								   bool is_user);

/*
 * What follows INSERT INTO table: the columns and values of the same row, with
 * another value, a literal, for the column of that name unless it is NULL.  only:
 * no other columns get a value, names as in TrialColumn; NIL for all.
 */
extern char *trial_row_values(const TrialRow *row, const List *only, const char *column, const char *value);

/* The columns of the row's primary key, quoted, with commas. */
extern char *trial_row_key_columns(const TrialRow *row);

#endif							/* MENUCA_TRIAL_ROWS_H */
