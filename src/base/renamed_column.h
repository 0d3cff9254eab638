/*-------------------------------------------------------------------------
 *
 * renamed_column.h
 *	  Columns of the migrated schema that may have been renamed.
 *
 * A reference is found through its foreign key: its original name says which
 * table it refers to.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RENAMED_COLUMN_H
#define MENUCA_RENAMED_COLUMN_H

#include "access/attnum.h"

/*
 * The column of that original name: the one that still has it; otherwise the
 * only one whose foreign key leads to the table of the same schema that the name
 * speaks of (restaurant_id: restaurants), or for "id" the primary key.
 * InvalidAttrNumber when there is none.
 */
extern AttrNumber renamed_column_find(Oid relid, const char *name);

/* The same; raises an error when there is none. */
extern AttrNumber renamed_column_require(Oid relid, const char *name);

#endif							/* MENUCA_RENAMED_COLUMN_H */
