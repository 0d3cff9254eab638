/*-------------------------------------------------------------------------
 *
 * guc_scope.h
 *	  Settings that hold for a stretch of code.
 *
 * A scope ends with guc_scope_end() or with the (sub)transaction that fails in
 * it; then all settings are what they were.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GUC_SCOPE_H
#define MENUCA_GUC_SCOPE_H

/* Begins a scope; returns its level, for guc_scope_end(). */
extern int	guc_scope_begin(void);

/* The same, in which names resolve in pg_catalog alone, whatever the caller's search_path is. */
extern int	guc_scope_begin_pg_catalog(void);

/*
 * The same, in which no lock is waited for longer than that, a value of
 * lock_timeout.  Raises an error when it is none.
 */
extern int	guc_scope_begin_lock_timeout(const char *timeout);

/* Sets a parameter for the rest of the scope. */
extern void guc_scope_set(const char *name, const char *value);

/* Ends the scope of that level. */
extern void guc_scope_end(int level);

#endif							/* MENUCA_GUC_SCOPE_H */
