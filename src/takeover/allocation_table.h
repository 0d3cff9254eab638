/*-------------------------------------------------------------------------
 *
 * allocation_table.h
 *	  The original's table allocations, as queries read it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ALLOCATION_TABLE_H
#define MENUCA_ALLOCATION_TABLE_H

#include "utils/uuid.h"

#include "takeover/original.h"

/* Its columns as expressions on the alias l. */
typedef struct AllocationTable
{
	OriginalTable *table;		/* missing is set when it cannot be read */
	char	   *id;				/* text, NULL where it has none */
	char	   *type;			/* text */
	char	   *shadow;			/* boolean, never NULL */
	char	   *restaurant;		/* uuid: its own, or NULL */
} AllocationTable;

/* Finds it. */
extern AllocationTable *allocation_table_find(void);

/* A statement that shows the row of a booking and a resource, each of which may be NULL. */
extern char *allocation_table_show(const AllocationTable *table, const pg_uuid_t *booking, const pg_uuid_t *resource);

#endif							/* MENUCA_ALLOCATION_TABLE_H */
