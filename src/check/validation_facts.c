/*-------------------------------------------------------------------------
 *
 * validation_facts.c
 *	  Gathering the facts of a validation: see validation_facts.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "optimizer/cost.h"
#include "optimizer/paths.h"
#include "port/atomics.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/extension.h"
#include "base/query.h"
#include "base/worker.h"
#include "check/validation_facts.h"

/* Items of the last 24 hours count as recent. */
#define RECENT (USECS_PER_DAY)

/* The deferred facts, in the order in which they are found. */
enum
{
	DEFERRED_LEDGER,
	DEFERRED_DETAILS
};

/* What leader and worker share. */
typedef struct FactsTask
{
	NameData	schema;
	NameData	junction;
	pg_atomic_uint32 next;		/* deferred fact to find next, by either */
	DeferredFacts deferred;		/* those that the worker found */
} FactsTask;

extern PGDLLEXPORT void facts_worker(dsm_segment *segment, shm_toc *toc);

static Workers *start_facts_worker(const Facts *facts);
static void find_deferred_facts(Facts *facts, pg_atomic_uint32 *next);
static void add_deferred_facts(DeferredFacts *to, const DeferredFacts *from);
static void gather_with_source(Facts *facts);
static void gather_without_source(Facts *facts);
static void begin_tallies(ParentMap *groups, ParentMap *dishes, void *arg);
static void add_item_pair(uint32 group, uint32 dish, uint64 items, void *arg);
static int64 latest_run(const Target *target);


void
facts_gather(Facts *facts, bool with_worker)
{
	Workers    *workers = with_worker ? start_facts_worker(facts) : NULL;

	if (facts->source)
		gather_with_source(facts);
	else
		gather_without_source(facts);

	if (workers)
	{
		find_deferred_facts(facts, &((FactsTask *) workers_task(workers))->next);
		add_deferred_facts(&facts->deferred, &((FactsTask *) workers_wait(workers))->deferred);
		workers_end(workers);
	}
}

static Workers *
start_facts_worker(const Facts *facts)
{
	FactsTask	task = {0};

	/* The server's own rule for parallel scans of a table. */
	if (workers_blocks(facts->target->table.oid) < min_parallel_table_scan_size)
		return NULL;

	pg_atomic_init_u32(&task.next, 0);
	namestrcpy(&task.schema, facts->target->schema);
	namestrcpy(&task.junction, facts->target->junction->name);
	return workers_start("facts_worker", Min(1, max_parallel_workers_per_gather),
						 &task, sizeof(FactsTask), 0);
}

/* Runs in the parallel worker. */
void
facts_worker(pg_attribute_unused() dsm_segment *segment, shm_toc *toc)
{
	FactsTask  *task = worker_task(toc);
	Facts		facts = {0};

	facts.target = target_open(NameStr(task->schema), NameStr(task->junction), ACL_SELECT);
	find_deferred_facts(&facts, &task->next);
	task->deferred = facts.deferred;
}

/* Finds the deferred facts that nobody else has begun with. */
static void
find_deferred_facts(Facts *facts, pg_atomic_uint32 *next)
{
	for (;;)
	{
		switch (pg_atomic_fetch_add_u32(next, 1))
		{
			case DEFERRED_LEDGER:
				facts_ledger(facts);
				break;
			case DEFERRED_DETAILS:
				facts_item_details(facts);
				break;
			default:
				return;
		}
	}
}

static void
add_deferred_facts(DeferredFacts *to, const DeferredFacts *from)
{
	if (from->has_ledger)
		to->ledger = from->ledger;
	if (from->has_details)
		to->details = from->details;
	to->has_ledger |= from->has_ledger;
	to->has_details |= from->has_details;
}

static void
gather_with_source(Facts *facts)
{
	PlanRequest request = {
		.maps_fn = begin_tallies,
		.sorted_fn = add_item_pair,
		.arg = facts,
		.tallies = true,
		.counts = true,
		.kilobytes = maintenance_work_mem / 2
	};

	facts->plan = plan_make(facts->target, facts->source, &request);
	facts->group_tallies = facts->plan->tallies;
	facts->census = facts->plan->figures.census;
	facts->orphans = facts->plan->figures.before;
}

static void
gather_without_source(Facts *facts)
{
	begin_tallies(parent_map_read(&facts->target->groups),
				  parent_map_read(&facts->target->dishes), facts);
	item_census_take_sorted(facts->target, facts->groups, facts->dishes, &facts->census,
							add_item_pair, facts);
	orphan_figures_count(facts->groups, PARENT_HAS_ITEMS, false, &facts->orphans);
}

static void
begin_tallies(ParentMap *groups, ParentMap *dishes, void *arg)
{
	Facts	   *facts = arg;

	facts->groups = groups;
	facts->dishes = dishes;
	item_tallies_begin(&facts->tallies, groups, dishes);
}

static void
add_item_pair(uint32 group, uint32 dish, uint64 items, void *arg)
{
	item_tallies_add(&((Facts *) arg)->tallies, group, dish, items);
}

const Probes *
facts_orientation(Facts *facts)
{
	probes_begin(facts->plan, &facts->probes);
	return &facts->probes;
}

const Probes *
facts_id_space(Facts *facts)
{
	probes_begin(facts->plan, &facts->probes);
	probes_id_space(facts->plan, &facts->probes);
	return &facts->probes;
}

const Probes *
facts_direction(Facts *facts)
{
	probes_begin(facts->plan, &facts->probes);
	probes_direction(facts->plan, &facts->probes);
	return &facts->probes;
}

const LedgerFacts *
facts_ledger(Facts *facts)
{
	LedgerFacts *ledger = &facts->deferred.ledger;

	if (!facts->deferred.has_ledger)
	{
		ledger->run_id = latest_run(facts->target);

		/* The rest of the memory holds the maps and tallies. */
		if (ledger->run_id != 0)
			reconcile(run_find(ledger->run_id), &facts->target->table,
					  maintenance_work_mem / 4, &ledger->found, NULL, NULL);
		facts->deferred.has_ledger = true;
	}
	return ledger;
}

static int64
latest_run(const Target *target)
{
	QueryArgs	args = {0};

	query_arg_text(&args, target->schema);
	query_arg_text(&args, target->junction->name);
	return query_int8(psprintf("SELECT max(run_id) FROM %smenuca_run WHERE target_schema = $1 AND target = $2"
							   " AND status IN ('completed', 'gate_failed') AND inserted > 0",
							   migrate_schema()), &args);
}

const ItemDetails *
facts_item_details(Facts *facts)
{
	if (!facts->deferred.has_details)
	{
		item_details_count(facts->target, GetCurrentTransactionStartTimestamp() - RECENT,
						   &facts->deferred.details);
		facts->deferred.has_details = true;
	}
	return &facts->deferred.details;
}

const V2Lists *
facts_v2_lists(Facts *facts)
{
	if (facts->v2 == NULL && orphan_lists_needed(facts->groups, facts->group_tallies))
		facts->v2 = orphan_lists_read(facts->target);
	return facts->v2;
}
