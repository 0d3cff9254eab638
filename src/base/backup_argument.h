/*-------------------------------------------------------------------------
 *
 * backup_argument.h
 *	  The arguments of a function that registers a backup.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BACKUP_ARGUMENT_H
#define MENUCA_BACKUP_ARGUMENT_H

#include "datatype/timestamp.h"
#include "fmgr.h"

/* A backup that was made outside of the database. */
typedef struct BackupArgument
{
	char	   *label;			/* a person's name for it */
	char	   *id;				/* what it is found by */
	char	   *method;			/* how it was made */
	int64		size;			/* in bytes */
	char	   *checksum;
	TimestampTz started;
	TimestampTz finished;
	bool		verified;		/* it was read back */
	Datum		details;		/* jsonb, an object */
} BackupArgument;

/*
 * Reads the arguments label, id, method, size, checksum, started, finished, verified and
 * details, which are the first nine.  Raises an error when one is NULL, blank or empty, or
 * when the times cannot be those of a backup.
 */
extern void backup_argument_read(FunctionCallInfo fcinfo, BackupArgument *backup);

#endif							/* MENUCA_BACKUP_ARGUMENT_H */
