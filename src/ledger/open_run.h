/*-------------------------------------------------------------------------
 *
 * open_run.h
 *	  Runs that have begun and not ended, and what to do about them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_OPEN_RUN_H
#define MENUCA_OPEN_RUN_H

#include "nodes/pg_list.h"

typedef struct OpenRun
{
	int64		id;
	bool		interrupted;	/* no other session is executing it */
	char	   *text;			/* what it is, as a clause */
	char	   *next_step;		/* resumes it, or undoes it if it cannot be
								 * resumed; NULL when its ledger is damaged */
	char	   *undo;			/* rolls it back; NULL likewise */
} OpenRun;

/*
 * The runs of that schema which have begun and not ended, the latest first, but
 * for run except: a list of OpenRuns.  NIL when there are none, or the caller may
 * not read the ledger.
 */
extern List *open_runs(const char *target_schema, int64 except);

/*
 * The latest interrupted one of them; NULL when there is none.  except as above.
 */
extern OpenRun *open_run_interrupted(const char *target_schema, int64 except);

/* What is said of an interrupted run wherever something else is called. */
extern char *open_run_warning(const OpenRun *run);

#endif							/* MENUCA_OPEN_RUN_H */
