/*-------------------------------------------------------------------------
 *
 * restore_command.h
 *	  The command that puts a backup in the place of this database.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RESTORE_COMMAND_H
#define MENUCA_RESTORE_COMMAND_H

/*
 * The command for a shell that renames this database to aside, and restores the file of
 * pg_dump under this database's name, with its settings and rights.
 */
extern char *restore_command(const char *path, const char *aside);

/* A name that no database has, for this database while a backup is in its place. */
extern char *restore_command_aside(void);

#endif							/* MENUCA_RESTORE_COMMAND_H */
