/*-------------------------------------------------------------------------
 *
 * progress.h
 *	  Showing other sessions how far long work on a table has come.
 *
 * The server has no view for extensions, so it is in pg_stat_progress_copy, with
 * the type CALLBACK: COPY TO while rows of a table are read, COPY FROM while they
 * are written.  An error ends it, as it ends COPY's.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PROGRESS_H
#define MENUCA_PROGRESS_H

#include "postgres_ext.h"

/* Rows between two updates of the view. */
#define PROGRESS_ROWS 512

typedef struct Progress
{
	bool		is_shown;		/* nothing else of this session is */
	uint64		rows;			/* so far */
} Progress;

/*
 * Begins to show that rows of a table are read or written.  While a command of the
 * session is shown already, such as the run that this is a part of, that stays.
 */
extern Progress progress_begin(Oid relid, bool is_write);

/* Shows how many of the bytes that are to be read have been; both are known. */
extern void progress_set_bytes(const Progress *progress, int64 done, int64 total);

/* Shows the rows so far. */
extern void progress_show(const Progress *progress);

/* Ends it, unless it was not shown. */
extern void progress_end(const Progress *progress);

/* Counts one more row. */
static inline void
progress_add_row(Progress *progress)
{
	if (++progress->rows % PROGRESS_ROWS == 0)
		progress_show(progress);
}

#endif							/* MENUCA_PROGRESS_H */
