/*-------------------------------------------------------------------------
 *
 * mapping_plan.c
 *	  One outcome for every source row: see mapping_plan.h.
 *
 * The main path: the parents are read into maps, and the pairs of the items
 * that are there go into a sort.  Each source row is then classified by the
 * maps; one that can be mapped joins the sort.  At last the sorted pairs
 * pass by, and among equal ones it is plain which row is new, which is
 * present already and which repeats another.  They may pass by once more,
 * when the new ones are written.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/id_set.h"
#include "base/int8_sort.h"
#include "plan/mapping_plan.h"

/*
 * The sort's columns.  The first is a pair of rows with what it comes from:
 * among equal pairs an item that is there comes first, then the source rows by
 * their ids, then those without.  Who only counts can do without the others.
 */
enum
{
	PAIR_ROWS,
	PAIR_RANK,					/* source id, row's number or RANK_NO_ID */
	PAIR_ORDER,
	PAIR_COLUMNS
};

#define RANK_NO_ID PG_INT64_MAX

/* What a sorted pair comes from: the first column's lowest bits. */
enum
{
	FROM_ITEM,
	FROM_SOURCE,
	FROM_INVALID				/* a source row that cannot be taken for other
								 * reasons, but names the pair */
};

#define FROM_BITS 2
#define FROM_MASK 3

/* The sorted pairs as they pass by. */
struct PlanPairs
{
	Int8Sort   *sort;
	bool		any;			/* the next three tell of the last pair */
	int64		rows;
	uint64		items;			/* of it so far, which come first */
	bool		taken;			/* it has had a source row */
	bool		named;			/* or an invalid one */
};

typedef struct PlanState
{
	MappingPlan *plan;
	const PlanRequest *request;
	PlanPairs  *pairs;
	id_set_hash *missing_groups;	/* legacy ids that the target lacks */
} PlanState;

/* The candidates of a source row's two legacy ids, as chains in the maps. */
typedef struct Candidates
{
	uint32		groups;
	uint32		dishes;
} Candidates;

/* What the pairs of candidates that share a restaurant come to. */
typedef struct Match
{
	int			pairs;
	ParentRow  *group;
	ParentRow  *dish;
	bool		several_groups;
	bool		several_dishes;
} Match;

static void add_item(const ParentRow *group, const ParentRow *dish, void *arg);
static int64 sorted_rows(const MappingPlan *plan, const ParentRow *group,
						 const ParentRow *dish, int from);
static void item_seen(int64 key, uint64 hash, void *arg);
static void add_source_row(const SourceRow *source, void *arg);
static Outcome classify(PlanState *state, const SourceRow *source,
						const Candidates *candidates, Match *match);
static bool row_is_valid(const Target *target, const SourceRow *source);
static bool same_restaurant(const ParentRow *group, const ParentRow *dish);
static Match match_restaurants(MappingPlan *plan, const Candidates *candidates);
static bool fits_swapped(MappingPlan *plan, const SourceRow *source);
static uint32 find_legacy(ParentMap *map, id_set_hash *missing,
						  Coverage *coverage, bool has_id, int64 id);
static bool is_only(const ParentMap *map, uint32 first);
static void cover(ParentMap *map, Coverage *coverage, uint32 first);
static void note_coverage(MappingPlan *plan, Outcome outcome,
						  const Candidates *candidates, const Match *match);
static void tally(MappingPlan *plan, Outcome outcome,
				  const Candidates *candidates);
static bool shares_restaurant(const MappingPlan *plan, const ParentRow *group,
							  uint32 dishes);
static void add_pair(PlanState *state, const SourceRow *source,
					 const Match *match, int from);
static void count_reject(PlanState *state, const SourceRow *source,
						 Outcome outcome, const Candidates *candidates);
static PlanPairs *begin_pairs(const MappingPlan *plan,
							  const PlanRequest *request);
static int	kilobytes_of(const PlanRequest *request);
static int	reject_kilobytes(const PlanRequest *request);
static void sort_out_pairs(PlanState *state);
static const int64 *next_pair(PlanPairs *pairs, Outcome *outcome,
							  PlanState *state);
static void end_pair(PlanState *state, const PlanPairs *pairs);
static PlanPairs *rewind_pairs(PlanPairs *pairs);
static void emit_pair(PlanState *state, Outcome outcome, const int64 *pair);
static PlanRow row_of_pair(const MappingPlan *plan, const int64 *pair,
						   Outcome outcome);
static void check_partition(const PlanFigures *figures);


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

	plan->context = context;
	plan->target = target;
	plan->source = source;
	state.missing_groups = id_set_create(context, 256, NULL);
	plan->missing_dishes = id_set_create(context, 256, NULL);

	/* What is there */
	plan->groups = parent_map_read(&target->groups);
	plan->dishes = parent_map_read(&target->dishes);
	if (request->maps_fn)
		request->maps_fn(plan->groups, plan->dishes, request->arg);
	if (request->counts)
		plan->counts = group_counts_begin(plan->groups, source->kind != SOURCE_ROWS,
										  reject_kilobytes(request));
	state.pairs = begin_pairs(plan, request);
	item_census_take(target, plan->groups, plan->dishes, &figures->census,
				add_item, request->item_fn ? item_seen : NULL, &state);
	if (request->tallies)
		plan->tallies = MemoryContextAllocExtended(context,
												   sizeof(GroupTally) * Max(plan->groups->nrows, 1),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	/* What is to come */
	figures->source_rows = source_read(source, add_source_row, &state);
	if (figures->source_rows == 0 && !request->empty_ok)
		source_raise_empty(source);
	sort_out_pairs(&state);
	check_partition(figures);
	if (plan->counts)
		group_counts_end(plan->counts, &figures->planned, &figures->in_source);

	/* What that means */
	orphan_figures_count(plan->groups, PARENT_HAS_ITEMS, true, &figures->before);
	orphan_figures_count(plan->groups, PARENT_HAS_ITEMS | PARENT_GETS_ITEMS, true,
				  &figures->after);

	id_set_destroy(state.missing_groups);
	if (request->keep)
		plan->pairs = rewind_pairs(state.pairs);
	else
		int8_sort_end(state.pairs->sort);
	MemoryContextSwitchTo(old);
	return plan;
}

bool
plan_next_insert(MappingPlan *plan, PlanRow *row)
{
	const int64 *pair;
	Outcome		outcome;

	while ((pair = next_pair(plan->pairs, &outcome, NULL)) != NULL)
	{
		if (outcome != OUTCOME_INSERT)
			continue;
		*row = row_of_pair(plan, pair, outcome);
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
	int8_sort_end(plan->pairs->sort);
	plan->pairs = NULL;
	parent_map_free(plan->dishes);
	plan->dishes = NULL;
}

void
plan_free(MappingPlan *plan)
{
	if (plan->pairs)
		int8_sort_end(plan->pairs->sort);
	MemoryContextDelete(plan->context);
}

const char *
plan_outcome_name(Outcome outcome)
{
	static const char *const names[OUTCOME_COUNT] = {
		"insert", "already_present", "duplicate",
		"unmapped_group", "unmapped_dish", "unmapped_both",
		"ambiguous_group", "ambiguous_dish", "cross_restaurant", "invalid"
	};

	return names[outcome];
}

/* The census found an item. */
static void
add_item(const ParentRow *group, const ParentRow *dish, void *arg)
{
	PlanState  *state = arg;
	int64		pair[PAIR_COLUMNS] = {sorted_rows(state->plan, group, dish, FROM_ITEM)};

	int8_sort_put(state->pairs->sort, pair);
}

/* A pair, as it is sorted. */
static int64
sorted_rows(const MappingPlan *plan, const ParentRow *group,
			const ParentRow *dish, int from)
{
	return pair_of_rows(plan->groups, group, plan->dishes, dish) << FROM_BITS | from;
}

static void
item_seen(int64 key, uint64 hash, void *arg)
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

	if (match.pairs > 0)
		figures->fits_declared++;
	if (fits_swapped(plan, source))
		figures->fits_swapped++;

	if (outcome == OUTCOME_INSERT && !state->request->classify_only)
		add_pair(state, source, &match, FROM_SOURCE);
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
 * The outcome of a source row by itself: insert, or why not.  Whether it
 * repeats another pair is seen later.
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

	*match = match_restaurants(state->plan, candidates);
	if (match->pairs == 0)
		return OUTCOME_CROSS_RESTAURANT;
	if (match->pairs == 1)
		return OUTCOME_INSERT;
	return match->several_groups ? OUTCOME_AMBIGUOUS_GROUP : OUTCOME_AMBIGUOUS_DISH;
}

/* True if the ids are ids, and the target's columns can hold the values. */
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
		(source->id > target->source_id_max || source->id == RANK_NO_ID))
		return false;
	return true;
}

/* An unknown restaurant is never the same. */
static bool
same_restaurant(const ParentRow *group, const ParentRow *dish)
{
	return group->restaurant == dish->restaurant &&
		(group->flags & dish->flags & PARENT_HAS_RESTAURANT) != 0;
}

/* Compares the restaurants of all candidates for group and dish. */
static Match
match_restaurants(MappingPlan *plan, const Candidates *candidates)
{
	Match		match = {0};
	ParentRow  *group;
	ParentRow  *dish;

	for (uint32 g = candidates->groups; g != PARENT_MAP_END; g = group->next)
	{
		group = &plan->groups->rows[g];
		for (uint32 d = candidates->dishes; d != PARENT_MAP_END; d = dish->next)
		{
			CHECK_FOR_INTERRUPTS();
			dish = &plan->dishes->rows[d];
			if (!same_restaurant(group, dish))
				continue;
			if (match.pairs++ > 0)
			{
				match.several_groups |= match.group != group;
				match.several_dishes |= match.dish != dish;
			}
			match.group = group;
			match.dish = dish;
		}
	}
	return match;
}

/*
 * True if the row makes sense with its group and dish exchanged.  When more
 * rows do than make sense as they are, the columns were mixed up.
 */
static bool
fits_swapped(MappingPlan *plan, const SourceRow *source)
{
	Candidates	swapped;

	if (!source->has_group || !source->has_dish)
		return false;
	swapped.groups = parent_map_first(plan->groups, source->dish);
	if (swapped.groups == PARENT_MAP_END)
		return false;
	swapped.dishes = parent_map_first(plan->dishes, source->group);
	if (swapped.dishes == PARENT_MAP_END)
		return false;
	return match_restaurants(plan, &swapped).pairs > 0;
}

/*
 * Looks up a legacy id and, when the source names it for the first time,
 * counts it.  Returns the first candidate or LEGACY_MAP_END.
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
 * Counts the row for each candidate group.  To one without any of the dish's
 * candidates in its restaurant it is cross_restaurant, whatever it is to
 * others of the same legacy id.
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
		else if (!shares_restaurant(plan, group, candidates->dishes))
			tally->cross_restaurant++;
		else if (outcome == OUTCOME_AMBIGUOUS_GROUP || outcome == OUTCOME_AMBIGUOUS_DISH)
			tally->ambiguous++;
		else
			tally->mapped++;
	}
}

/* True if a candidate dish is of the group's restaurant. */
static bool
shares_restaurant(const MappingPlan *plan, const ParentRow *group,
				  uint32 dishes)
{
	const ParentRow *dish;

	for (uint32 d = dishes; d != PARENT_MAP_END; d = dish->next)
	{
		dish = &plan->dishes->rows[d];
		if (same_restaurant(group, dish))
			return true;
	}
	return false;
}

static void
add_pair(PlanState *state, const SourceRow *source, const Match *match, int from)
{
	int64		pair[PAIR_COLUMNS];

	pair[PAIR_ROWS] = sorted_rows(state->plan, match->group, match->dish, from);
	pair[PAIR_RANK] = source->has_id ? source->id :
		source->number > 0 ? source->number : RANK_NO_ID;
	pair[PAIR_ORDER] = source->order;
	int8_sort_put(state->pairs->sort, pair);
}

/*
 * What a reject names counts for the source.  One that is invalid for its
 * other columns may name a pair that other rows lead to.
 */
static void
count_reject(PlanState *state, const SourceRow *source, Outcome outcome,
			 const Candidates *candidates)
{
	Match		match = {0};

	if (!source->has_group || !source->has_dish)
		return;
	if (outcome == OUTCOME_INVALID)
		match = match_restaurants(state->plan, candidates);
	if (match.pairs == 1)
		add_pair(state, source, &match, FROM_INVALID);
	else
		group_counts_reject(state->plan->counts, source->group, source->dish);
}

static PlanPairs *
begin_pairs(const MappingPlan *plan, const PlanRequest *request)
{
	PlanPairs  *pairs = palloc0(sizeof(PlanPairs));
	int			kilobytes = kilobytes_of(request) - (request->counts ? reject_kilobytes(request) : 0);
	bool		rows_wanted = (request->row_fn && !request->classify_only) || request->keep;

	pairs->sort = int8_sort_begin(rows_wanted ? PAIR_COLUMNS : 1,
								  parent_map_memory_left(plan->groups, plan->dishes, kilobytes),
								  request->across_transactions);
	return pairs;
}

static int
kilobytes_of(const PlanRequest *request)
{
	return request->kilobytes > 0 ? request->kilobytes : maintenance_work_mem;
}

/* Of these, the rejects' part: they should be few. */
static int
reject_kilobytes(const PlanRequest *request)
{
	return kilobytes_of(request) / 8;
}

/* Lets the sorted pairs pass by, counts and hands them out. */
static void
sort_out_pairs(PlanState *state)
{
	PlanPairs  *pairs = state->pairs;
	const int64 *pair;
	Outcome		outcome;

	int8_sort_perform(pairs->sort);
	while ((pair = next_pair(pairs, &outcome, state)) != NULL)
		emit_pair(state, outcome, pair);
}

/*
 * The next pair of a source row and what becomes of it, or NULL at the end.
 * The items that pass by are counted if there is a state.
 */
static const int64 *
next_pair(PlanPairs *pairs, Outcome *outcome, PlanState *state)
{
	const int64 *pair;

	while ((pair = int8_sort_next(pairs->sort)) != NULL)
	{
		int64		rows = pair[PAIR_ROWS] >> FROM_BITS;

		if (!pairs->any || rows != pairs->rows)
		{
			if (state)
				end_pair(state, pairs);
			pairs->any = true;
			pairs->rows = rows;
			pairs->items = 0;
			pairs->taken = pairs->named = false;
		}

		switch (pair[PAIR_ROWS] & FROM_MASK)
		{
			case FROM_ITEM:
				pairs->items++;
				continue;
			case FROM_INVALID:
				pairs->named = true;
				continue;
		}

		*outcome = pairs->taken ? OUTCOME_DUPLICATE :
			pairs->items > 0 ? OUTCOME_ALREADY_PRESENT : OUTCOME_INSERT;
		pairs->taken = pairs->named = true;
		return pair;
	}
	if (state)
		end_pair(state, pairs);
	return NULL;
}

/* All rows of a pair have passed. */
static void
end_pair(PlanState *state, const PlanPairs *pairs)
{
	const PlanRequest *request = state->request;
	MappingPlan *plan = state->plan;

	if (!pairs->any)
		return;
	if (plan->counts)
		group_counts_add(plan->counts, group_of_pair(plan->dishes, pairs->rows),
						 pairs->items, pairs->taken, pairs->named);
	if (pairs->items == 0)
		return;
	plan->figures.census.duplicate += pairs->items - 1;
	if (request->sorted_fn)
		request->sorted_fn(group_of_pair(plan->dishes, pairs->rows),
						   dish_of_pair(plan->dishes, pairs->rows),
						   pairs->items, request->arg);
}

static PlanPairs *
rewind_pairs(PlanPairs *pairs)
{
	pairs->any = false;
	int8_sort_rewind(pairs->sort);
	return pairs;
}

static void
emit_pair(PlanState *state, Outcome outcome, const int64 *pair)
{
	MappingPlan *plan = state->plan;
	const PlanRequest *request = state->request;
	ParentRow  *group = &plan->groups->rows[group_of_pair(plan->dishes, pair[PAIR_ROWS] >> FROM_BITS)];
	ParentRow  *dish = &plan->dishes->rows[dish_of_pair(plan->dishes, pair[PAIR_ROWS] >> FROM_BITS)];

	plan->figures.outcomes[outcome]++;
	group->flags |= PARENT_GETS_ITEMS;
	if (request->keep && outcome == OUTCOME_INSERT)
	{
		group->flags |= PARENT_GETS_NEW;
		dish->flags |= PARENT_GETS_NEW;
	}

	if (request->row_fn)
	{
		PlanRow		row = row_of_pair(plan, pair, outcome);

		request->row_fn(&row, request->arg);
	}
}

static PlanRow
row_of_pair(const MappingPlan *plan, const int64 *pair, Outcome outcome)
{
	const ParentRow *group = &plan->groups->rows[group_of_pair(plan->dishes, pair[PAIR_ROWS] >> FROM_BITS)];
	const ParentRow *dish = &plan->dishes->rows[dish_of_pair(plan->dishes, pair[PAIR_ROWS] >> FROM_BITS)];
	PlanRow		row = {
		.outcome = outcome,
		.mapped = true,
		.group_id = group->id,
		.dish_id = dish->id
	};

	if (plan->source->kind == SOURCE_JSON_LISTS)
		row.source.number = pair[PAIR_RANK];
	else
	{
		row.source.has_id = pair[PAIR_RANK] != RANK_NO_ID;
		row.source.id = row.source.has_id ? pair[PAIR_RANK] : 0;
	}
	row.source.order = pair[PAIR_ORDER];
	row.source.has_group = row.source.has_dish = true;
	row.source.group = group->legacy;
	row.source.dish = dish->legacy;
	return row;
}

/* The outcomes partition the source, or something is very wrong. */
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
