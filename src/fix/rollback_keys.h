/*-------------------------------------------------------------------------
 *
 * rollback_keys.h
 *	  The primary keys of the rows that a rollback deletes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ROLLBACK_KEYS_H
#define MENUCA_ROLLBACK_KEYS_H

#include "fix/rollback_state.h"

/* Keys that one DELETE, or one count of dependants, takes. */
#define ROLLBACK_KEYS_PER_STATEMENT 10000

/* Changed rows that a message names. */
#define ROLLBACK_KEYS_NAMED 10

/* Adds the key of a row that still exists: a ReconcileFn for a Rollback. */
extern void rollback_keys_add(int64 key, bool changed, void *arg);

/*
 * Fetches the next keys into an array of ROLLBACK_KEYS_PER_STATEMENT; returns
 * how many, 0 at the end.  int8_sort_rewind() begins again.
 */
extern int	rollback_keys_next(Rollback *rollback, int64 *keys);

#endif							/* MENUCA_ROLLBACK_KEYS_H */
