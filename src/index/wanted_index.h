/*-------------------------------------------------------------------------
 *
 * wanted_index.h
 *	  The wanted indexes: table menuca_wanted_index.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WANTED_INDEX_H
#define MENUCA_WANTED_INDEX_H

#include "index/index_shape.h"

typedef struct WantedIndex
{
	int			section;		/* of the index tickets */
	char	   *table;			/* its name, in the target schema */
	IndexText	text;
	bool		critical;		/* nothing is deployed without it */
} WantedIndex;

/*
 * The wanted indexes that are not switched off: WantedIndexes, sorted by
 * section and name.  Raises an error when the caller may not read the table.
 */
extern List *wanted_indexes(void);

#endif							/* MENUCA_WANTED_INDEX_H */
