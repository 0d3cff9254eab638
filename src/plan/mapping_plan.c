/*-------------------------------------------------------------------------
 *
 * mapping_plan.c
 *	  One outcome for every source row: see mapping_plan.h.
 *
 * The main path: the parents are read into maps, and the pairs of the existing
 * items go into a sort.  Each source row is then classified by the maps; one
 * that can be mapped joins the sort.  Finally the sorted pairs are scanned:
 * among equal pairs the first entries tell whether a row is new, present or a
 * duplicate.  They are scanned once more when the new ones are written.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/content_hash.h"
#include "base/id_set.h"
#include "base/relation.h"
#include "plan/candidates.h"
#include "plan/mapping_plan.h"
#include "plan/plan_pairs.h"
#include "source/source.h"

/* Share of the sort's memory for the rejects' pairs: there should be few. */
#define REJECT_SHARE 8

typedef struct PlanState
{
	MappingPlan *plan;
	const PlanRequest *request;
	PlanPairs  *pairs;
	id_set_hash *missing_groups;	/* legacy ids that the target lacks */
} PlanState;

static PlanPairs *begin_pairs(const MappingPlan *plan, const PlanRequest *request);
static int	plan_kilobytes(const PlanRequest *request);
static int	reject_kilobytes(const PlanRequest *request);
static void add_item(const ParentRow *group, const ParentRow *dish, void *arg);
static void hand_out_item(int64 key, uint64 hash, void *arg);
static void add_source_row(const SourceRow *source, void *arg);
static uint32 find_legacy(ParentMap *map, id_set_hash *missing,
						  Coverage *coverage, bool has_id, int64 id);
static Outcome classify(PlanState *state, const SourceRow *source,
						const Candidates *candidates, Match *match);
static bool row_is_valid(const Target *target, const SourceRow *source);
static inline uint64 row_checksum(const SourceRow *source, int64 group, int64 dish);
static void note_coverage(MappingPlan *plan, Outcome outcome,
						  const Candidates *candidates, const Match *match);
static bool is_only(const ParentMap *map, uint32 first);
static void cover(ParentMap *map, Coverage *coverage, uint32 first);
static void tally(MappingPlan *plan, Outcome outcome,
				  const Candidates *candidates);
static void count_reject(PlanState *state, const SourceRow *source,
						 Outcome outcome, const Candidates *candidates);
static void scan_pairs(PlanState *state);
static void count_pair(const PlanPairs *pairs, uint32 group, uint32 dish, void *arg);
static void hand_out_pair(PlanState *state, const PlanPair *pair);
static PlanRow row_of_pair(const MappingPlan *plan, const PlanPair *pair);
static void check_partition(const PlanFigures *figures);


void
plan_refuse_own_table(const Target *target, Oid relid, const char *what)
{
	if (relid == target->table.oid || relid == target->groups.oid || relid == target->dishes.oid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %s is a table of the target", what, relation_display_name(relid)),
				 errdetail("The %s is a staged table of the old system, with its ids. Nothing was changed.", what),
				 errhint("Name the staged table: %s => 'schema.table'; or omit the argument to use its default.", what)));
}

MappingPlan *
plan_make(const Target *target, const Source *source,
		  const PlanRequest *request)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "menuca plan",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	MappingPlan *plan = palloc0(sizeof(MappingPlan));
	PlanFigures *figures = &plan->figures;
	PlanState	state = {
		.plan = plan,
		.request = request
	};

	plan_refuse_own_table(target, source->oid, "source");
	plan->context = context;
	plan->target = target;
	plan->source = source;
	state.missing_groups = id_set_create(context, 256, NULL);
	plan->missing_dishes = id_set_create(context, 256, NULL);

	/* Read what the target has */
	plan->groups = parent_map_read(&target->groups);
	plan->dishes = parent_map_read(&target->dishes);
	if (request->maps_fn)
		request->maps_fn(plan->groups, plan->dishes, request->arg);
	if (request->counts)
		plan->counts = group_counts_begin(plan->groups, source->kind != SOURCE_ROWS,
										  reject_kilobytes(request));
	state.pairs = begin_pairs(plan, request);
	item_census_take(target, plan->groups, plan->dishes, &figures->census,
					 add_item, request->item_fn ? hand_out_item : NULL, &state);
	if (request->tallies)
		plan->tallies = MemoryContextAllocExtended(context,
												   sizeof(GroupTally) * Max(plan->groups->nrows, 1),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	/* Classify the source's rows */
	figures->source_rows = source_read(source, add_source_row, &state);
	if (figures->source_rows == 0 && !request->empty_ok)
		source_raise_empty(source);
	scan_pairs(&state);
	check_partition(figures);
	if (plan->counts)
		group_counts_end(plan->counts, &figures->planned, &figures->in_source);

	/* Count the groups without items, now and once the plan is carried out */
	orphan_figures_count(plan->groups, PARENT_HAS_ITEMS, true, &figures->before);
	orphan_figures_count(plan->groups, PARENT_HAS_ITEMS | PARENT_GETS_ITEMS, true,
						 &figures->after);

	id_set_destroy(state.missing_groups);
	if (request->keep)
	{
		plan_pairs_rewind(state.pairs);
		plan->pairs = state.pairs;
	}
	else
		plan_pairs_end(state.pairs);
	MemoryContextSwitchTo(old);
	return plan;
}

bool
plan_next_insert(MappingPlan *plan, PlanRow *row)
{
	PlanPair	pair;

	while (plan_pairs_next(plan->pairs, &pair, NULL, NULL))
	{
		if (pair.outcome != OUTCOME_INSERT)
			continue;
		*row = row_of_pair(plan, &pair);
		return true;
	}
	return false;
}

void
plan_forget_missing(MappingPlan *plan)
{
	id_set_destroy(plan->missing_dishes);
	plan->missing_dishes = NULL;
}

void
plan_end_inserts(MappingPlan *plan)
{
	plan_pairs_end(plan->pairs);
	plan->pairs = NULL;
	parent_map_free(plan->dishes);
	plan->dishes = NULL;
}

void
plan_free(MappingPlan *plan)
{
	if (plan->pairs)
		plan_pairs_end(plan->pairs);
	MemoryContextDelete(plan->context);
}

static PlanPairs *
begin_pairs(const MappingPlan *plan, const PlanRequest *request)
{
	int			kilobytes = plan_kilobytes(request) - (request->counts ? reject_kilobytes(request) : 0);
	bool		with_rows = (request->row_fn && !request->classify_only) || request->keep;

	return plan_pairs_begin(plan->groups, plan->dishes, with_rows,
							plan->source->kind == SOURCE_JSON_LISTS,
							parent_map_memory_left(plan->groups, plan->dishes, kilobytes),
							request->across_transactions);
}

static int
plan_kilobytes(const PlanRequest *request)
{
	return request->kilobytes > 0 ? request->kilobytes : maintenance_work_mem;
}

static int
reject_kilobytes(const PlanRequest *request)
{
	return plan_kilobytes(request) / REJECT_SHARE;
}

static void
add_item(const ParentRow *group, const ParentRow *dish, void *arg)
{
	plan_pairs_add_item(((PlanState *) arg)->pairs, group, dish);
}

static void
hand_out_item(int64 key, uint64 hash, void *arg)
{
	const PlanRequest *request = ((PlanState *) arg)->request;

	request->item_fn(key, hash, request->arg);
}

/*
 * Classifies a source row.  Rejects are handed out at once, the others when
 * all pairs are known.
 */
static void
add_source_row(const SourceRow *source, void *arg)
{
	PlanState  *state = arg;
	MappingPlan *plan = state->plan;
	PlanFigures *figures = &plan->figures;
	Candidates	candidates;
	Match		match;
	Outcome		outcome;

	candidates.groups = find_legacy(plan->groups, state->missing_groups,
									&figures->groups, source->has_group, source->group);
	candidates.dishes = find_legacy(plan->dishes, plan->missing_dishes,
									&figures->dishes, source->has_dish, source->dish);

	outcome = classify(state, source, &candidates, &match);
	note_coverage(plan, outcome, &candidates, &match);
	if (plan->tallies)
		tally(plan, outcome, &candidates);

	if (outcome == OUTCOME_CROSS_RESTAURANT)
		plan->dishes->rows[candidates.dishes].flags |= PARENT_CROSSED;

	if (state->request->checksums)
	{
		figures->source_checksum += row_checksum(source, source->has_group ? source->group : 0,
												 source->has_dish ? source->dish : 0);
		if (outcome == OUTCOME_INSERT)
			figures->mapping_checksum += row_checksum(source, match.group->id, match.dish->id);
	}

	if (match.pairs > 0)
		figures->fits_declared++;
	if (candidates_fit_swapped(plan->groups, plan->dishes, source))
		figures->fits_swapped++;

	if (outcome == OUTCOME_INSERT && !state->request->classify_only)
		plan_pairs_add_row(state->pairs, match.group, match.dish, source, false);
	else
	{
		PlanRow		row = {
			.outcome = outcome,
			.source = *source
		};

		figures->outcomes[outcome]++;
		if (state->request->row_fn)
			state->request->row_fn(&row, state->request->arg);
		if (plan->counts)
			count_reject(state, source, outcome, &candidates);
	}
}

/*
 * Looks up a legacy id and, when the source names it for the first time,
 * counts it.  Returns the number of the first candidate or PARENT_MAP_END.
 */
static uint32
find_legacy(ParentMap *map, id_set_hash *missing, Coverage *coverage,
			bool has_id, int64 id)
{
	uint32		first;
	bool		known;

	if (!has_id || id <= 0)
		return PARENT_MAP_END;

	first = parent_map_first(map, id);
	if (first == PARENT_MAP_END)
		id_set_insert(missing, id, &known);
	else
	{
		known = (map->rows[first].flags & PARENT_REFERENCED) != 0;
		for (uint32 row = first; !known && row != PARENT_MAP_END; row = map->rows[row].next)
			map->rows[row].flags |= PARENT_REFERENCED;
	}
	if (!known)
		coverage->ids++;

	return first;
}

/*
 * The outcome of a source row by itself: insert, or why it is rejected.
 * Whether it repeats another pair is only known once all pairs are sorted.
 */
static Outcome
classify(PlanState *state, const SourceRow *source,
		 const Candidates *candidates, Match *match)
{
	bool		no_group = candidates->groups == PARENT_MAP_END;
	bool		no_dish = candidates->dishes == PARENT_MAP_END;

	memset(match, 0, sizeof(Match));
	if (!row_is_valid(state->plan->target, source))
		return OUTCOME_INVALID;
	if (no_group || no_dish)
		return no_group && no_dish ? OUTCOME_UNMAPPED_BOTH :
			no_group ? OUTCOME_UNMAPPED_GROUP : OUTCOME_UNMAPPED_DISH;

	*match = candidates_match(state->plan->groups, state->plan->dishes, candidates);
	if (match->pairs == 0)
		return OUTCOME_CROSS_RESTAURANT;
	if (match->pairs == 1)
		return OUTCOME_INSERT;
	return match->several_groups ? OUTCOME_AMBIGUOUS_GROUP : OUTCOME_AMBIGUOUS_DISH;
}

/*
 * True if the ids are positive and the target's columns can hold the values.
 */
static bool
row_is_valid(const Target *target, const SourceRow *source)
{
	if (!source->has_group || source->group <= 0 ||
		source->group > target->groups.legacy_max)
		return false;
	if (!source->has_dish || source->dish <= 0 ||
		source->dish > target->dishes.legacy_max)
		return false;
	if (source->order < target->display_order_min ||
		source->order > target->display_order_max)
		return false;
	if (source->has_id &&
		(source->id > target->source_id_max || source->id == PLAN_PAIRS_NO_ID))
		return false;
	return true;
}

/*
 * A hash of a source row's id, order and two more ids.  Sums of it are the same
 * for the same rows in any order; the factors are odd and without pattern.
 */
static inline uint64
row_checksum(const SourceRow *source, int64 group, int64 dish)
{
	return mix64((uint64) (source->has_id ? source->id : source->number) * UINT64CONST(0x9E3779B97F4A7C15) +
				 (uint64) source->order * UINT64CONST(0xD6E8FEB86659FD93) +
				 (uint64) group * UINT64CONST(0xC2B2AE3D27D4EB4F) +
				 (uint64) dish * UINT64CONST(0x165667B19E3779F9));
}

/*
 * An id is covered when some row of the source identifies one row by it: in
 * pairs of one restaurant or, if the other id was not found, by itself.
 */
static void
note_coverage(MappingPlan *plan, Outcome outcome, const Candidates *candidates,
			  const Match *match)
{
	PlanFigures *figures = &plan->figures;
	bool		group = outcome == OUTCOME_UNMAPPED_DISH ?
		is_only(plan->groups, candidates->groups) :
		match->pairs > 0 && !match->several_groups;
	bool		dish = outcome == OUTCOME_UNMAPPED_GROUP ?
		is_only(plan->dishes, candidates->dishes) :
		match->pairs > 0 && !match->several_dishes;

	if (group)
		cover(plan->groups, &figures->groups, candidates->groups);
	if (dish)
		cover(plan->dishes, &figures->dishes, candidates->dishes);
}

/* True if no other row has the legacy id. */
static bool
is_only(const ParentMap *map, uint32 first)
{
	return map->rows[first].next == PARENT_MAP_END;
}

static void
cover(ParentMap *map, Coverage *coverage, uint32 first)
{
	if (map->rows[first].flags & PARENT_COVERED)
		return;
	map->rows[first].flags |= PARENT_COVERED;
	coverage->covered++;
}

/*
 * Counts the row for each candidate group.  For a group that shares its
 * restaurant with none of the dish's candidates it is cross_restaurant, even
 * when the row is mapped to another group of the same legacy id.
 */
static void
tally(MappingPlan *plan, Outcome outcome, const Candidates *candidates)
{
	const ParentRow *group;

	for (uint32 g = candidates->groups; g != PARENT_MAP_END; g = group->next)
	{
		GroupTally *tally = &plan->tallies[g];

		group = &plan->groups->rows[g];
		if (outcome == OUTCOME_INVALID)
			tally->invalid++;
		else if (outcome == OUTCOME_UNMAPPED_DISH)
			tally->unmapped_dish++;
		else if (!candidates_fit_group(group, plan->dishes, candidates->dishes))
			tally->cross_restaurant++;
		else if (outcome == OUTCOME_AMBIGUOUS_GROUP || outcome == OUTCOME_AMBIGUOUS_DISH)
			tally->ambiguous++;
		else
			tally->mapped++;
	}
}

/*
 * Counts the pair that a reject names as the source's.  A row that is invalid
 * only for its position or its own id may name a pair that other rows lead to.
 */
static void
count_reject(PlanState *state, const SourceRow *source, Outcome outcome,
			 const Candidates *candidates)
{
	MappingPlan *plan = state->plan;
	Match		match = {0};

	if (!source->has_group || !source->has_dish)
		return;
	if (outcome == OUTCOME_INVALID)
		match = candidates_match(plan->groups, plan->dishes, candidates);
	if (match.pairs == 1)
		plan_pairs_add_row(state->pairs, match.group, match.dish, source, true);
	else
		group_counts_reject(plan->counts, source->group, source->dish);
}

/* Scans the sorted pairs, counts them and hands out their source rows. */
static void
scan_pairs(PlanState *state)
{
	PlanPair	pair = {0};

	plan_pairs_sort(state->pairs);
	while (plan_pairs_next(state->pairs, &pair, count_pair, state))
		hand_out_pair(state, &pair);
}

static void
count_pair(const PlanPairs *pairs, uint32 group, uint32 dish, void *arg)
{
	const PlanState *state = arg;
	const PlanRequest *request = state->request;
	MappingPlan *plan = state->plan;

	if (plan->counts)
		group_counts_add(plan->counts, group, pairs->items, pairs->taken, pairs->named);
	if (pairs->items == 0)
		return;
	plan->figures.census.duplicate += pairs->items - 1;
	if (request->sorted_fn)
		request->sorted_fn(group, dish, pairs->items, request->arg);
	if (request->unexplained_fn && !pairs->taken && !pairs->named)
		request->unexplained_fn(group, dish, request->arg);
}

static void
hand_out_pair(PlanState *state, const PlanPair *pair)
{
	MappingPlan *plan = state->plan;
	const PlanRequest *request = state->request;
	ParentRow  *group = &plan->groups->rows[pair->group];
	ParentRow  *dish = &plan->dishes->rows[pair->dish];

	plan->figures.outcomes[pair->outcome]++;
	group->flags |= PARENT_GETS_ITEMS;
	if (request->keep && pair->outcome == OUTCOME_INSERT)
	{
		group->flags |= PARENT_GETS_NEW;
		dish->flags |= PARENT_GETS_NEW;
	}

	if (request->row_fn)
	{
		PlanRow		row = row_of_pair(plan, pair);

		request->row_fn(&row, request->arg);
	}
}

static PlanRow
row_of_pair(const MappingPlan *plan, const PlanPair *pair)
{
	const ParentRow *group = &plan->groups->rows[pair->group];
	const ParentRow *dish = &plan->dishes->rows[pair->dish];
	PlanRow		row = {
		.outcome = pair->outcome,
		.source = pair->source,
		.mapped = true,
		.group_id = group->id,
		.dish_id = dish->id
	};

	row.source.has_group = row.source.has_dish = true;
	row.source.group = group->legacy;
	row.source.dish = dish->legacy;
	return row;
}

/* Raises an internal error unless each source row has exactly one outcome. */
static void
check_partition(const PlanFigures *figures)
{
	uint64		sum = 0;

	for (int i = 0; i < OUTCOME_COUNT; i++)
		sum += figures->outcomes[i];
	if (sum != figures->source_rows)
		elog(ERROR, "the outcomes add up to " UINT64_FORMAT " of " UINT64_FORMAT " source rows",
			 sum, figures->source_rows);
}
