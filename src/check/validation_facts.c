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

#include "base/worker.h"
#include "check/validation_facts.h"
#include "target/step_table.h"

/* Items of the last 24 hours count as recent. */
#define RECENT (USECS_PER_DAY)

/* Pairs that no source row leads to: room at first, and the most that are kept. */
#define INITIAL_UNEXPLAINED 64
#define MAX_UNEXPLAINED 1048576

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
static void add_unexplained(uint32 group, uint32 dish, void *arg);
static void find_ledger_facts(const char *schema, const KeyedTable *table, const char *name,
							  LedgerFacts *ledger);


void
facts_gather(Facts *facts, bool with_worker)
{
	Workers    *workers = with_worker ? start_facts_worker(facts) : NULL;

	if (facts->source)
	{
		gather_with_source(facts);
		acceptances_read(facts->target, facts->source, &facts->plan->figures, &facts->acceptances);
	}
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
		.unexplained_fn = add_unexplained,
		.arg = facts,
		.tallies = true,
		.counts = true,
		.checksums = true,
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

	facts->context = CurrentMemoryContext;
	memset(&facts->unexplained, 0, sizeof(UnexplainedPairs));
	facts->groups = groups;
	facts->dishes = dishes;
	item_tallies_begin(&facts->tallies, groups, dishes);
}

static void
add_item_pair(uint32 group, uint32 dish, uint64 items, void *arg)
{
	item_tallies_add(&((Facts *) arg)->tallies, group, dish, items);
}

/* Only a group that came from V1 can have items of V1. */
static void
add_unexplained(uint32 group, uint32 dish, void *arg)
{
	Facts	   *facts = arg;
	UnexplainedPairs *pairs = &facts->unexplained;

	if (facts->groups->rows[group].system != SYSTEM_V1 || pairs->n == MAX_UNEXPLAINED)
	{
		pairs->others += facts->groups->rows[group].system == SYSTEM_V1;
		return;
	}
	if (pairs->n == pairs->allocated)
	{
		pairs->allocated = Max(INITIAL_UNEXPLAINED, pairs->allocated * 2);
		pairs->groups = pairs->groups ?
			repalloc(pairs->groups, sizeof(int64) * pairs->allocated) :
			MemoryContextAlloc(facts->context, sizeof(int64) * pairs->allocated);
		pairs->dishes = pairs->dishes ?
			repalloc(pairs->dishes, sizeof(int64) * pairs->allocated) :
			MemoryContextAlloc(facts->context, sizeof(int64) * pairs->allocated);
	}
	pairs->groups[pairs->n] = facts->groups->rows[group].id;
	pairs->dishes[pairs->n] = facts->dishes->rows[dish].id;
	pairs->n++;
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

	/* The rest of the memory holds the maps and tallies. */
	if (!facts->deferred.has_ledger)
	{
		find_ledger_facts(facts->target->schema, &facts->target->table,
						  facts->target->junction->name, ledger);
		facts->deferred.has_ledger = true;
	}
	return ledger;
}

const LedgerFacts *
facts_step_ledger(Facts *facts)
{
	if (!facts->has_step_ledger)
	{
		find_ledger_facts(facts->target->schema, &step_table_open(facts->target, ACL_SELECT)->table,
						  facts->target->junction->step_table, &facts->step_ledger);
		facts->has_step_ledger = true;
	}
	return &facts->step_ledger;
}

/* Compares a table with the runs on it that are in effect. */
static void
find_ledger_facts(const char *schema, const KeyedTable *table, const char *name,
				  LedgerFacts *ledger)
{
	List	   *runs = run_list_in_effect(schema, name);
	Run		   *latest;

	if (runs == NIL)
		return;
	latest = linitial(runs);
	ledger->run_id = latest->id;
	reconcile_runs(latest, list_delete_first(runs), run_list_undone_since(latest),
				   table, maintenance_work_mem / 4, &ledger->found);
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
