/*-------------------------------------------------------------------------
 *
 * backup_gate.h
 *	  The gate that asks for a backup.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BACKUP_GATE_H
#define MENUCA_BACKUP_GATE_H

/* How old a backup may be before combos are written, as an interval's text. */
#define BACKUP_GATE_AGE "30 minutes"

/* What to do about a backup that fails. */
#define BACKUP_GATE_HINT "Make one now: menuca-backup --drill --label LABEL; SELECT * FROM menuca_check_backup(); says what the last one lacks."

/*
 * Raises an error when this database is registered as production and has no
 * verified backup of the last BACKUP_GATE_AGE.  judged: a ticket is running
 * that has judged the backup itself, or was forced for a recorded reason; then
 * nothing is asked.
 */
extern void backup_gate_require(bool judged);

/*
 * What is wrong with the backup of that label (NULL: the newest) when it may
 * be max_age old, an interval as text; NULL when nothing is.
 */
extern char *backup_gate_failure(const char *label, const char *max_age);

/* The id of the backup of that label (NULL: the newest), or NULL. */
extern char *backup_gate_newest(const char *label);

#endif							/* MENUCA_BACKUP_GATE_H */
