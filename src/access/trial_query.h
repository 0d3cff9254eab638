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
 * Runs a SELECT, which sees all earlier changes of the transaction, with names
 * resolved in pg_catalog, and as nobody if it reads tables: conditions are what
 * somebody wrote into menuca_wanted_access.  Returns the text in the first
 * column of its last row; NULL when that is NULL or there is no row.
 */
extern char *trial_query_text(const char *sql);

/* The same of a row of a table that has to be there: raises an error when it is not. */
extern char *trial_query_row_text(Oid relid, const char *sql);

/*
 * Executes a statement that writes to a table, and returns likewise.  It is
 * executed as the table's owner in a security-restricted operation, since
 * triggers, defaults and checks are his, but in the caller's search_path, on
 * which they may rely.  Raises an error unless the caller owns the table.
 */
extern char *trial_query_write(Oid relid, const char *sql);

/*
 * A query for a row that meets a condition: it returns a condition that only this row
 * meets, and no row when there is none.
 */
extern char *trial_query_row_finder(Oid relid, const char *where);

extern bool trial_query_has_rows(Oid relid);

#endif							/* MENUCA_TRIAL_QUERY_H */
