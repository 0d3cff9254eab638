/*-------------------------------------------------------------------------
 *
 * load_progress.c
 *	  How much of the dump has been read, for pg_stat_progress_copy: see
 *	  load_progress.h.
 *
 * COPY shows the table and its rows.  The bytes that it would show are those of
 * the lines that it gets, whose total nobody knows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/copyfrom_internal.h"
#include "commands/progress.h"
#include "utils/backend_progress.h"

#include "load/load_progress.h"


void
load_progress_begin(Load *load, MysqldumpReadFn read, void *input, uint64 bytes)
{
	load->read = read;
	load->input = input;
	load->bytes_total = bytes;
	load->progress = progress_begin(InvalidOid, true);
}

size_t
load_progress_read(void *arg, char *buf, size_t len)
{
	Load	   *load = arg;
	size_t		n = load->read(load->input, buf, len);

	/* Between the rows of the table there may be many of others. */
	load->bytes_read += n;
	if (load->copy)
		pgstat_progress_update_param(PROGRESS_COPY_BYTES_PROCESSED, (int64) load->bytes_read);
	else
		progress_set_bytes(&load->progress, (int64) load->bytes_read, (int64) load->bytes_total);
	return n;
}

void
load_progress_end(Load *load)
{
	progress_end(&load->progress);
}

void
load_progress_give(Load *load, int n)
{
	pgstat_progress_update_param(PROGRESS_COPY_BYTES_TOTAL, (int64) load->bytes_total);
	load->copy->bytes_processed = load->bytes_read > (uint64) n ? load->bytes_read - n : 0;
}
