/*-------------------------------------------------------------------------
 *
 * fix.h
 *	  A fix at work, and the steps that its files share.
 *
 *	  fix_combos.c	the story: its steps, and the fix in one transaction
 *	  fix_batched.c	the same steps, a transaction each; resuming
 *	  fix_steps.c	the steps of V2's items (see fix_steps.h)
 *	  fix_report.c	what is said of it: notices, results, the ledger's figures
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_H
#define MENUCA_FIX_H

#include "fmgr.h"
#include "utils/timestamp.h"

#include "apply.h"
#include "baseline.h"
#include "fix_steps.h"
#include "gate.h"
#include "plan.h"
#include "run.h"
#include "source.h"
#include "target.h"

/* What a fix is asked to do. */
typedef struct FixOptions
{
	bool		batched;
	SourceKind	kind;			/* of source */
	Oid			source_oid;
	char	   *target_schema;	/* NULL: the setting's */
	char	   *target_name;
	GateSettings gate;
	int			batch_size;
	bool		exclusive;		/* ACCESS EXCLUSIVE is allowed */
	SourceColumns columns;
} FixOptions;

/* A fix at work. */
typedef struct Fix
{
	FixOptions	options;
	Target	   *target;
	Source	   *source;
	int64		run_id;			/* 0 while there is none */
	bool		resumed;
	PlanFigures figures;		/* of the plan */
	ItemCounts *item_counts;	/* being read for them; NULL: not known */
	Probes		probes;			/* of the source */
	FixSteps   *steps;			/* NULL: the source's lists cannot have any */
	MappingPlan *plan;			/* while items are being written */
	List	   *refusals;		/* of the gate before */
	Baseline   *baseline;		/* the items that are there */
	Engine		engine;
	char	   *obstacle;		/* to the native one, or NULL */
	bool		rebuild_indexes;
	UuidPool   *uuid_pool;		/* for many transactions, or NULL */
	ItemWriter *writer;			/* of this transaction */
	uint64		items_before;	/* the run */
	uint64		groups_before;
	uint64		orphans_before;
	Integrity	integrity_before;
	Integrity	integrity_after;
	uint64		to_insert;		/* by the whole run, as planned */
	int			batches;		/* written so far */
	uint64		inserted;		/* by the run so far */
	uint64		raced;			/* planned, but others were faster */
	uint64		items_after;
	OrphanFigures orphans_after;
	bool		under_way;		/* committed to the ledger, and not ended */
} Fix;

/* fix_combos.c */

/*
 * The arguments from source to strict, in the order of the SQL functions; for
 * lists there are two column names instead of four.  Raises an error on
 * one that makes no sense.
 */
extern FixOptions fix_options(FunctionCallInfo fcinfo, int first, SourceKind kind);

/*
 * Claims and locks the target, plans, and asks the gate; opens the run in the
 * ledger, or raises what the gate refuses.
 */
extern void fix_prepare(Fix *fix);

/* Begins to write, in each transaction that does. */
extern void fix_begin_writing(Fix *fix);

/*
 * Writes the next batch of planned items and its ledger entry; false when
 * there was none.
 */
extern bool fix_write_batch(Fix *fix);

/* Completes what was written in this transaction. */
extern void fix_end_writing(Fix *fix);

/*
 * Counts everything anew, asks the gate after, and closes the run.  A
 * refusal is an error; batched, it is committed to the ledger first.
 */
extern void fix_conclude(Fix *fix);

/* fix_batched.c */

/*
 * Goes on where the ledger ends.  Called with the target claimed, so that
 * nobody else is at work on the run.
 */
extern void fix_take_up(Fix *fix);

/* fix_report.c */

/* NOTICEs in the words of a migration lead; warnings are WARNINGs. */
extern void fix_announce_plan(const Fix *fix, bool dry_run);
extern void fix_announce_end(const Fix *fix);

/* A menuca_fix_result, and the INOUT arguments of the procedures. */
extern Datum fix_result(FunctionCallInfo fcinfo, const Fix *fix, bool dry_run,
						TimestampTz start);
extern Datum fix_batched_result(FunctionCallInfo fcinfo, const Fix *fix);

/*
 * JSON for the ledger: all that judges the run, so that nobody can change it
 * afterwards; the outcomes; the orphan rates with what is broken, and what the
 * probes found (NULL: they did not look).
 */
extern char *fix_parameters_json(const FixOptions *options);
extern char *fix_outcomes_json(const PlanFigures *figures);
extern char *fix_figures_json(const OrphanFigures *orphans,
							  const Integrity *integrity, const Probes *probes);

#endif							/* MENUCA_FIX_H */
