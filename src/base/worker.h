/*-------------------------------------------------------------------------
 *
 * worker.h
 *	  Sharing work with the server's parallel workers.
 *
 * A task is a flat piece of memory, without pointers, that all who work at it
 * see.  A worker has the caller's transaction, snapshot, user and settings,
 * but may neither begin subtransactions nor write by SQL; nor may the caller
 * until workers_end().
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
 * with a copy of the task of that size, and so many bytes of room behind it.
 * NULL if there are none to be had now: then the caller works alone.
 */
extern Workers *workers_start(const char *name, int n, const void *task,
							  Size size, Size room);

/* The copy that the workers see: for the caller, and for a worker. */
extern void *workers_task(const Workers *workers);
extern void *worker_task(shm_toc *toc);

/*
 * Waits until all workers are done; returns the task as they left it.  An
 * error of a worker is raised here or at any check for interrupts before.
 */
extern void *workers_wait(Workers *workers);

/* Lets them and the task go. */
extern void workers_end(Workers *workers);

/*
 * The size of a table in blocks, by which it is or is not worth a worker; 0
 * when it has no storage of its own, negative when no worker could see it.
 */
extern double workers_blocks(Oid relid);

#endif							/* MENUCA_WORKER_H */
