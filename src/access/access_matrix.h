/*-------------------------------------------------------------------------
 *
 * access_matrix.h
 *	  What each role can actually do with each table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_MATRIX_H
#define MENUCA_ACCESS_MATRIX_H

#include "access/access_roles.h"
#include "base/finding.h"

/* A cell of the matrix: a command of a role on a kind of row. */
typedef struct AccessCell
{
	const char *table;
	const char *kind;			/* public, tenant, user, unclaimed or admin */
	AccessRole	role;
	const char *command;
	const char *row;			/* whose it is, and whether it is public */
	const char *expected;		/* allowed or refused */
	char	   *actual;
	FindingStatus status;
	char	   *detail;			/* or NULL */
} AccessCell;

/*
 * Tries out every command as each of the configured roles, on rows that are
 * made for it, and undoes it.  names: only these tables, C strings; NIL for
 * all.  Returns AccessCells.  Raises an error in a read-only transaction, and
 * when the caller may not become the roles.
 */
extern List *access_matrix(List *names);

#endif							/* MENUCA_ACCESS_MATRIX_H */
