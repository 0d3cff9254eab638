/*-------------------------------------------------------------------------
 *
 * worker.c
 *	  Sharing work with the server's parallel workers: see worker.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"

#include "worker.h"

/* The only entry of the table of contents; below are the server's own. */
#define TASK_KEY UINT64CONST(1)

struct Workers
{
	ParallelContext *context;
	void	   *task;
	Size		size;
};


Workers *
workers_start(const char *name, int n, const void *task, Size size)
{
	Workers    *workers;

	if (n < 1 || IsInParallelMode())
		return NULL;

	workers = palloc(sizeof(Workers));
	EnterParallelMode();
	workers->context = CreateParallelContext("$libdir/menuca_migrate", name, n);
	workers->size = size;
	shm_toc_estimate_chunk(&workers->context->estimator, size);
	shm_toc_estimate_keys(&workers->context->estimator, 1);
	InitializeParallelDSM(workers->context);

	workers->task = shm_toc_allocate(workers->context->toc, size);
	memcpy(workers->task, task, size);
	shm_toc_insert(workers->context->toc, TASK_KEY, workers->task);
	LaunchParallelWorkers(workers->context);
	if (workers->context->nworkers_launched > 0)
		return workers;

	DestroyParallelContext(workers->context);
	ExitParallelMode();
	pfree(workers);
	return NULL;
}

void *
workers_task(const Workers *workers)
{
	return workers->task;
}

void *
worker_task(shm_toc *toc)
{
	return shm_toc_lookup(toc, TASK_KEY, false);
}

void
workers_finish(Workers *workers, void *task)
{
	WaitForParallelWorkersToFinish(workers->context);
	memcpy(task, workers->task, workers->size);
	DestroyParallelContext(workers->context);
	ExitParallelMode();
	pfree(workers);
}
