/*-------------------------------------------------------------------------
 *
 * guc_scope.h
 *	  Settings that apply to a section of code.
 *
 * A scope ends with guc_scope_end(), or when its (sub)transaction fails.  Then
 * all settings have their earlier values again.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GUC_SCOPE_H
#define MENUCA_GUC_SCOPE_H

/* Begins a scope; returns its level, for guc_scope_end(). */
extern int	guc_scope_begin(void);

/*
 * The same, with a search_path of pg_catalog, so that operators and functions of
 * users are not found instead; and names are quoted only where they must be, so
 * that they can be compared with those that a ledger has.
 */
extern int	guc_scope_begin_pg_catalog(void);

/*
 * The same, with lock_timeout set to timeout, such as "5s".  Raises an error
 * when that is no valid value.
 */
extern int	guc_scope_begin_lock_timeout(const char *timeout);

/*
 * Sets a parameter for the rest of the scope, with the caller's rights.  Raises
 * an error when the value is invalid or the caller may not set it.
 */
extern void guc_scope_set(const char *name, const char *value);

/* Ends the scope of that level, and those begun inside it. */
extern void guc_scope_end(int level);

#endif							/* MENUCA_GUC_SCOPE_H */
