/*-------------------------------------------------------------------------
 *
 * wanted_columns.h
 *	  Which columns of a table staff and customers may read and write.
 *
 * They share a role, and rights on columns are the role's, so they have the same.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WANTED_COLUMNS_H
#define MENUCA_WANTED_COLUMNS_H

#include "access/wanted_row.h"

/* Columns as a row of menuca_wanted_access names them: C strings. */
typedef struct WantedColumnNames
{
	List	   *hidden;
	List	   *read_only;
	List	   *writable;
	bool		all_writable;	/* the row does not limit what is writable */
} WantedColumnNames;

/*
 * Sets the columns of a table that exists, whose keys are known.  Renamed columns
 * are found; one that the table does not have is ignored.
 *
 * A hidden column is not written either.  A read-only one is given by a new row
 * only if it is an owner's key or in the primary key, which no row can do without.
 */
extern void wanted_columns_resolve(WantedAccess *wanted, const WantedColumnNames *names);

/* True if staff and customers may use the privilege on some columns only. */
extern bool wanted_columns_limit(const WantedAccess *wanted, AclMode privilege);

/*
 * The columns, quoted, on which they may use a privilege that may be limited:
 * SELECT, INSERT or UPDATE.
 */
extern List *wanted_columns_allowed(const WantedAccess *wanted, AclMode privilege);

#endif							/* MENUCA_WANTED_COLUMNS_H */
