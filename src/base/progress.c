/*-------------------------------------------------------------------------
 *
 * progress.c
 *	  Showing other sessions how far long work on a table has come: see
 *	  progress.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/progress.h"
#include "utils/backend_progress.h"
#include "utils/backend_status.h"

#include "base/progress.h"


Progress
progress_begin(Oid relid, bool is_write)
{
	Progress	progress = {
		.is_shown = MyBEEntry && MyBEEntry->st_progress_command == PROGRESS_COMMAND_INVALID
	};

	if (!progress.is_shown)
		return progress;
	pgstat_progress_start_command(PROGRESS_COMMAND_COPY, relid);
	pgstat_progress_update_param(PROGRESS_COPY_COMMAND,
								 is_write ? PROGRESS_COPY_COMMAND_FROM : PROGRESS_COPY_COMMAND_TO);
	pgstat_progress_update_param(PROGRESS_COPY_TYPE, PROGRESS_COPY_TYPE_CALLBACK);
	return progress;
}

void
progress_set_bytes(const Progress *progress, int64 done, int64 total)
{
	if (!progress->is_shown)
		return;
	pgstat_progress_update_param(PROGRESS_COPY_BYTES_TOTAL, total);
	pgstat_progress_update_param(PROGRESS_COPY_BYTES_PROCESSED, done);
}

void
progress_show(const Progress *progress)
{
	if (progress->is_shown)
		pgstat_progress_update_param(PROGRESS_COPY_TUPLES_PROCESSED, (int64) progress->rows);
}

void
progress_end(const Progress *progress)
{
	if (progress->is_shown)
		pgstat_progress_end_command();
}
