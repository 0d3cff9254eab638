/*-------------------------------------------------------------------------
 *
 * query.h
 *	  Running SQL from C.
 *
 * Reads go through the executor, row by row, into a callback: rights, row
 * security, partitions and any table access method are its business, and no
 * result is ever held in memory.  They see the active snapshot, and resolve
 * operators and casts in pg_catalog whatever the caller's search_path says.
 *
 * Writes keep the caller's search_path, because the target's triggers may
 * rely on it; their text therefore qualifies everything.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_QUERY_H
#define MENUCA_QUERY_H

#include "executor/tuptable.h"
#include "nodes/pg_list.h"

/* Arguments of a statement; more than one place for $n is never needed. */
#define QUERY_MAX_ARGS 24

typedef struct QueryArgs
{
	int			count;
	Oid			types[QUERY_MAX_ARGS];
	Datum		values[QUERY_MAX_ARGS];
	char		nulls[QUERY_MAX_ARGS];
} QueryArgs;

/* Appends an argument; its number is its place, from $1. */
extern void query_arg(QueryArgs *args, Oid type, Datum value, bool isnull);
extern void query_arg_text(QueryArgs *args, const char *value);
extern void query_arg_int8(QueryArgs *args, int64 value);
extern void query_arg_json(QueryArgs *args, const char *json);

/*
 * Called for each row.  The slot's values are valid until it returns, and so
 * is what it allocates in the current memory context.
 */
typedef void (*QueryRowFn) (TupleTableSlot *slot, void *arg);

/*
 * Runs a SELECT on the active snapshot and hands each row to fn.  args may
 * be NULL.  Returns the number of rows.
 */
extern uint64 query_each(const char *sql, QueryArgs *args, QueryRowFn fn,
						 void *arg);

/*
 * Makes something of a row; called in the memory context of query_list()'s
 * caller.
 */
typedef void *(*QueryMakeFn) (TupleTableSlot *slot);

/* Runs a SELECT and returns what fn makes of its rows, in their order. */
extern List *query_list(const char *sql, QueryArgs *args, QueryMakeFn fn);

/* Runs a SELECT that yields one bigint (NULL and no row count as 0). */
extern int64 query_int8(const char *sql, QueryArgs *args);

/* Runs a SELECT that yields one boolean. */
extern bool query_bool(const char *sql, QueryArgs *args);

/*
 * Runs a SELECT that yields one text; NULL when it is NULL or there is no
 * row.  The string is allocated in the current memory context.
 */
extern char *query_text(const char *sql, QueryArgs *args);

/* Runs a SELECT that yields texts, none of them NULL; a list of C strings. */
extern List *query_texts(const char *sql, QueryArgs *args);

/*
 * Runs a statement that writes, sees all that was done before, and may
 * return rows (fn may be NULL).  Returns the number of rows affected.
 */
extern uint64 query_write(const char *sql, QueryArgs *args, QueryRowFn fn,
						  void *arg);

/*
 * Raises an error when the transaction is read-only.  what is the call.
 */
extern void query_require_writable(const char *what);

/*
 * Raises an error when the transaction sees one snapshot all the time: what
 * others commit before a lock is ours would go unseen.  what is the call.
 */
extern void query_require_read_committed(const char *what);

/*
 * An int8[] of n values, in the current memory context; nulls may be NULL.
 */
extern Datum query_int8_array(const int64 *values, const bool *nulls, int n);

/*
 * Makes a fresh snapshot, which sees all that this transaction did and all
 * that others have committed, the active one; and drops it again.
 */
extern void query_begin_snapshot(void);
extern void query_end_snapshot(void);

#endif							/* MENUCA_QUERY_H */
