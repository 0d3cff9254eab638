/*-------------------------------------------------------------------------
 *
 * evening_bound.c
 *	  Bounds by prices: see evening_bound.h; the proof is in README.md.
 *
 * A Lagrangian relaxation.  A dining table costs its price in each slot, so
 * bookings no longer compete, and each takes its cheapest option.  The prices
 * are moved along a smoothed subgradient towards a wanted value.  All of it is
 * integer arithmetic: whatever the prices, the bound is exact.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "seating/evening_bound.h"

#define MAX_PROFIT (INT64CONST(1) << 42)
#define MAX_PRICE_SUM (INT64CONST(1) << 44)
#define SCORE_SCALE 16
#define MAX_WEIGHT_SCALE (INT64CONST(1) << 20)
#define DIRECTION_BITS 8
#define MAX_DIRECTION (1 << 22)
#define PATIENCE 12				/* iterations without progress before the
								 * step is shortened */
#define MIN_STEP 2				/* in 1/64 */
#define VALUE_IS_TOO_LARGE PG_INT64_MAX

typedef struct BoundState
{
	const EveningModel *model;
	EveningBound *bound;
	const int32 *wanted_seated; /* of each rank; of_score only */
	int64	   *price;			/* the current ones */
	int64	   *sums;			/* [resource * (nslots + 1) + slot]: prices
								 * before the slot */
	int64	   *taken;			/* [resource * nslots + slot]: by the relaxed
								 * seating, first as differences */
	int64	   *direction;		/* smoothed subgradient, << DIRECTION_BITS */
	int64	   *least;			/* of each group: price and cost of its best
								 * option */
	int32	   *best;			/* of each group: that option */
	int32	   *order;			/* groups by rank and least */
	int32	   *chosen;			/* bookings of each group in the relaxed
								 * seating */
} BoundState;

static BoundState *begin(const EveningModel *model, EveningBound *bound);
static void finish(BoundState *state);
static void descend(BoundState *state, int64 target, int64 max_steps);
static int64 relax(BoundState *state);
static void sum_prices(BoundState *state);
static void price_groups(BoundState *state);
static int64 option_price(const BoundState *state, const EveningOption *option,
						  const EveningGroup *group);
static int64 choose_profits(BoundState *state);
static int64 choose_at_profits(BoundState *state);
static void take(BoundState *state);
static int64 turn(BoundState *state);
static void move(BoundState *state, int64 gap, int64 norm, int step);
static void sort_groups(BoundState *state);

EveningBound *
evening_bound_weight(const EveningModel *model, int64 beaten, int64 max_steps)
{
	EveningBound *bound = palloc0(sizeof(EveningBound));
	BoundState *state;
	int64		top = Max(model->nranks > 0 ?
						  model->weight[model->nranks - 1] : 1, 1);

	bound->scale = MAX_WEIGHT_SCALE;
	while (bound->scale > 1 && bound->scale > MAX_PROFIT / top)
		bound->scale /= 2;
	state = begin(model, bound);
	for (int32 rank = 0; rank < model->nranks; rank++)
		bound->profit[rank] = model->weight[rank] * bound->scale;
	descend(state, beaten * bound->scale - bound->scale / 8, max_steps);
	finish(state);
	return bound;
}

EveningBound *
evening_bound_score(const EveningModel *model, const int32 *seated,
					int64 beaten, int64 max_steps)
{
	EveningBound *bound = palloc0(sizeof(EveningBound));
	BoundState *state;

	bound->of_score = true;
	bound->scale = SCORE_SCALE;
	state = begin(model, bound);
	state->wanted_seated = seated;
	descend(state, -(beaten + model->unit / 4) * bound->scale, max_steps);
	finish(state);
	return bound;
}

int64
evening_bound_get(const EveningModel *model, const EveningBound *bound)
{
	int64		value = bound->value;
	int64		step = bound->scale * (bound->of_score ? model->unit : 1);
	int64		floor;

	/* Rounded towards what is possible: up for a score, which is negated. */
	floor = value / step;
	if (value % step != 0 && value < 0)
		floor--;
	return bound->of_score ? -floor * model->unit : floor;
}

int64
evening_bound_filter(const EveningModel *model, const EveningBound *bound,
					 int64 wanted, bool *keep)
{
	BoundState	state = {.model = model,.bound = (EveningBound *) bound};
	Size		cells = (Size) model->problem->nresources * (model->nslots + 1);
	int64		slack = wanted * bound->scale + bound->value;
	int64		kept = 0;

	state.price = bound->price;
	state.sums = palloc(sizeof(int64) * Max(cells, 1));
	state.least = palloc(sizeof(int64) * Max(model->ngroups, 1));
	state.best = palloc(sizeof(int32) * Max(model->ngroups, 1));
	sum_prices(&state);
	price_groups(&state);
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		int64		relaxed = Min(state.least[g], bound->profit[group->rank]);

		CHECK_FOR_INTERRUPTS();
		for (int32 i = 0; i < group->noptions; i++)
		{
			int32		k = group->first_option + i;
			const EveningOption *option =
				&model->problem->options[model->group_options[k]];

			keep[k] = option_price(&state, option, group) - relaxed <= slack;
			kept += keep[k];
		}
	}
	pfree(state.sums);
	pfree(state.least);
	pfree(state.best);
	return kept;
}

void
evening_bound_free(EveningBound *bound)
{
	pfree(bound->price);
	pfree(bound->profit);
	pfree(bound);
}

static BoundState *
begin(const EveningModel *model, EveningBound *bound)
{
	BoundState *state = palloc0(sizeof(BoundState));
	Size		resources = Max(model->problem->nresources, 1);
	Size		cells = resources * Max(model->nslots, 1) * sizeof(int64);
	Size		groups = Max(model->ngroups, 1);

	state->model = model;
	state->bound = bound;
	bound->price = palloc0(cells);
	bound->profit = palloc0(sizeof(int64) * Max(model->nranks, 1));
	bound->value = VALUE_IS_TOO_LARGE;
	state->price = palloc0(cells);
	state->sums = palloc0(cells + resources * sizeof(int64));
	state->taken = palloc0(cells);
	state->direction = palloc0(cells);
	state->least = palloc0(sizeof(int64) * groups);
	state->best = palloc0(sizeof(int32) * groups);
	state->order = palloc0(sizeof(int32) * groups);
	state->chosen = palloc0(sizeof(int32) * groups);
	for (int32 g = 0; g < model->ngroups; g++)
		state->order[g] = g;
	return state;
}

static void
finish(BoundState *state)
{
	pfree(state->price);
	pfree(state->sums);
	pfree(state->taken);
	pfree(state->direction);
	pfree(state->least);
	pfree(state->best);
	pfree(state->order);
	pfree(state->chosen);
	pfree(state);
}

/*
 * Lowers the value towards the target.  The profits that come with the best
 * prices stay in the bound; those of a score are found anew for any prices.
 */
static void
descend(BoundState *state, int64 target, int64 max_steps)
{
	const EveningModel *model = state->model;
	EveningBound *bound = state->bound;
	Size		cells = (Size) model->problem->nresources * model->nslots;
	int64	   *profit = palloc(sizeof(int64) * Max(model->nranks, 1));
	int64		cost = cells / 2 + 1;
	int			step = 64;
	int			idle = 0;

	for (int32 g = 0; g < model->ngroups; g++)
		cost += model->groups[g].noptions;
	for (;;)
	{
		int64		value;
		int64		norm;

		CHECK_FOR_INTERRUPTS();
		memcpy(profit, bound->profit, sizeof(int64) * model->nranks);
		value = relax(state);
		bound->steps += cost;
		if (value < bound->value)
		{
			idle = (bound->value - value > (value - target) / 256) ? 0 : idle + 1;
			bound->value = value;
			memcpy(bound->price, state->price, cells * sizeof(int64));
		}
		else
		{
			memcpy(bound->profit, profit, sizeof(int64) * model->nranks);
			idle++;
		}
		if (value <= target || bound->steps >= max_steps)
			break;
		if (idle >= PATIENCE)
		{
			idle = 0;
			step = step * 2 / 3;
			if (step < MIN_STEP)
				break;
			memcpy(state->price, bound->price, cells * sizeof(int64));
		}
		take(state);
		norm = turn(state);
		if (norm == 0)
			break;
		move(state, value - target, norm, step);
	}
	pfree(profit);
}

/* The relaxed seating at the current prices; returns its value. */
static int64
relax(BoundState *state)
{
	const EveningModel *model = state->model;
	int64		cells = (int64) model->problem->nresources * model->nslots;
	int64		value = 0;

	sum_prices(state);
	for (int64 i = 0; i < cells; i++)
	{
		/* A price is below 2^45, and there are less than 2^14 tables. */
		if (pg_add_s64_overflow(value, state->price[i] * model->room[i], &value))
			return VALUE_IS_TOO_LARGE;
	}
	price_groups(state);
	if (pg_add_s64_overflow(value,
							state->bound->of_score ? choose_profits(state) :
							choose_at_profits(state), &value))
		return VALUE_IS_TOO_LARGE;
	return value;
}

/* Sums over slots, kept small enough that no sum below overflows. */
static void
sum_prices(BoundState *state)
{
	const EveningModel *model = state->model;
	int32		nslots = model->nslots;

	for (int32 r = 0; r < model->problem->nresources; r++)
	{
		int64	   *price = state->price + (Size) r * nslots;
		int64	   *sums = state->sums + (Size) r * (nslots + 1);
		int64		sum = 0;

		for (int32 slot = 0; slot < nslots; slot++)
		{
			sums[slot] = sum;
			if (sum + price[slot] > MAX_PRICE_SUM)
				price[slot] = MAX_PRICE_SUM - sum;
			sum += price[slot];
		}
		sums[nslots] = sum;
	}
}

/* Finds the cheapest option of each group. */
static void
price_groups(BoundState *state)
{
	const EveningModel *model = state->model;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		const int32 *options = model->group_options + group->first_option;
		int64		least = PG_INT64_MAX;
		int32		best = -1;

		for (int32 i = 0; i < group->noptions; i++)
		{
			int64		price = option_price(state,
											 &model->problem->options[options[i]],
											 group);

			if (price < least)
			{
				least = price;
				best = options[i];
			}
		}
		state->least[g] = least;
		state->best[g] = best;
	}
}

static inline int64
option_price(const BoundState *state, const EveningOption *option,
			 const EveningGroup *group)
{
	const EveningUse *use = state->model->problem->uses + option->first_use;
	int32		width = state->model->nslots + 1;
	int64		price = state->bound->of_score ?
		option->cost * SCORE_SCALE : 0;

	for (int32 i = 0; i < option->nuses; i++, use++)
	{
		const int64 *sums = state->sums + (Size) use->resource * width;

		price += use->amount * (sums[group->until] - sums[group->from]);
	}
	return price;
}

/*
 * For a score: the wanted number of bookings of each rank, those whose options
 * cost least.  The profit is what the last of them costs; this is the best
 * profit for these prices.  Returns the negated sum.
 */
static int64
choose_profits(BoundState *state)
{
	const EveningModel *model = state->model;
	int64		value = 0;
	int32		rank = -1;
	int32		missing = 0;

	sort_groups(state);
	for (int32 i = 0; i < model->ngroups; i++)
	{
		int32		g = state->order[i];
		const EveningGroup *group = &model->groups[g];
		int32		n;

		if (group->rank != rank)
		{
			rank = group->rank;
			missing = state->wanted_seated[rank];
		}
		n = Min(missing, group->nbookings);
		state->chosen[g] = n;
		missing -= n;
		if (n > 0)
		{
			value -= state->least[g] * n;
			state->bound->profit[rank] = state->least[g];
		}
	}
	return value;
}

/* For weights: every booking whose profit is more than its price. */
static int64
choose_at_profits(BoundState *state)
{
	const EveningModel *model = state->model;
	int64		value = 0;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		int64		gain = state->bound->profit[group->rank] - state->least[g];

		state->chosen[g] = gain > 0 ? group->nbookings : 0;
		if (gain > 0)
			value += gain * group->nbookings;
	}
	return value;
}

/* What the relaxed seating takes of each resource in each slot. */
static void
take(BoundState *state)
{
	const EveningModel *model = state->model;
	const EveningProblem *problem = model->problem;
	int32		nslots = model->nslots;

	memset(state->taken, 0,
		   (Size) problem->nresources * nslots * sizeof(int64));
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		const EveningOption *option;

		if (state->chosen[g] == 0)
			continue;
		option = &problem->options[state->best[g]];
		for (int32 i = 0; i < option->nuses; i++)
		{
			const EveningUse *use = &problem->uses[option->first_use + i];
			int64	   *taken = state->taken + (Size) use->resource * nslots;

			taken[group->from] += (int64) use->amount * state->chosen[g];
			if (group->until < nslots)
				taken[group->until] -= (int64) use->amount * state->chosen[g];
		}
	}
	for (int32 r = 0; r < problem->nresources; r++)
	{
		int64	   *taken = state->taken + (Size) r * nslots;

		for (int32 slot = 1; slot < nslots; slot++)
			taken[slot] += taken[slot - 1];
	}
}

/* Smooths the direction; returns the square of its length. */
static int64
turn(BoundState *state)
{
	const EveningModel *model = state->model;
	int64		cells = (int64) model->problem->nresources * model->nslots;
	int64		norm = 0;

	for (int64 i = 0; i < cells; i++)
	{
		int64		gradient = state->taken[i] - model->room[i];
		int64		direction;

		/* Nothing is cheaper than free. */
		if (gradient < 0 && state->price[i] == 0)
			gradient = 0;
		gradient = Min(gradient, MAX_DIRECTION >> DIRECTION_BITS) * (1 << DIRECTION_BITS);
		direction = (state->direction[i] + gradient) / 2;
		if (direction < 0 && state->price[i] == 0)
			direction = 0;
		state->direction[i] = direction;
		norm += (direction * direction) >> DIRECTION_BITS;
	}
	return norm >> DIRECTION_BITS;
}

/* Moves the prices by step/64 * gap / norm along the direction. */
static void
move(BoundState *state, int64 gap, int64 norm, int step)
{
	const EveningModel *model = state->model;
	int64		cells = (int64) model->problem->nresources * model->nslots;
	int			shift;
	int64		factor;

	/* factor / 2^shift is gap / norm, with at most 39 bits. */
	shift = 61 - pg_leftmost_one_pos64((uint64) Max(gap, 1));
	factor = (Max(gap, 1) << shift) / norm;
	while (factor >= INT64CONST(1) << 33)
	{
		factor >>= 1;
		shift--;
	}
	factor = factor * step;
	shift += 6 + DIRECTION_BITS;
	for (int64 i = 0; i < cells; i++)
	{
		int64		change = factor * state->direction[i];

		if (shift >= 0)
			change = shift > 62 ? 0 : change / (INT64CONST(1) << shift);
		else
			change = change > 0 ? MAX_PRICE_SUM : -MAX_PRICE_SUM;
		state->price[i] = Min(Max(state->price[i] + change, 0), MAX_PRICE_SUM);
	}
}

/* By rank, least and number; nearly sorted from the iteration before. */
static void
sort_groups(BoundState *state)
{
	const EveningModel *model = state->model;

	for (int32 i = 1; i < model->ngroups; i++)
	{
		int32		g = state->order[i];
		int32		k = i;

		while (k > 0)
		{
			int32		other = state->order[k - 1];

			if (model->groups[other].rank < model->groups[g].rank ||
				(model->groups[other].rank == model->groups[g].rank &&
				 (state->least[other] < state->least[g] ||
				  (state->least[other] == state->least[g] && other < g))))
				break;
			state->order[k] = other;
			k--;
		}
		state->order[k] = g;
	}
}
