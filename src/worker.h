/*-------------------------------------------------------------------------
 *
 * worker.h
 *	  Sharing work with the server's parallel workers.
 *
 * A task is a flat piece of memory, without pointers, that all who work at it
 * see.  A worker has the caller's transaction, snapshot, user and settings,
 * but may neither begin subtransactions nor write by SQL; nor may the caller
 * until workers_finish().
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
 * with a copy of the task of that size.  NULL if there are none to be had
 * now: then the caller works alone.
 */
extern Workers *workers_start(const char *name, int n, const void *task, Size size);

/* The copy that the workers see: for the caller, and for a worker. */
extern void *workers_task(const Workers *workers);
extern void *worker_task(shm_toc *toc);

/*
 * Waits until all workers are done, copies the task as they left it, of the
 * same size, and lets them go.  An error of a worker is raised here or at
 * any check for interrupts before.
 */
extern void workers_finish(Workers *workers, void *task);

#endif							/* MENUCA_WORKER_H */
