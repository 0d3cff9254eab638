/*-------------------------------------------------------------------------
 *
 * facts.c
 *	  Gathering what the checks look at: see facts.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "optimizer/cost.h"
#include "optimizer/paths.h"
#include "port/atomics.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "facts.h"
#include "query.h"
#include "worker.h"

/* What counts as recent: the last day. */
#define RECENT (USECS_PER_DAY)

/* The late facts, in the order in which they are taken up. */
enum
{
	LATE_LEDGER,
	LATE_DISTRIBUTION,
	LATE_DETAILS
};

/* What a worker is asked for, and what it found. */
typedef struct FactsTask
{
	NameData	schema;
	NameData	junction;
	Oid			source;			/* invalid: none is staged */
	NameData	id_column;		/* its columns; empty: none */
	NameData	dish_column;
	NameData	group_column;
	NameData	order_column;
	pg_atomic_uint32 next;		/* late fact to be found */
	LateFacts	late;			/* what the worker found */
} FactsTask;

/* The source's pairs of group and dish on their way into a sort. */
typedef struct SourcePairs
{
	Int8Sort   *sort;
	bool		packed;
	bool		fit;			/* all of them so far, if packed */
} SourcePairs;

extern PGDLLEXPORT void facts_worker(dsm_segment *segment, shm_toc *toc);

static Workers *start_worker(const Facts *facts);
static bool is_worth_a_worker(const Facts *facts);
static double shared_blocks(Oid relid);
static void set_name(NameData *name, const char *value);
static char *name_or_null(NameData *name);
static void find_late_facts(Facts *facts, pg_atomic_uint32 *next);
static void add_late_facts(LateFacts *to, const LateFacts *from);
static void gather_with_source(Facts *facts);
static void gather_without_source(Facts *facts);
static void begin_tallies(LegacyMap *groups, LegacyMap *dishes, void *arg);
static void add_item_pair(uint32 group, uint32 dish, uint64 items, void *arg);
static int64 latest_run(const Target *target);
static bool count_source_pairs(const Source *source, Distribution *distribution,
							   bool packed);
static void add_source_pair(const SourceRow *row, void *arg);


void
facts_gather(Facts *facts, bool alone)
{
	Workers    *workers = alone ? NULL : start_worker(facts);

	if (facts->source)
		gather_with_source(facts);
	else
		gather_without_source(facts);

	if (workers)
	{
		FactsTask	task;

		find_late_facts(facts, &((FactsTask *) workers_task(workers))->next);
		workers_finish(workers, &task);
		add_late_facts(&facts->late, &task.late);
	}
}

static Workers *
start_worker(const Facts *facts)
{
	FactsTask	task = {0};

	if (!is_worth_a_worker(facts))
		return NULL;

	pg_atomic_init_u32(&task.next, 0);
	set_name(&task.schema, facts->target->schema);
	set_name(&task.junction, facts->target->junction->name);
	if (facts->source)
	{
		const SourceColumns *columns = &facts->source->columns;

		task.source = facts->source->oid;
		set_name(&task.id_column, columns->id);
		set_name(&task.dish_column, columns->dish);
		set_name(&task.group_column, columns->group);
		set_name(&task.order_column, columns->order);
	}
	return workers_start("facts_worker", Min(1, max_parallel_workers_per_gather),
						 &task, sizeof(FactsTask));
}

/* By the rule for scans of tables; nobody else sees a temporary one. */
static bool
is_worth_a_worker(const Facts *facts)
{
	double		target = shared_blocks(facts->target->table.oid);
	double		source = facts->source ? shared_blocks(facts->source->oid) : 0;

	return target >= 0 && source >= 0 &&
		target + source >= min_parallel_table_scan_size;
}

/* The size of a table in blocks; negative: it is temporary. */
static double
shared_blocks(Oid relid)
{
	Relation	rel = relation_open(relid, NoLock);
	double		blocks = -1;

	if (rel->rd_rel->relpersistence != RELPERSISTENCE_TEMP)
		blocks = RELKIND_HAS_STORAGE(rel->rd_rel->relkind) ? RelationGetNumberOfBlocks(rel) : 0;
	relation_close(rel, NoLock);
	return blocks;
}

static void
set_name(NameData *name, const char *value)
{
	namestrcpy(name, value ? value : "");
}

static char *
name_or_null(NameData *name)
{
	return NameStr(*name)[0] == '\0' ? NULL : NameStr(*name);
}

/* A parallel worker's part. */
void
facts_worker(pg_attribute_unused() dsm_segment *segment, shm_toc *toc)
{
	FactsTask  *task = worker_task(toc);
	Facts		facts = {0};
	SourceColumns columns = {
		.id = name_or_null(&task->id_column),
		.dish = name_or_null(&task->dish_column),
		.group = name_or_null(&task->group_column),
		.order = name_or_null(&task->order_column)
	};

	facts.target = target_open(NameStr(task->schema), NameStr(task->junction), ACL_SELECT);
	if (OidIsValid(task->source))
		facts.source = source_open(task->source, &columns, false);
	find_late_facts(&facts, &task->next);
	task->late = facts.late;
}

/* Finds one late fact after the other until none is left. */
static void
find_late_facts(Facts *facts, pg_atomic_uint32 *next)
{
	for (;;)
	{
		switch (pg_atomic_fetch_add_u32(next, 1))
		{
			case LATE_LEDGER:
				facts_ledger(facts);
				break;
			case LATE_DISTRIBUTION:
				if (facts->source)
					facts_source_distribution(facts);
				break;
			case LATE_DETAILS:
				facts_item_details(facts);
				break;
			default:
				return;
		}
	}
}

static void
add_late_facts(LateFacts *to, const LateFacts *from)
{
	if (from->has_ledger)
		to->ledger = from->ledger;
	if (from->has_details)
		to->details = from->details;
	if (from->has_distribution)
		to->source_distribution = from->source_distribution;
	to->has_ledger |= from->has_ledger;
	to->has_details |= from->has_details;
	to->has_distribution |= from->has_distribution;
}

static void
gather_with_source(Facts *facts)
{
	PlanRequest request = {
		.maps_fn = begin_tallies,
		.sorted_fn = add_item_pair,
		.arg = facts,
		.tallies = true,
		.classify_only = true,
		.kilobytes = maintenance_work_mem / 2
	};

	facts->plan = plan_make(facts->target, facts->source, &request);
	facts->fates = facts->plan->tallies;
	facts->census = facts->plan->figures.census;
	facts->orphans = facts->plan->figures.before;
}

static void
gather_without_source(Facts *facts)
{
	begin_tallies(legacy_map_read(&facts->target->groups),
				  legacy_map_read(&facts->target->dishes), facts);
	census_take_sorted(facts->target, facts->groups, facts->dishes, &facts->census,
					   add_item_pair, facts);
	orphans_count(facts->groups, PARENT_HAS_ITEMS, false, &facts->orphans);
}

static void
begin_tallies(LegacyMap *groups, LegacyMap *dishes, void *arg)
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
	LedgerFacts *ledger = &facts->late.ledger;

	if (!facts->late.has_ledger)
	{
		ledger->run_id = latest_run(facts->target);

		/* The maps and tallies are there, too. */
		if (ledger->run_id != 0)
			reconcile(run_find(ledger->run_id), &facts->target->table,
					  maintenance_work_mem / 4, &ledger->found, NULL, NULL);
		facts->late.has_ledger = true;
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
							   ledger_schema()), &args);
}

const ItemDetails *
facts_item_details(Facts *facts)
{
	if (!facts->late.has_details)
	{
		item_details_count(facts->target, GetCurrentTransactionStartTimestamp() - RECENT,
						   &facts->late.details);
		facts->late.has_details = true;
	}
	return &facts->late.details;
}

const V2Lists *
facts_v2_lists(Facts *facts)
{
	if (facts->v2 == NULL && orphans_ask_v2(facts->groups, facts->fates))
		facts->v2 = v2_lists_read(facts->target);
	return facts->v2;
}

const Distribution *
facts_source_distribution(Facts *facts)
{
	Distribution *distribution = &facts->late.source_distribution;

	if (!facts->late.has_distribution)
	{
		if (!count_source_pairs(facts->source, distribution, true))
			count_source_pairs(facts->source, distribution, false);
		facts->late.has_distribution = true;
	}
	return distribution;
}

/* False if a pair cannot be packed. */
static bool
count_source_pairs(const Source *source, Distribution *distribution, bool packed)
{
	SourcePairs state = {
		int8_sort_begin(packed ? 1 : 2, maintenance_work_mem / 4, false), packed, true
	};

	memset(distribution, 0, sizeof(Distribution));
	source_read(source, add_source_pair, &state);
	if (state.fit)
		distribution_of_pairs(distribution, state.sort, packed);
	int8_sort_end(state.sort);
	return state.fit;
}

static void
add_source_pair(const SourceRow *row, void *arg)
{
	SourcePairs *pairs = arg;
	int64		pair[2] = {row->group, row->dish};

	if (!row->has_group || !row->has_dish)
		return;
	if (pairs->packed && !pack_pair(row->group, row->dish, pair))
		pairs->fit = false;
	int8_sort_put(pairs->sort, pair);
}
