/*-------------------------------------------------------------------------
 *
 * validation_facts.h
 *	  What the checks of the validation suite look at.
 *
 * Most facts come from a plan and a census, gathered once.  Those that need
 * no map of the parents are found when a check first asks for them, or by a
 * parallel worker while the others are gathered.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_VALIDATION_FACTS_H
#define MENUCA_VALIDATION_FACTS_H

#include "ledger/reconcile.h"
#include "plan/mapping_plan.h"
#include "plan/orphan_figures.h"
#include "plan/orphan_story.h"
#include "plan/probes.h"
#include "source/source.h"
#include "target/item_details.h"
#include "target/item_tallies.h"
#include "target/junction.h"

/* The ledger's latest run that inserted something and still stands. */
typedef struct LedgerFacts
{
	int64		run_id;			/* 0: there is none */
	Reconciliation found;
} LedgerFacts;

/* Found on demand or by a worker. */
typedef struct LateFacts
{
	bool		has_ledger;
	bool		has_details;
	LedgerFacts ledger;
	ItemDetails details;
} LateFacts;

typedef struct Facts
{
	const Target *target;
	const Source *source;		/* NULL: none is staged */
	ParentMap  *groups;
	ParentMap  *dishes;
	const GroupTally *fates;	/* of the source's rows; NULL without a source */
	ItemTallies tallies;
	ItemCensus		census;
	OrphanFigures orphans;
	bool		strict;			/* a reversed direction fails */
	MappingPlan *plan;			/* NULL without a source */
	Probes		probes;			/* to be asked for, as below */
	LateFacts	late;			/* to be asked for, as below */
	V2Lists    *v2;				/* to be asked for, as below */
} Facts;

/*
 * Fills in the facts about target and source, as the active snapshot sees
 * them.  A parallel worker may help, unless the caller wants to be alone; an
 * error of it is raised here.
 */
extern void facts_gather(Facts *facts, bool alone);

/* What the ledger says of the items. */
extern const LedgerFacts *facts_ledger(Facts *facts);

/* Positions; and which items are of the last 24 hours. */
extern const ItemDetails *facts_item_details(Facts *facts);

/*
 * Whether the source means what it is taken for; only with a source.  Each
 * looks anew, and sets its own figures and those of the orientation.
 */
extern const Probes *facts_orientation(Facts *facts);
extern const Probes *facts_id_space(Facts *facts);
extern const Probes *facts_direction(Facts *facts);

/* What V2's lists say; NULL when no orphan wants to know. */
extern const V2Lists *facts_v2_lists(Facts *facts);

#endif							/* MENUCA_VALIDATION_FACTS_H */
