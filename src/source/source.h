/*-------------------------------------------------------------------------
 *
 * source.h
 *	  The source: a staged table of the old system.
 *
 * Its rows, or the lists in them, say which legacy dishes belong to which legacy
 * group.  Columns are matched by name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SOURCE_H
#define MENUCA_SOURCE_H

#include "base/compat.h"
#include "source/source_row.h"

/*
 * Opens a source of kind SOURCE_ROWS, in the current memory context.  An invalid
 * relid means the table that the setting menuca.source_table names; if that
 * does not exist and missing_ok, returns NULL.  Raises an error when the table
 * does not exist, is not a table or may not be read by the caller, and when a
 * column does not exist or is not of an integer type.
 */
extern Source *source_open(Oid relid, const SourceColumns *columns,
						   bool missing_ok);

/*
 * Opens a source whose rows hold a group and the list of its dishes.  columns
 * has the names of the columns with the group's id and the list, which is
 * - of SOURCE_PHP_LISTS (V1's combo_groups) a bytea that PHP's serialize() wrote,
 * - of SOURCE_JSON_LISTS (V2's restaurants_combo_groups_items) a json, jsonb,
 *   text or varchar.
 * An invalid relid means the table that the setting menuca.combo_groups_table or
 * menuca.v2_group_items_table names.  Errors as in source_open().  The caller
 * may lower max_step, which is the largest integer at first.
 */
extern Source *source_open_lists(SourceKind kind, Oid relid,
								 const SourceColumns *columns);

/*
 * The staged table of V2's lists that the setting menuca.v2_group_items_table
 * names; InvalidOid when it does not exist or the caller may not use its schema.
 */
extern Oid	source_find_v2(void);

/*
 * Opens a source of any kind.  The tables that the settings menuca.combo_groups_table
 * and menuca.v2_group_items_table name have lists, and so have others whose column of
 * dishes is no integer; columns that have the defaults of rows get those of lists
 * then.  Otherwise as source_open() and source_open_lists().
 */
extern Source *source_open_any(Oid relid, const SourceColumns *columns);

/* The old system whose ids a source of that kind has. */
extern SourceSystem source_kind_system(SourceKind kind);

/* Opens the table that an earlier run read, by its name; errors as in source_open(). */
extern Source *source_open_of_run(int64 run_id, const char *name,
								  const SourceColumns *columns);

/*
 * The arguments that name a source in another call: those that differ from the
 * defaults, such as "source => 'staging.old'"; "" if none does.
 */
extern char *source_call_arguments(const Source *source);

/* The same for a call that opens it by source_open_any(): the table of lists is always named. */
extern char *source_any_arguments(const Source *source);

/*
 * The hint to load a source of kind SOURCE_ROWS: into that one, or if NULL into
 * the table that the setting menuca.source_table names.
 */
extern char *source_load_hint(const Source *source);

/*
 * Calls fn for each row, as the active snapshot sees it; of lists, for each dish
 * of each list.  Returns the number of rows.  Raises an error for a list that
 * cannot be read.
 */
extern uint64 source_read(const Source *source, SourceRowFn fn, void *arg);

/* Raises the error for an empty source, with a hint on how to fill it. */
pg_noreturn extern void source_raise_empty(const Source *source);

#endif							/* MENUCA_SOURCE_H */
