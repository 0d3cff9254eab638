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

/* The path or else the id of this database's newest verified backup; NULL when there is none. */
extern char *seating_backup_newest(void);

#endif							/* MENUCA_SEATING_BACKUP_H */
