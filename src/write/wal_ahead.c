/*-------------------------------------------------------------------------
 *
 * wal_ahead.c
 *	  Having the WAL of a long transaction written while it runs: see
 *	  wal_ahead.h.
 *
 * By default a backend writes the WAL of a bulk insert itself whenever the
 * buffers are full, and its commit waits until all of it is on disk.  The WAL
 * writer flushes the WAL of transactions that commit asynchronously; here it is
 * told that one has written this far.  Our commit then flushes the rest, like any
 * other commit: what is durable, and when, stays the same.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"

#include "write/wal_ahead.h"

/* The default of wal_writer_flush_after: the WAL writer does not flush less. */
#define BYTES_AT_ONCE (1024 * 1024)

void
wal_ahead(void)
{
	static XLogRecPtr asked = InvalidXLogRecPtr;
	XLogRecPtr	here = GetXLogInsertRecPtr();

	if (here - asked < BYTES_AT_ONCE)
		return;
	XLogSetAsyncXactLSN(here);
	asked = here;
}
