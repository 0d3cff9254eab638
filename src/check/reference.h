/*-------------------------------------------------------------------------
 *
 * reference.h
 *	  The figures of the tables that a validation compares with.
 *
 * Each table's are those of the newest pre-flight or backup of this database, by
 * a ticket or registered, or of a later acceptance of what the check has found.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_REFERENCE_H
#define MENUCA_REFERENCE_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

#include "target/row_prints.h"
#include "target/table_counts.h"

/* A table as it was then. */
typedef struct ReferenceTable
{
	char	   *name;
	char	   *origin;			/* the record that has it, for messages */
	TimestampTz at;				/* when it was counted */
	TableCounts counts;
	char	   *menus;			/* of dishes: the restaurants with a menu, as
								 * the text of an int8multirange; or NULL */
	char	   *prints[ROW_ASPECTS];	/* NULL: not recorded */
	char	   *guards;			/* a JSON array; or NULL */
	bool		has_last_value;
	int64		last_value;		/* of the key's sequence */
	int64		undone;			/* rows that rollbacks and restored snapshots
								 * have deleted since */
} ReferenceTable;

typedef struct Reference
{
	char	   *origin;			/* "ticket 01 of ...", for messages */
	List	   *tables;			/* ReferenceTables */
	char	   *unreadable;		/* tables of the extension that the caller may
								 * not read, or NULL */
} Reference;

/*
 * The reference of a check for a schema, in the current memory context; without tables when
 * there is none.  Raises an error when a recorded figure is no number.
 */
extern Reference *reference_read(const char *schema, const char *check);

/*
 * The prints of a table's rows of now, of those that there were then; NULL when none
 * are recorded.  made is a list of those that other checks have made, in a memory
 * context that lives as long; it may be NULL.
 */
extern const RowPrints *reference_prints_now(List **made, const char *schema,
											 const ReferenceTable *table);

/* The table of that name, or NULL. */
extern const ReferenceTable *reference_table(const Reference *reference, const char *name);

#endif							/* MENUCA_REFERENCE_H */
