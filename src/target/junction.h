/*-------------------------------------------------------------------------
 *
 * junction.h
 *	  What the migrated schema looks like right now.
 *
 * A junction is a table that says which dishes belong to which combo group.
 * Its description names the tables and columns one would expect; the target
 * is what the live catalog really has.  Names are looked up, not assumed:
 * the schema is a setting, a key column that was renamed is found through
 * its foreign key, and optional columns may be missing.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_JUNCTION_H
#define MENUCA_JUNCTION_H

#include "source/source_system.h"
#include "target/keyed_table.h"

/* What is written into a column of a new item. */
typedef enum FillValue
{
	FILL_DISPLAY_ORDER,			/* from the source row */
	FILL_SOURCE_ID,				/* from the source row */
	FILL_SOURCE_SYSTEM,			/* the system whose items are written */
	FILL_ONE,					/* these only when the column has no default */
	FILL_TRUE,
	FILL_NOW,
	FILL_UUID
} FillValue;

typedef struct FillColumn
{
	const char *name;
	FillValue	value;
} FillColumn;

/* The description of a junction. */
typedef struct Junction
{
	const char *name;			/* of its table, and of the target argument */
	const char *group_table;
	const char *dish_table;
	const char *group_column;
	const char *dish_column;
	bool		of_products;	/* a row says which groups a product uses, not
								 * which dishes a group offers */
	const char *step_table;		/* of the items' steps; NULL: they have none */
	const FillColumn *fill;		/* ends with a NULL name */
} Junction;

/* A table that the junction refers to: combo_groups or dishes. */
typedef struct ParentTable
{
	Oid			oid;
	const char *bare_name;		/* "combo_groups", for messages */
	char	   *name;			/* qualified and quoted, for SQL */
	char	   *id;				/* columns, quoted, for SQL */
	char	   *restaurant;
	char	   *source_system;	/* these may be NULL: the table lacks it */
	char	   *label;			/* its name column */
	char	   *is_active;
	SourceSystem system;		/* whose legacy ids lead to its rows */
	AttrNumber	id_attnum;		/* 0 for what is absent */
	AttrNumber	restaurant_attnum;
	AttrNumber	legacy_v1_attnum;
	AttrNumber	legacy_v2_attnum;
	AttrNumber	source_system_attnum;
	AttrNumber	is_active_attnum;
	AttrNumber	is_combo_attnum;
	int64		legacy_max;		/* greatest legacy id that it can hold */
} ParentTable;

/* A column that a new item gets a value for. */
typedef struct TargetFill
{
	FillValue	value;
	AttrNumber	attnum;
	char	   *column;			/* quoted */
	char	   *type;			/* qualified, as in a cast */
} TargetFill;

typedef struct Target
{
	const Junction *junction;
	SourceSystem system;		/* whose items it is opened for */
	char	   *schema;			/* unquoted */
	KeyedTable	table;			/* the junction's */
	char	   *group;			/* its references */
	char	   *dish;
	char	   *display_order;	/* NULL when absent */
	AttrNumber	group_attnum;
	AttrNumber	dish_attnum;
	AttrNumber	display_order_attnum;	/* 0 when absent */
	AttrNumber	created_at_attnum;
	char	   *group_type;		/* as in a cast */
	char	   *dish_type;
	int64		display_order_min;	/* what its column can hold */
	int64		display_order_max;
	int64		source_id_max;
	int			nfill;
	TargetFill *fill;
	ParentTable groups;
	ParentTable dishes;
} Target;

/*
 * Looks up a junction in a schema; NULL means that of the setting
 * menuca.target_schema.  Takes an AccessShareLock, held to the end of the
 * transaction, on the three tables.  The caller must have the given rights on
 * the junction's table and SELECT on its parents.  Raises an error that names
 * what is missing, and what there is, when the catalog does not fit; when row
 * security would hide rows from the caller; or when rights are lacking.
 */
extern Target *target_open(const char *schema, const char *junction_name,
						   AclMode rights);

/*
 * The same for what came from another system than V1: its legacy ids lead to
 * the parents' rows, and new items bear its name.
 */
extern Target *target_open_for(SourceSystem system, const char *schema,
							   const char *junction_name, AclMode rights);

/* A junction's table, and the column by which it refers to another table. */
typedef struct JunctionReference
{
	Oid			relid;
	char	   *display_name;
	char	   *column;			/* quoted */
} JunctionReference;

/*
 * The junctions of a schema that refer to its table of that name, with or
 * without a foreign key: a list of JunctionReferences.
 */
extern List *target_junctions_referring(const char *schema, const char *table);

#endif							/* MENUCA_JUNCTION_H */
