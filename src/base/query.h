/*-------------------------------------------------------------------------
 *
 * query.h
 *	  Running SQL from C.
 *
 * Reads hand each row of the executor to a callback, so that no result is held
 * in memory; the executor deals with rights, row security, partitions and table
 * access methods.  Reads see the active query snapshot, and resolve operators
 * and casts in pg_catalog, whatever the caller's search_path is.  Those of users'
 * tables run no code of theirs as the caller, see user_query.h.
 *
 * Writes keep the caller's search_path, because the target's triggers may
 * rely on it; their text therefore qualifies every name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_QUERY_H
#define MENUCA_QUERY_H

#include "executor/tuptable.h"
#include "nodes/pg_list.h"
#include "utils/uuid.h"

/* More than any statement of ours has. */
#define QUERY_MAX_ARGS 24

/*
 * The arguments of a statement; begins as {0}.  Or as {.keep = true}: the session
 * executes the statement often, and keeps its plan, see kept_plan.h.  And .few = true
 * with it: each look into an index finds a row or two, so no bitmaps are made of them,
 * as a planner without statistics would want it.
 */
typedef struct QueryArgs
{
	bool		keep;
	bool		few;
	int			count;
	Oid			types[QUERY_MAX_ARGS];
	Datum		values[QUERY_MAX_ARGS];
	bool		nulls[QUERY_MAX_ARGS];
} QueryArgs;

/* Append an argument: the first one is $1.  A NULL text, uuid or json is a null. */
extern void query_arg(QueryArgs *args, Oid type, Datum value, bool isnull);
extern void query_arg_text(QueryArgs *args, const char *value);
extern void query_arg_int8(QueryArgs *args, int64 value);
extern void query_arg_uuid(QueryArgs *args, const pg_uuid_t *value);
extern void query_arg_json(QueryArgs *args, const char *json);

/*
 * Called for each row.  The slot's values, and whatever the function allocates
 * in the current memory context, are valid until it returns.  The slot's
 * columns have the query's names.
 */
typedef void (*QueryRowFn) (TupleTableSlot *slot, void *arg);

/*
 * Runs a SELECT and hands each row to fn.  args may be NULL, as in all
 * functions below.  Returns the number of rows.
 */
extern uint64 query_each(const char *sql, QueryArgs *args, QueryRowFn fn,
						 void *arg);

/*
 * The same as the current role, and with its own code: for a role that was become,
 * see access_session.h, so that its policies are evaluated as for a request.  Keeps
 * search_path, so the text qualifies every name; it can change nothing.  fn is called
 * as that role, so it only stores what it gets.
 */
extern uint64 query_each_as_role(const char *sql, QueryArgs *args, QueryRowFn fn, void *arg);

/*
 * Returns an object made of a row; called in the memory context of
 * query_list()'s caller.
 */
typedef void *(*QueryMakeFn) (TupleTableSlot *slot);

/* Runs a SELECT and returns the objects that fn makes of its rows, in order. */
extern List *query_list(const char *sql, QueryArgs *args, QueryMakeFn fn);

/* Runs a SELECT that returns one bigint; 0 when it is NULL or there is no row. */
extern int64 query_int8(const char *sql, QueryArgs *args);

/* Runs a SELECT that returns one boolean; false when it is NULL or there is no row. */
extern bool query_bool(const char *sql, QueryArgs *args);

/* True if a SELECT finds a row in the table; its name is quoted. */
extern bool query_has_rows(const char *table);

/*
 * Runs a SELECT that returns one text; NULL when it is NULL or there is no
 * row.  The string is allocated in the current memory context.
 */
extern char *query_text(const char *sql, QueryArgs *args);

/* Runs a SELECT that returns texts, none of them NULL: a list of C strings. */
extern List *query_texts(const char *sql, QueryArgs *args);

/*
 * Runs a statement that writes.  It sees all earlier changes of the transaction,
 * and may return rows; fn may be NULL.  Returns the number of rows affected.
 */
extern uint64 query_write(const char *sql, QueryArgs *args, QueryRowFn fn,
						  void *arg);

/* Raises an error when the transaction is read-only; what names the call. */
extern void query_require_writable(const char *what);

/*
 * Raises an error unless the transaction is READ COMMITTED; what names the call.
 * With one query snapshot for the whole transaction, rows that others commit
 * while it waits for a lock would go unseen.
 */
extern void query_require_read_committed(const char *what);

/*
 * An int8[] of n values, in the current memory context; nulls may be NULL.
 */
extern Datum query_int8_array(const int64 *values, const bool *nulls, int n);

/*
 * Take a query snapshot, which sees all changes of this transaction and all that
 * others have committed, and make it the active one; drop it again.
 */
extern void query_begin_snapshot(void);
extern void query_end_snapshot(void);

#endif							/* MENUCA_QUERY_H */
