/*-------------------------------------------------------------------------
 *
 * run_ledger.h
 *	  The ledger: what was run, and which rows it inserted.
 *
 * A run is one row of menuca_run.  Its rows, and those that were there
 * before it, are remembered by primary key and content hash, in chunks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RUN_LEDGER_H
#define MENUCA_RUN_LEDGER_H

#include "fmgr.h"
#include "nodes/pg_list.h"

#include "target/keyed_table.h"

/* What a new run records before its first write; all JSON is text. */
typedef struct RunStart
{
	const char *kind;			/* "fix_combos" */
	const char *target_schema;
	const char *target;			/* junction's name */
	const char *source;			/* qualified and quoted name */
	const char *mode;			/* "transaction" or "batched" */
	const char *engine;
	const char *parameters;
	const char *outcomes;
	const char *figures_before;
	uint64		items_before;
	uint64		checksum_before;
	int64		part_of;		/* the run of which it is a part, or 0 */
} RunStart;

/* How a run ended. */
typedef struct RunEnd
{
	const char *status;			/* "completed" or "gate_failed" */
	const char *engine;			/* of its last part */
	const char *figures_after;
	const char *gate_message;	/* NULL when the gate was open */
	uint64		items_after;
} RunEnd;

/* A run, as the ledger has it. */
typedef struct Run
{
	int64		id;
	char	   *kind;
	char	   *target_schema;
	char	   *target;
	char	   *source;
	char	   *mode;
	char	   *status;
	int64		part_of;		/* 0: of none */
	uint64		items_before;
	uint64		checksum_before;	/* sum of the hashes of those items */
	uint64		inserted;
	int			batches;
} Run;

/* Which of a run's rows. */
typedef enum RunRows
{
	RUN_BASELINE,				/* that were there before it */
	RUN_INSERTED				/* that it inserted */
} RunRows;

typedef void (*RunRowFn) (const KeyedRow *row, void *arg);

/*
 * Raises an error unless the caller may write the ledger.
 */
extern void run_require_rights(void);

/* Records a new run; returns its id. */
extern int64 run_begin(const RunStart *start);

/*
 * Records rows, sorted by key, as the run's chunk (of the baseline) or batch
 * (of what it inserted) of that number; a batch adds to the run's count.
 */
extern void run_add_rows(int64 run_id, RunRows which, int number,
						 const KeyedRow *rows, int n);

/* Records the end of a run. */
extern void run_finish(int64 run_id, const RunEnd *end);

/* Records that a run was rolled back. */
extern void run_mark_rolled_back(int64 run_id);

/*
 * The run id in a function's argument at that place (counted from 0).  Raises an
 * error when it is NULL; remedy is the query that lists the runs in question.
 */
extern int64 run_argument(FunctionCallInfo fcinfo, int place, const char *remedy);

/*
 * Finds a run; raises an error when there is none of that id.
 */
extern Run *run_find(int64 run_id);

/*
 * The parts of a run that have not been rolled back, the latest first: a list
 * of Runs.
 */
extern List *run_parts(int64 run_id);

/*
 * A number that was recorded as a figure from before the run, as in
 * '{integrity,null_dish}'; 0 when it was not.
 */
extern uint64 run_figure_before(int64 run_id, const char *path);

/* A recorded parameter as text; NULL when it was NULL. */
extern char *run_parameter(int64 run_id, const char *name);

/*
 * Reads back a run's rows, chunk by chunk.  Raises an error when they do not
 * come to the count and checksum that the run recorded.
 */
extern void run_each_row(const Run *run, RunRows which, RunRowFn fn, void *arg);

#endif							/* MENUCA_RUN_LEDGER_H */
