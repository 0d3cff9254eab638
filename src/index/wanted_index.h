/*-------------------------------------------------------------------------
 *
 * wanted_index.h
 *	  The indexes that the platform wants: table menuca_wanted_index.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WANTED_INDEX_H
#define MENUCA_WANTED_INDEX_H

#include "nodes/pg_list.h"

#include "index/index_shape.h"

typedef struct WantedIndex
{
	int			section;
	char	   *table;			/* its name, in the target schema */
	IndexText text;
	bool		critical;
} WantedIndex;

/*
 * Those that are not switched off, by section and name: a list of
 * WantedIndexes.  Raises an error when the caller may not read the table.
 */
extern List *wanted_indexes(void);

#endif							/* MENUCA_WANTED_INDEX_H */
