/*-------------------------------------------------------------------------
 *
 * worker.h
 *	  Sharing work with the server's parallel workers.
 *
 * A task is a block of shared memory without pointers, which the caller and its
 * workers read and write.  A worker has the caller's transaction, query snapshot,
 * user and settings.  Neither a worker nor, until workers_end(), the caller may
 * begin a subtransaction or write by SQL.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WORKER_H
#define MENUCA_WORKER_H

#include "storage/dsm.h"
#include "storage/shm_toc.h"

typedef struct Workers Workers;

/*
 * Starts up to n workers that call the function of that name, declared as
 *
 *	  extern PGDLLEXPORT void name(dsm_segment *segment, shm_toc *toc);
 *
 * with a copy of the task, of that size in bytes, followed by room more bytes.
 * Returns NULL if no worker could be started: then the caller works alone.
 */
extern Workers *workers_start(const char *name, int n, const void *task,
							  Size size, Size room);

/* The shared task: as the caller finds it, and as a worker does. */
extern void *workers_task(const Workers *workers);
extern void *worker_task(shm_toc *toc);

/*
 * Waits until all workers have finished, and returns the shared task.  An error
 * of a worker is raised here, or by an earlier CHECK_FOR_INTERRUPTS().
 */
extern void *workers_wait(Workers *workers);

/* Ends the parallel mode and frees the task. */
extern void workers_end(Workers *workers);

/*
 * The size of a table in blocks, to decide whether a worker is worth starting:
 * -1 when no worker could read it, because it is temporary, or may not, because
 * the server reads it otherwise than by scanning its heap (see direct_access.h).
 * The caller holds a lock on it.
 */
extern double workers_blocks(Oid relid);

#endif							/* MENUCA_WORKER_H */
