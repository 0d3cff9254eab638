/*-------------------------------------------------------------------------
 *
 * public_row.h
 *	  What makes a row public, as far as it depends on that row alone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PUBLIC_ROW_H
#define MENUCA_PUBLIC_ROW_H

#include "nodes/nodes.h"

/*
 * public_may_read_where of a table, analyzed, and without soft-deleted rows
 * (deleted_at) unless it says something of that column itself.  Raises the
 * server's errors, and those of user_metadata.h.
 */
extern Node *public_row_parse(Oid relid, const char *where);

/* True if such a condition is true of any row. */
extern bool public_row_is_any(const Node *condition);

#endif							/* MENUCA_PUBLIC_ROW_H */
