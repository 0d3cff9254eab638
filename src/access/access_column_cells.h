/*-------------------------------------------------------------------------
 *
 * access_column_cells.h
 *	  The cells of a table's matrix that need no row: columns, parts of tables,
 *	  and what policies do not bind.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_COLUMN_CELLS_H
#define MENUCA_ACCESS_COLUMN_CELLS_H

#include "access/access_cell.h"

/* Who reads hidden columns, and who writes which column. */
extern void access_column_cells_test(TableMatrix *matrix);

/*
 * Visitors have no right on a part of a table, whether it has rows or not: that the
 * statements are executed at all is the failure.
 */
extern void access_column_cells_test_part(TableMatrix *matrix);

/* What policies do not bind, and what cannot be tried without harm, by the rights to it. */
extern void access_column_cells_test_unbound(TableMatrix *matrix);

#endif							/* MENUCA_ACCESS_COLUMN_CELLS_H */
