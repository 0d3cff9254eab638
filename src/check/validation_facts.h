/*-------------------------------------------------------------------------
 *
 * validation_facts.h
 *	  The facts that the checks of the validation suite judge.
 *
 * Most facts come from a plan and a census, gathered once.  Those that do not
 * need the parents' maps are deferred: they are found when a check first uses
 * them, or by a parallel worker while the others are gathered.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_VALIDATION_FACTS_H
#define MENUCA_VALIDATION_FACTS_H

#include "ledger/reconcile.h"
#include "plan/acceptance.h"
#include "plan/mapping_plan.h"
#include "plan/orphan_figures.h"
#include "plan/orphan_story.h"
#include "plan/probes.h"
#include "target/item_details.h"
#include "target/item_tallies.h"
#include "target/junction.h"

/* The ledger's latest run that inserted items and was not rolled back. */
typedef struct LedgerFacts
{
	int64		run_id;			/* 0: there is none */
	Reconciliation found;
} LedgerFacts;

/*
 * Pairs of V1's groups that have items, and that no source row leads to, by the
 * ids of group and dish.
 */
typedef struct UnexplainedPairs
{
	int			n;
	int			allocated;
	int64	   *groups;
	int64	   *dishes;
	uint64		others;			/* beyond those that are kept */
} UnexplainedPairs;

/* Facts that are found on demand or by a worker. */
typedef struct DeferredFacts
{
	bool		has_ledger;
	bool		has_details;
	LedgerFacts ledger;
	ItemDetails details;
} DeferredFacts;

typedef struct Facts
{
	const Target *target;
	const Source *source;		/* NULL: none is staged, or it is empty */
	const Source *emptied;		/* the empty one; NULL: there is none */
	ParentMap  *groups;
	ParentMap  *dishes;
	const GroupTally *group_tallies;	/* of the source's rows; NULL without
										 * a source */
	ItemTallies tallies;		/* of the items */
	ItemCensus	census;
	OrphanFigures orphans;
	bool		strict;			/* a reversed direction is a FAIL */
	char	   *load_hint;		/* how to load the source */
	char	   *arguments;		/* of calls for the same source and target */
	MappingPlan *plan;			/* NULL without a source */
	UnexplainedPairs unexplained;	/* likewise empty */
	MemoryContext context;		/* that the facts are in */
	Acceptances acceptances;	/* in effect; none without a source */
	Probes		probes;			/* use this and the next ones only through the
								 * functions below */
	DeferredFacts deferred;
	V2Lists    *v2;
	struct Reference *reference;	/* without acceptances, and prints of the
									 * tables' rows; see reference.h */
	List	   *prints;
	bool		has_step_ledger;
	LedgerFacts step_ledger;
} Facts;

/*
 * Fills in the facts about target and source, which the caller has set, as the
 * active snapshot sees them.  with_worker: a parallel worker may help, and its
 * error is raised here.
 */
extern void facts_gather(Facts *facts, bool with_worker);

/* The items, and the steps, by the ledger; there must be a table of steps. */
extern const LedgerFacts *facts_ledger(Facts *facts);
extern const LedgerFacts *facts_step_ledger(Facts *facts);

/* The items' positions, and how many are of the last 24 hours. */
extern const ItemDetails *facts_item_details(Facts *facts);

/*
 * Whether the source means what the plan assumes; only with a source.  Each
 * call probes again, and sets its own figures and those of the orientation.
 */
extern const Probes *facts_orientation(Facts *facts);
extern const Probes *facts_id_space(Facts *facts);
extern const Probes *facts_direction(Facts *facts);

/* V2's lists; NULL when V1's source has rows for all orphans. */
extern const V2Lists *facts_v2_lists(Facts *facts);

#endif							/* MENUCA_VALIDATION_FACTS_H */
