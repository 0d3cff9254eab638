/*-------------------------------------------------------------------------
 *
 * apply_engine.h
 *	  The engines, as apply.c sees them: see apply.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_APPLY_ENGINE_H
#define MENUCA_APPLY_ENGINE_H

#include "apply.h"
#include "query.h"

/* apply.c */

/*
 * Appends the items to a statement's arguments, as its first four; the FROM
 * clause NEW_ITEMS makes rows v of them again.
 */
extern void add_item_arrays(QueryArgs *args, const NewItem *items, int n);

/* The rows of $1 to $4: group, dish, display order and source id. */
#define NEW_ITEMS \
	"ROWS FROM (pg_catalog.unnest($1::pg_catalog.int8[])," \
	" pg_catalog.unnest($2::pg_catalog.int8[])," \
	" pg_catalog.unnest($3::pg_catalog.int8[])," \
	" pg_catalog.unnest($4::pg_catalog.int8[]))" \
	" WITH ORDINALITY AS v(group_id, dish_id, display_order, source_id, number)"

/* apply_executor.c: as apply_insert(), but rows come in any order */
extern void executor_insert(const Target *target, const NewItem *items, int n,
							KeyedRow *rows);

/*
 * apply_native.c: as their namesakes in apply.h, with a snapshot active, as
 * expressions and TOAST want it; rows come in any order
 */
typedef struct NativeWriter NativeWriter;

extern char *native_obstacle(const Target *target);
extern NativeWriter *native_begin(const Target *target, bool rebuild_indexes,
								  UuidPool *uuid_pool, int kilobytes);
extern void native_reference(NativeWriter *writer, const int64 *groups,
							 int ngroups, const int64 *dishes, int ndishes);
extern void native_insert(NativeWriter *writer, const NewItem *items, int n,
						  KeyedRow *rows);
extern void native_end(NativeWriter *writer);

#endif							/* MENUCA_APPLY_ENGINE_H */
