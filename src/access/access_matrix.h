/*-------------------------------------------------------------------------
 *
 * access_matrix.h
 *	  What each role really can do with each table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_MATRIX_H
#define MENUCA_ACCESS_MATRIX_H

#include "access/access.h"
#include "base/finding.h"

/* A cell of the matrix. */
typedef struct AccessCell
{
	const char *table;
	const char *kind;			/* public, tenant, user, unclaimed or admin */
	AccessRole	role;
	const char *command;
	const char *row;			/* whose, and whether it is public */
	const char *expected;
	char	   *actual;
	FindingStatus status;
	char	   *detail;
} AccessCell;

/*
 * Tries everything out, as the configured roles, on rows that are made for it,
 * and undoes it.  names: these tables only, NIL for all.  AccessCells.
 */
extern List *access_matrix(List *names);

#endif							/* MENUCA_ACCESS_MATRIX_H */
