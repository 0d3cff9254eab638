/*-------------------------------------------------------------------------
 *
 * fix_state.h
 *	  The state of a fix, which its phases share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_STATE_H
#define MENUCA_FIX_STATE_H

#include "datatype/timestamp.h"

#include "fix/fix_options.h"
#include "fix/fix_steps.h"
#include "ledger/baseline.h"
#include "ledger/open_run.h"
#include "plan/gate.h"
#include "plan/mapping_plan.h"
#include "source/source_row.h"
#include "target/junction.h"
#include "write/item_writer.h"
#include "write/uuid_pool.h"

/* A fix in progress. */
typedef struct Fix
{
	FixOptions	options;
	Target	   *target;
	Source	   *source;
	int64		run_id;			/* 0 while there is none */
	char	   *real_call;		/* the same call with dry_run => false */
	bool		resumed;
	PlanFigures figures;		/* of the plan */
	ItemCounts *item_counts;	/* stated by the groups; NULL: not known */
	Probes		probes;			/* of the source */
	Acceptances acceptances;	/* in effect when the plan was made */
	FixSteps   *steps;			/* NULL: a source of that kind has no steps */
	MappingPlan *plan;			/* until the items are written */
	OpenRun    *interrupted;	/* another run of that schema, or NULL */
	List	   *refusals;		/* of the gate before */
	Baseline   *baseline;		/* the items from before the run */
	Engine		engine;
	char	   *obstacle;		/* why it is not the native one, or NULL */
	bool		rebuild_indexes;
	UuidPool   *uuid_pool;		/* of a batched run, else NULL */
	ItemWriter *writer;			/* of this transaction */
	uint64		items_before;	/* before the run; likewise the next three */
	uint64		groups_before;
	uint64		orphans_before;
	Integrity	integrity_before;
	Integrity	integrity_after;
	uint64		to_insert;		/* items of the whole run, as planned */
	int			batches;		/* written so far */
	uint64		inserted;		/* items of the run so far */
	TimestampTz writing_since;	/* when this call began to write; 0: not yet */
	uint64		inserted_before;	/* items of the run by then */
	uint64		added_by_others;	/* planned items that others had added
									 * before */
	uint64		items_after;
	OrphanFigures orphans_after;
	bool		interruptible;	/* the ledger has the run, and it has not
								 * ended */
} Fix;

#endif							/* MENUCA_FIX_STATE_H */
