/*-------------------------------------------------------------------------
 *
 * access_matrix.h
 *	  What each role can actually do with each table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_MATRIX_H
#define MENUCA_ACCESS_MATRIX_H

#include "nodes/pg_list.h"

/*
 * Tries out every command as each of the configured roles, on rows that are
 * made for it, and undoes it.  names: only these tables, C strings; NIL for
 * all.  Returns AccessCells.  Raises an error in a read-only transaction, and
 * when the caller may not become the roles.
 */
extern List *access_matrix(List *names);

#endif							/* MENUCA_ACCESS_MATRIX_H */
