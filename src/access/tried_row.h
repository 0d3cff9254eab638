/*-------------------------------------------------------------------------
 *
 * tried_row.h
 *	  What the wanted access says of the row that a matrix tries.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TRIED_ROW_H
#define MENUCA_TRIED_ROW_H

#include "access/access_cell.h"

/* Whose row it is and whether it is public, as AccessCell.row has it. */
extern const char *tried_row_name(const TableMatrix *matrix);

/* The first of these: whether an INSERT is allowed depends on nothing else. */
extern const char *tried_row_owner_name(const TableMatrix *matrix);

/* True if a requester of that kind may execute all of the commands on it. */
extern bool tried_row_allows(const TableMatrix *matrix, RequesterKind kind, AclMode commands);

#endif							/* MENUCA_TRIED_ROW_H */
