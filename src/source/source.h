/*-------------------------------------------------------------------------
 *
 * source.h
 *	  The source: a staged table of the old system.
 *
 * Its rows say which legacy dish belongs to which legacy group.  Columns are
 * bound by name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SOURCE_H
#define MENUCA_SOURCE_H

#include "base/compat.h"
#include "source/source_row.h"

/*
 * Opens a source.  An invalid relid means the table named by the setting
 * menuca.source_table.  Raises an error when the table or a column is
 * missing, is not a table, is not of an integer type, or may not be read by
 * the caller.  missing_ok: returns NULL instead when relid is invalid and
 * the setting's table does not exist.
 */
extern Source *source_open(Oid relid, const SourceColumns *columns,
						   bool missing_ok);

/*
 * Opens a source whose rows hold a group and the list of the dishes that it
 * offers.  columns names the group's id and the list: of SOURCE_PHP_LISTS,
 * V1's combo_groups, a bytea that PHP's serialize() wrote; of
 * SOURCE_JSON_LISTS, V2's restaurants_combo_groups_items, a json, jsonb or
 * text.  Errors as source_open().  An invalid relid means the table named by
 * the setting menuca.combo_groups_table or menuca.v2_group_items_table.  The
 * caller may lower max_step, which is what an integer holds.
 */
extern Source *source_open_lists(SourceKind kind, Oid relid,
								 const SourceColumns *columns);

/*
 * The staged table of V2's lists that the setting menuca.v2_group_items_table
 * names; InvalidOid when there is none that the caller can see.
 */
extern Oid	source_find_v2(void);

/* Whose ids a source of that kind has. */
extern SourceSystem source_kind_system(SourceKind kind);

/* The table of a former run, by its name; errors as source_open(). */
extern Source *source_open_by_name(const char *name,
								   const SourceColumns *columns);

/*
 * Reads all rows, as the active snapshot sees them; of lists, a row for each
 * dish of each list.  Returns their number.  Raises an error on a list that
 * cannot be read.
 */
extern uint64 source_read(const Source *source, SourceRowFn fn, void *arg);

/* Raises an error that says how to fill an empty source. */
pg_noreturn extern void source_raise_empty(const Source *source);

#endif							/* MENUCA_SOURCE_H */
