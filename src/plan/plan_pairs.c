/*-------------------------------------------------------------------------
 *
 * plan_pairs.c
 *	  The pairs of group and dish, sorted: see plan_pairs.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "plan/plan_pairs.h"
#include "target/item_census.h"

/*
 * The sort's columns.  The first holds a pair of rows and, in its lowest bits,
 * where the entry comes from.  Callers that only count do not need the others.
 */
enum
{
	PAIR_ROWS,
	PAIR_RANK,					/* source id, row's number or PLAN_PAIRS_NO_ID */
	PAIR_ORDER,
	PAIR_COLUMNS
};

/* Where an entry comes from. */
enum
{
	FROM_ITEM,
	FROM_SOURCE,
	FROM_INVALID				/* a source row that names the pair, but is
								 * invalid for other reasons */
};

#define FROM_BITS 2
#define FROM_MASK 3

static int64 pair_column(const PlanPairs *pairs, const ParentRow *group,
						 const ParentRow *dish, int from);
static void end_pair(const PlanPairs *pairs, PlanPairEndFn fn, void *arg);
static void fill_pair(const PlanPairs *pairs, const int64 *columns, PlanPair *pair);


PlanPairs *
plan_pairs_begin(const ParentMap *groups, const ParentMap *dishes, bool with_rows,
				 bool numbered, int kilobytes, bool across_transactions)
{
	PlanPairs  *pairs = palloc0(sizeof(PlanPairs));

	pairs->groups = groups;
	pairs->dishes = dishes;
	pairs->with_rows = with_rows;
	pairs->numbered = numbered;
	pairs->sort = int8_sort_begin(with_rows ? PAIR_COLUMNS : 1, kilobytes,
								  across_transactions);
	return pairs;
}

void
plan_pairs_add_item(PlanPairs *pairs, const ParentRow *group, const ParentRow *dish)
{
	int64		columns[PAIR_COLUMNS] = {pair_column(pairs, group, dish, FROM_ITEM)};

	int8_sort_put(pairs->sort, columns);
}

void
plan_pairs_add_row(PlanPairs *pairs, const ParentRow *group, const ParentRow *dish,
				   const SourceRow *source, bool invalid)
{
	int64		columns[PAIR_COLUMNS];

	columns[PAIR_ROWS] = pair_column(pairs, group, dish, invalid ? FROM_INVALID : FROM_SOURCE);
	columns[PAIR_RANK] = source->has_id ? source->id :
		source->number > 0 ? source->number : PLAN_PAIRS_NO_ID;
	columns[PAIR_ORDER] = source->order;
	int8_sort_put(pairs->sort, columns);
}

static int64
pair_column(const PlanPairs *pairs, const ParentRow *group, const ParentRow *dish, int from)
{
	return pair_of_rows(pairs->groups, group, pairs->dishes, dish) << FROM_BITS | from;
}

void
plan_pairs_sort(PlanPairs *pairs)
{
	int8_sort_perform(pairs->sort);
}

bool
plan_pairs_next(PlanPairs *pairs, PlanPair *pair, PlanPairEndFn fn, void *arg)
{
	const int64 *columns;

	while ((columns = int8_sort_next(pairs->sort)) != NULL)
	{
		int64		rows = columns[PAIR_ROWS] >> FROM_BITS;

		if (!pairs->any || rows != pairs->rows)
		{
			end_pair(pairs, fn, arg);
			pairs->any = true;
			pairs->rows = rows;
			pairs->items = 0;
			pairs->taken = pairs->named = false;
		}

		switch (columns[PAIR_ROWS] & FROM_MASK)
		{
			case FROM_ITEM:
				pairs->items++;
				continue;
			case FROM_INVALID:
				pairs->named = true;
				continue;
		}

		pair->outcome = pairs->taken ? OUTCOME_DUPLICATE :
			pairs->items > 0 ? OUTCOME_ALREADY_PRESENT : OUTCOME_INSERT;
		pairs->taken = pairs->named = true;
		fill_pair(pairs, columns, pair);
		return true;
	}
	end_pair(pairs, fn, arg);
	return false;
}

static void
end_pair(const PlanPairs *pairs, PlanPairEndFn fn, void *arg)
{
	if (pairs->any && fn)
		fn(pairs, group_of_pair(pairs->dishes, pairs->rows),
		   dish_of_pair(pairs->dishes, pairs->rows), arg);
}

static void
fill_pair(const PlanPairs *pairs, const int64 *columns, PlanPair *pair)
{
	pair->group = group_of_pair(pairs->dishes, pairs->rows);
	pair->dish = dish_of_pair(pairs->dishes, pairs->rows);
	if (!pairs->with_rows)
		return;

	memset(&pair->source, 0, sizeof(SourceRow));
	if (pairs->numbered)
		pair->source.number = columns[PAIR_RANK];
	else if (columns[PAIR_RANK] != PLAN_PAIRS_NO_ID)
	{
		pair->source.has_id = true;
		pair->source.id = columns[PAIR_RANK];
	}
	pair->source.order = columns[PAIR_ORDER];
}

void
plan_pairs_rewind(PlanPairs *pairs)
{
	pairs->any = false;
	int8_sort_rewind(pairs->sort);
}

void
plan_pairs_end(PlanPairs *pairs)
{
	int8_sort_end(pairs->sort);
}
