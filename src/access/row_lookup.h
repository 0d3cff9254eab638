/*-------------------------------------------------------------------------
 *
 * row_lookup.h
 *	  Finding a row of a view by its key, without a query.
 *
 * A view of one table whose only column is a key of it, and whose condition calls
 * functions of the server alone (or of policies), is read like the inner side of a
 * nested loop: a query for each row would cost ten times as much.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ROW_LOOKUP_H
#define MENUCA_ROW_LOOKUP_H

#include "nodes/pg_list.h"

typedef struct RowLookup RowLookup;

/*
 * Prepares lookups in a view whose column is of that type, bigint or uuid, in the
 * current memory context; NULL when the view is not of that kind, or does not
 * belong to the owner of its table.  functions: OIDs of further functions that its
 * condition may call.
 */
extern RowLookup *row_lookup_begin(Oid view, Oid type, const List *functions);

/* True if the view has a row of that key, under the active query snapshot. */
extern bool row_lookup_find(RowLookup *lookup, Datum key);

/* Calls fn for the key of each row that the view has. */
typedef void (*RowLookupFn) (Datum key, void *arg);

extern void row_lookup_each(RowLookup *lookup, RowLookupFn fn, void *arg);

/*
 * After how many lookups it costs less to read all rows at once, as far as the
 * planner's statistics tell; infinity when they are too many.
 */
extern double row_lookup_limit(const RowLookup *lookup);

#endif							/* MENUCA_ROW_LOOKUP_H */
