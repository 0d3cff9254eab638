/*-------------------------------------------------------------------------
 *
 * fix_state.h
 *	  The state of a fix, which its phases share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_STATE_H
#define MENUCA_FIX_STATE_H

#include "fix/fix_options.h"
#include "fix/fix_steps.h"
#include "ledger/baseline.h"
#include "plan/gate.h"
#include "plan/mapping_plan.h"
#include "source/source.h"
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

#endif							/* MENUCA_FIX_STATE_H */
