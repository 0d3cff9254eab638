/*-------------------------------------------------------------------------
 *
 * seating_backup.h
 *	  Backups of the database that seating changes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SEATING_BACKUP_H
#define MENUCA_SEATING_BACKUP_H

/* How old a backup may be before tables are changed, as an interval's text: that of the other extension's runbook. */
#define SEATING_BACKUP_AGE "30 minutes"

/*
 * Why this database, being production, has no backup that is good enough to change it:
 * a clause; NULL when it has one, or is not production.
 */
extern char *seating_backup_obstacle(void);

/* What makes a backup, for hints: a call in a shell, and the one that registers others. */
extern char *seating_backup_call(void);

/* A registered backup. */
typedef struct SeatingBackup
{
	char	   *id;
	char	   *path;			/* of a file or directory of pg_dump; NULL
								 * when it is something else */
	char	   *host;			/* where the path is; or NULL */
} SeatingBackup;

/* This database's newest verified backup; NULL when there is none. */
extern SeatingBackup *seating_backup_newest(void);

#endif							/* MENUCA_SEATING_BACKUP_H */
