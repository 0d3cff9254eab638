/*-------------------------------------------------------------------------
 *
 * cell_counts.h
 *	  The cells of the matrix, counted by table, kind of requester and status.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CELL_COUNTS_H
#define MENUCA_CELL_COUNTS_H

#include "nodes/pg_list.h"

/*
 * Returns a JSON object of the cells' tables, each an object of kinds of requesters,
 * each an object of statuses with their numbers, those of 0 omitted.  cells are
 * AccessCells, those of a table one after the other; tables that do not exist are
 * omitted, too.
 */
extern char *access_cell_counts(const List *cells);

#endif							/* MENUCA_CELL_COUNTS_H */
