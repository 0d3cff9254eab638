/*-------------------------------------------------------------------------
 *
 * export_settings.h
 *	  The settings with which an export's values are written and read.
 *
 * What is compared or read back must have the same text on the copy and in the
 * other database, whatever the roles, databases and servers are set to.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_SETTINGS_H
#define MENUCA_EXPORT_SETTINGS_H

/* Sets them until the end of the current scope of guc_scope.h. */
extern void export_settings_set(void);

/* The same settings, and the search_path, as a JSON object for the exported files. */
extern char *export_settings_json(void);

/* These, and those that statements which write have besides. */
extern char *export_settings_json_of_writer(void);

#endif							/* MENUCA_EXPORT_SETTINGS_H */
