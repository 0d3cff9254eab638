/*-------------------------------------------------------------------------
 *
 * worker.c
 *	  Sharing work with the server's parallel workers: see worker.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/relation.h"
#include "access/xact.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "base/direct_access.h"
#include "base/extension.h"
#include "base/relation.h"
#include "base/worker.h"

/* The key of our only entry in the table of contents; the server's are larger. */
#define TASK_KEY UINT64CONST(1)

struct Workers
{
	ParallelContext *context;
	void	   *task;
};


Workers *
workers_start(const char *name, int n, const void *task, Size size, Size room)
{
	Workers    *workers;

	if (n < 1 || IsInParallelMode())
		return NULL;

	workers = palloc(sizeof(Workers));
	EnterParallelMode();
	workers->context = CreateParallelContext("$libdir/" MENUCA_LIBRARY, name, n);
	shm_toc_estimate_chunk(&workers->context->estimator, add_size(size, room));
	shm_toc_estimate_keys(&workers->context->estimator, 1);
	InitializeParallelDSM(workers->context);

	workers->task = shm_toc_allocate(workers->context->toc, add_size(size, room));
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

void *
workers_wait(Workers *workers)
{
	WaitForParallelWorkersToFinish(workers->context);
	return workers->task;
}

void
workers_end(Workers *workers)
{
	DestroyParallelContext(workers->context);
	ExitParallelMode();
	pfree(workers);
}

double
workers_blocks(Oid relid)
{
	Relation	rel = relation_open_locked(relid);
	double		blocks = -1;

	if (rel->rd_rel->relpersistence != RELPERSISTENCE_TEMP &&
		direct_access_read_obstacle(rel) == NULL)
		blocks = RelationGetNumberOfBlocks(rel);
	relation_close(rel, NoLock);
	return blocks;
}
