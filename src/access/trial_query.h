/*-------------------------------------------------------------------------
 *
 * trial_query.h
 *	  Statements about trial rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TRIAL_QUERY_H
#define MENUCA_TRIAL_QUERY_H

/*
 * Executes a statement, which sees all earlier changes of the transaction, in
 * the caller's search_path, on which the tables' triggers may rely.  Returns
 * the text in the first column of its last row; NULL when that is NULL or
 * there is no row.
 */
extern char *trial_query_text(const char *sql);

/* The same with names resolved in pg_catalog, as in policies' conditions. */
extern char *trial_query_pinned_text(const char *sql);

/*
 * Finds a row that meets a condition, and returns a condition that only this
 * row meets; NULL when there is no such row.
 */
extern char *trial_query_find_row(Oid relid, const char *where);

extern bool trial_query_has_rows(Oid relid);

#endif							/* MENUCA_TRIAL_QUERY_H */
