/*-------------------------------------------------------------------------
 *
 * run_ledger.h
 *	  The ledger: the runs, and the rows that each of them inserted.
 *
 * A run is one row of menuca_run.  The rows that it inserted, and those from
 * before it, are recorded by primary key and content hash, in chunks.
 *
 * Runs and strings are returned in the current memory context.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RUN_LEDGER_H
#define MENUCA_RUN_LEDGER_H

#include "fmgr.h"
#include "nodes/pg_list.h"

#include "target/keyed_table.h"

/* The data that a new run records before its first write. */
typedef struct RunStart
{
	const char *kind;			/* "fix_combos" */
	const char *target_schema;
	const char *target;			/* junction's name */
	const char *source;			/* qualified and quoted name */
	const char *mode;			/* "transaction" or "batched" */
	const char *engine;
	const char *parameters;		/* these three are JSON */
	const char *outcomes;
	const char *figures_before;
	uint64		items_before;
	uint64		checksum_before;
	int64		part_of;		/* the run that it is a part of, or 0 */
} RunStart;

/* The data that a run records when it ends. */
typedef struct RunEnd
{
	const char *status;			/* "completed" or "gate_failed" */
	const char *engine;			/* that wrote since the run began or resumed */
	const char *figures_after;	/* JSON */
	const char *gate_message;	/* the gate's refusal, or NULL */
	uint64		items_after;
} RunEnd;

/* A recorded run. */
typedef struct Run
{
	int64		id;
	char	   *kind;
	char	   *target_schema;
	char	   *target;
	char	   *source;
	char	   *mode;
	char	   *status;
	int64		part_of;		/* 0: it is not a part of another run */
	uint64		items_before;
	uint64		checksum_before;	/* sum of those items' hashes */
	uint64		inserted;
	int			batches;
} Run;

/* Which of a run's rows. */
typedef enum RunRows
{
	RUN_BASELINE,				/* those from before it */
	RUN_INSERTED				/* those that it inserted */
} RunRows;

/* Called for each row that is read back. */
typedef void (*RunRowFn) (const KeyedRow *row, void *arg);

/* Raises an error unless the caller has the rights to write the ledger. */
extern void run_require_rights(void);

/* Records a new run, with status "running"; returns its id. */
extern int64 run_begin(const RunStart *start);

/*
 * Records n rows, sorted by key, as chunk number of the run's baseline or as
 * batch number of its inserted rows, whose count in the run grows by n.
 */
extern void run_add_rows(int64 run_id, RunRows which, int number,
						 const KeyedRow *rows, int n);

/* Records the end of a run. */
extern void run_finish(int64 run_id, const RunEnd *end);

/* Records that a run was rolled back; figures, of the rollback, are JSON. */
extern void run_mark_rolled_back(int64 run_id, const char *figures);

/*
 * The argument at that place, counted from 0, as a run id.  Raises an error when
 * it is NULL; remedy, its hint, is a query that lists the runs to choose from.
 */
extern int64 run_argument(FunctionCallInfo fcinfo, int place, const char *remedy);

/* The run of that id.  Raises an error when there is none, or more than one. */
extern Run *run_find(int64 run_id);

/*
 * The parts of a run that have not been rolled back, the latest first: a list
 * of Runs.
 */
extern List *run_parts(int64 run_id);

/*
 * The finished runs that inserted rows into a table and were not rolled back, the
 * latest first: a list of Runs.
 */
extern List *run_list_in_effect(const char *schema, const char *table);

/*
 * The least key of a run's rows, and the one beyond the greatest; false when it
 * has none.
 */
extern bool run_key_range(const Run *run, RunRows which, int64 *least, int64 *beyond);

/* The runs on the same table that were rolled back since that run began. */
extern List *run_list_undone_since(const Run *run);

/*
 * A count in the figures that were recorded before the run, by its path, such
 * as "{integrity,null_dish}", and whether it was recorded at all.  The function
 * that returns it, and the next two, raise an error when somebody has changed the
 * row, so that there is none.
 */
extern bool run_has_figure_before(const Run *run, const char *path);
extern uint64 run_figure_before(const Run *run, const char *path);

/* A parameter of the run as text. */
extern char *run_parameter(const Run *run, const char *name);

/* A parameter of the run that is a finite number. */
extern double run_parameter_number(const Run *run, const char *name);

/*
 * Reads back a run's rows in key order within each chunk, and hands them to fn.
 * Raises an error afterwards when they do not match the count and checksum that
 * the run recorded, or at once when a chunk is malformed.
 */
extern void run_each_row(const Run *run, RunRows which, RunRowFn fn, void *arg);

#endif							/* MENUCA_RUN_LEDGER_H */
