/*-------------------------------------------------------------------------
 *
 * membership.h
 *	  Who works for which restaurant, as rows of a table say: menuca.tenant_by.
 *
 * menuca.membership_table has a row for each member and restaurant, whose
 * menuca.membership_tenant_column names the restaurant.  The path of
 * menuca.membership_user_column leads to the member, as the claim of
 * menuca.membership_claim names him: admin_user_id -> admin_users.auth_user_id.
 * Rows that are not in force, there or in a table on that path, do not count.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MEMBERSHIP_H
#define MENUCA_MEMBERSHIP_H

#include "access/access_key.h"

/* A table that the path leads through, the membership table first. */
typedef struct MembershipTable
{
	Oid			relid;
	char	   *condition;		/* on its rows, as SQL; NULL: none */
	bool		can_be_removed; /* its rows have deleted_at, which must be
								 * NULL */
} MembershipTable;

typedef struct Membership
{
	Oid			relid;
	AccessKey  *user_key;		/* from its row to the member */
	AttrNumber	tenant;			/* its column with the restaurant */
	Oid			tenant_type;
	List	   *tables;			/* MembershipTables */
} Membership;

/* True if memberships say what a member of the staff may do. */
extern bool membership_is_used(void);

/*
 * What the settings say.  Raises an error when a table or column does not exist,
 * users could write the claim, or the condition could run code of others.
 */
extern Membership *membership_require(void);

/*
 * The same, and raises an error unless its column with the restaurant fits a key of
 * that type.
 */
extern void membership_require_type(Oid type);

/*
 * A query that returns the restaurants of the caller, as a column tenant: bigints,
 * or uuids.
 */
extern char *membership_query(const Membership *membership);

/* A query that returns all memberships in force, as texts: columns tenant and member. */
extern char *membership_members_query(const Membership *membership);

#endif							/* MENUCA_MEMBERSHIP_H */
