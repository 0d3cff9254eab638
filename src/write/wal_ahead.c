/*-------------------------------------------------------------------------
 *
 * wal_ahead.c
 *	  Having the WAL of a long transaction written while it runs: see
 *	  wal_ahead.h.
 *
 * Left alone, a backend writes the WAL of a bulk insert itself whenever the
 * buffers are full, and its commit waits until the disk has all of it.  The
 * WAL writer keeps up with transactions that commit asynchronously; it is told
 * here that one has got this far.  Our commit then flushes the rest, as any
 * other: what is durable, and when, stays the same.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"

#include "write/wal_ahead.h"

/* The server's default of wal_writer_flush_after: less is not flushed. */
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
