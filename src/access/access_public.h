/*-------------------------------------------------------------------------
 *
 * access_public.h
 *	  Which rows everybody may read.
 *
 * A row is public when its table's public_may_read_where is true, it is not
 * soft-deleted (deleted_at), each row that its tenant_key leads through is public,
 * too, and so is its restaurant: a row of the table whose tenant_key is its own
 * primary key.  menuca_wanted_access.public_with_tenant switches off the last two.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_PUBLIC_H
#define MENUCA_ACCESS_PUBLIC_H

#include "access/wanted_row.h"

/*
 * The condition for a public row of a table that has some, as SQL; by_hand: as one
 * would write it into a query, which asks no view.  Raises an error when the wanted
 * access of a table on the way cannot be resolved.
 */
extern char *access_public_condition(const WantedAccess *wanted, bool by_hand);

/*
 * The tables whose rows decide about those of this one, the restaurants last:
 * WantedAccesses.  Raises the same errors.
 */
extern List *access_public_parents(const WantedAccess *wanted);

/* The views that the policies of these tables read: OwnerViews, in their order. */
extern List *access_public_views(const List *tables);

/* True if the views that this table's policies read exist. */
extern bool access_public_views_exist(const WantedAccess *wanted);

#endif							/* MENUCA_ACCESS_PUBLIC_H */
