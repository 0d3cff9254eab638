/*-------------------------------------------------------------------------
 *
 * export_original.h
 *	  The database that exported files are for: the one that this copy was made of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_ORIGINAL_H
#define MENUCA_EXPORT_ORIGINAL_H

/*
 * A JSON object with database, system_identifier and project, texts or null, as
 * menuca_copy_of() recorded them.  Raises an error when nothing is recorded.
 */
extern char *export_original_json(void);

/* A PL/pgSQL statement that raises an error on another database than that. */
extern char *export_original_guard(const char *original);

#endif							/* MENUCA_EXPORT_ORIGINAL_H */
