/*-------------------------------------------------------------------------
 *
 * trial_member.h
 *	  Members of the staff to try policies out with, where memberships count.
 *
 * They are rows of menuca.membership_table, and of the tables on the path to the
 * member, made like other trial rows and undone with them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TRIAL_MEMBER_H
#define MENUCA_TRIAL_MEMBER_H

#include "access/trial_rows.h"

/*
 * Makes a member of the restaurants, whose keys are C strings; none: NIL.  Returns
 * his claims.  Raises an error when the rows cannot be made.
 */
extern char *trial_member_make(TrialWorld *world, const List *tenants);

/*
 * Makes the members that the matrix tries, unless they were made for the restaurant
 * OWN as it is now, and lists their claims: world->members may act for it, a member
 * of that one and one of three; world->strangers may not, a member of none, removed
 * and suspended ones.
 */
extern void trial_member_make_all(TrialWorld *world);

#endif							/* MENUCA_TRIAL_MEMBER_H */
