/*-------------------------------------------------------------------------
 *
 * junction.h
 *	  The tables of the migrated schema, as the catalog has them now.
 *
 * A junction is a table that connects dishes and combo groups.  Its description,
 * a Junction, names the tables and columns to expect; a Target is what the
 * catalog really has.  Names are looked up, not assumed: the schema is a
 * setting, a renamed reference is found through its foreign key, and optional
 * columns may be missing.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_JUNCTION_H
#define MENUCA_JUNCTION_H

#include "source/source_system.h"
#include "target/keyed_table.h"

/* The value that a column of a new item gets. */
typedef enum FillValue
{
	FILL_DISPLAY_ORDER,			/* from the source row */
	FILL_SOURCE_ID,				/* from the source row */
	FILL_SOURCE_SYSTEM,			/* the system whose items are written */
	FILL_ONE,					/* from here on: only without a default */
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
	const char *name;			/* of its table; the value of argument target */
	const char *group_table;
	const char *dish_table;
	const char *group_column;
	const char *dish_column;
	bool		of_products;	/* a row is a group that a product uses, not a
								 * dish that a group offers */
	const char *step_table;		/* of the items' steps; NULL: no steps */
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
	char	   *source_system;	/* NULL when absent, as the next two */
	char	   *label;			/* its name column */
	char	   *is_active;
	SourceSystem system;		/* whose legacy ids identify its rows */
	AttrNumber	id_attnum;		/* column numbers; 0 when absent */
	AttrNumber	restaurant_attnum;
	AttrNumber	legacy_v1_attnum;
	AttrNumber	legacy_v2_attnum;
	AttrNumber	source_system_attnum;
	AttrNumber	is_active_attnum;
	AttrNumber	is_combo_attnum;
	int64		legacy_max;		/* greatest legacy id that the column holds */
} ParentTable;

/* A column that a new item gets a value for. */
typedef struct TargetFill
{
	FillValue	value;
	AttrNumber	attnum;
	char	   *column;			/* quoted */
	char	   *type;			/* qualified, as in a cast */
} TargetFill;

/* A junction in the live schema, with its parents. */
typedef struct Target
{
	const Junction *junction;
	SourceSystem system;		/* that the items to be written come from */
	char	   *schema;			/* unquoted */
	KeyedTable	table;			/* the junction's */
	char	   *group;			/* its references, quoted, for SQL */
	char	   *dish;
	char	   *display_order;	/* NULL when absent */
	AttrNumber	group_attnum;
	AttrNumber	dish_attnum;
	AttrNumber	display_order_attnum;	/* 0 when absent */
	AttrNumber	created_at_attnum;
	char	   *group_type;		/* as in a cast */
	char	   *dish_type;
	int64		display_order_min;	/* least value that the column holds */
	int64		display_order_max;
	int64		source_id_max;
	int			nfill;
	TargetFill *fill;
	ParentTable groups;
	ParentTable dishes;
} Target;

/* Raises an error unless there is a junction of that name. */
extern void target_require_name(const char *name);

/* Whether the rows of the junction of that name are of_products; raises the same error. */
extern bool target_is_of_products(const char *name);

/*
 * Looks up a junction in a schema; NULL means the setting menuca.target_schema.
 * Takes an AccessShareLock on the junction's table and its two parents, held to
 * the end of the transaction.  Raises an error when a table or column is
 * missing, when the caller lacks the given rights on the junction's table or
 * SELECT on its parents, or when row security would hide rows from the caller.
 * Allocated in the current memory context.
 */
extern Target *target_open(const char *schema, const char *junction_name,
						   AclMode rights);

/*
 * The same for items of a given system, where target_open() means V1: its legacy
 * ids identify the parents' rows, and new items get its name as source_system.
 */
extern Target *target_open_for(SourceSystem system, const char *schema,
							   const char *junction_name, AclMode rights);

/* Raises an error when there is no junction of that name. */
extern void junction_require_known(const char *name);

/* A junction's table, and the column by which it refers to another table. */
typedef struct JunctionReference
{
	Oid			relid;
	char	   *display_name;
	char	   *column;			/* quoted */
} JunctionReference;

/*
 * The junctions of a schema that refer to its table of that name, whether or not
 * by a foreign key: a list of JunctionReferences.
 */
extern List *target_junctions_referring(const char *schema, const char *table);

/* The tables of a junction that a run may write to. */
typedef enum JunctionPart
{
	JUNCTION_ITEMS,				/* the junction itself */
	JUNCTION_STEPS,
	JUNCTION_DISHES
} JunctionPart;

/* True if the table of that name is that part of a junction. */
extern bool junction_has_part(const char *table, JunctionPart part);

/* The junction whose items' steps the table of that name has; NULL: none. */
extern const char *junction_of_steps(const char *table);

#endif							/* MENUCA_JUNCTION_H */
