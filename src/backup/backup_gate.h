/*-------------------------------------------------------------------------
 *
 * backup_gate.h
 *	  The gate that requires a backup.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BACKUP_GATE_H
#define MENUCA_BACKUP_GATE_H

/*
 * How old a backup may be before combos are written, as an interval's text
 * (the runbook's ticket 09).
 */
#define BACKUP_GATE_AGE "30 minutes"

/*
 * Says once a session that nobody asks for a backup if this database is not
 * registered.  Raises an error (MC022) if this database is registered as production and
 * has no verified backup that is at most BACKUP_GATE_AGE old.  Does nothing if
 * judged is true: the running ticket has judged the backup itself, or was
 * forced for a recorded reason.
 */
extern void backup_gate_require(bool judged);

/*
 * The same as a sentence with the call that registers it; NULL if it is registered,
 * or the caller may not know.
 */
extern char *backup_gate_warning(void);

/*
 * The failed checks of the newest backup with that label (NULL: of any label),
 * as one text; NULL if none failed.  max_age, an interval as text, is the
 * greatest age that passes.
 */
extern char *backup_gate_failure(const char *label, const char *max_age);

/* The hint of whatever refuses for lack of a backup; without a full stop. */
extern char *backup_gate_hint(void);

/*
 * The id of the newest backup with that label (NULL: of any label); NULL if
 * there is none.
 */
extern char *backup_gate_newest(const char *label);

#endif							/* MENUCA_BACKUP_GATE_H */
