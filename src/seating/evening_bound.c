/*-------------------------------------------------------------------------
 *
 * evening_bound.c
 *	  Bounds by prices: see evening_bound.h; the proof is in README.md.
 *
 * A dining table costs its price in each slot, so bookings no longer compete,
 * and each takes its cheapest option.  All of it is integer arithmetic:
 * whatever the prices are, the bound is exact.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "miscadmin.h"

#include "seating/evening_bound.h"
#include "seating/evening_relax.h"

#define MAX_PROFIT (INT64CONST(1) << 42)
#define MAX_PRICE_SUM (INT64CONST(1) << 44)
#define SCORE_SCALE 16
#define MAX_WEIGHT_SCALE (INT64CONST(1) << 20)
#define TOO_LARGE PG_INT64_MAX	/* proves nothing */
#define IMPOSSIBLE PG_INT64_MIN /* proves that there is no such seating */
#define NO_OPTION (PG_INT64_MAX / 2)

/* A group with the price of its best option, to be sorted. */
typedef struct PricedGroup
{
	int32		rank;
	int32		group;
	int64		least;
} PricedGroup;

static int64 round_value(const EveningBound *bound, int64 value);
static int64 value_of(EveningBound *bound, const EveningRelax *relax,
					  const int64 *cut_price);
static int64 charge_cuts(EveningBound *bound, const EveningRelax *relax,
						 const int64 *cut_price);
static void sum_prices(EveningBound *bound, int64 *price);
static void price_groups(EveningBound *bound, const int64 *gain);
static int64 price_of(const EveningBound *bound, const EveningGroup *group,
					  int32 variable, const int64 *gain);
static int64 choose_wanted(EveningBound *bound);
static int64 choose_gainful(EveningBound *bound);
static int	compare_priced(const void *a, const void *b);
static void *alloc(int64 n, Size size);

EveningBound *
evening_bound_create(const EveningModel *model, const int32 *seated,
					 const bool *keep)
{
	EveningBound *bound = palloc0(sizeof(EveningBound));
	int64		cells = (int64) model->problem->nresources * model->nslots;
	int64		variables = 0;
	int64		top = model->nranks > 0 ? model->weight[model->nranks - 1] : 1;

	for (int32 g = 0; g < model->ngroups; g++)
		variables += model->groups[g].noptions;
	bound->model = model;
	bound->seated = seated;
	bound->keep = keep;
	bound->scale = seated ? SCORE_SCALE : MAX_WEIGHT_SCALE;
	while (seated == NULL && bound->scale > 1 && bound->scale > MAX_PROFIT / top)
		bound->scale /= 2;
	bound->value = TOO_LARGE;
	bound->price = alloc(cells, sizeof(int64));
	bound->try_price = alloc(cells, sizeof(int64));
	bound->sums = alloc(cells + model->problem->nresources, sizeof(int64));
	bound->profit = alloc(model->nranks, sizeof(int64));
	bound->try_profit = alloc(model->nranks, sizeof(int64));
	bound->gain = alloc(variables, sizeof(int64));
	bound->try_gain = alloc(variables, sizeof(int64));
	bound->least = alloc(model->ngroups, sizeof(int64));
	return bound;
}

static void *
alloc(int64 n, Size size)
{
	return palloc_extended(Max(n, 1) * size, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

void
evening_bound_try(EveningBound *bound, const EveningRelax *relax)
{
	int64	   *cut_price = alloc(relax ? relax->ncuts : 0, sizeof(int64));
	int64		value;

	if (relax)
		evening_relax_get(relax, NULL, bound->scale, bound->try_price, cut_price);
	value = value_of(bound, relax, cut_price);
	if (relax ? value < bound->value : round_value(bound, value) < round_value(bound, bound->value))
	{
		int64	   *price = bound->price;
		int64	   *profit = bound->profit;
		int64	   *gain = bound->gain;

		bound->value = value;
		bound->price = bound->try_price;
		bound->try_price = price;
		bound->profit = bound->try_profit;
		bound->try_profit = profit;
		bound->gain = bound->try_gain;
		bound->try_gain = gain;
	}
	pfree(cut_price);
}

void
evening_bound_free(EveningBound *bound)
{
	pfree(bound->price);
	pfree(bound->try_price);
	pfree(bound->sums);
	pfree(bound->profit);
	pfree(bound->try_profit);
	pfree(bound->gain);
	pfree(bound->try_gain);
	pfree(bound->least);
	pfree(bound);
}

int64
evening_bound_get(const EveningBound *bound)
{
	int64		rounded = round_value(bound, bound->value);

	/* A score is negated, and every score is a multiple of the unit. */
	return bound->seated ? -rounded * bound->model->unit : rounded;
}

/* In whole weights, or in units of a score, rounded down. */
static int64
round_value(const EveningBound *bound, int64 value)
{
	int64		step = bound->scale * (bound->seated ? bound->model->unit : 1);
	int64		rounded = value / step;

	return value % step != 0 && value < 0 ? rounded - 1 : rounded;
}

int64
evening_bound_slack(const EveningBound *bound, int64 wanted)
{
	int64		slack;

	if (bound->value == IMPOSSIBLE)
		return -1;
	if (bound->value == TOO_LARGE ||
		pg_add_s64_overflow(bound->value, (bound->seated ? wanted : -wanted) * bound->scale, &slack))
		return TOO_LARGE;
	return slack;
}

void
evening_bound_excess(EveningBound *bound, int64 *excess)
{
	const EveningModel *model = bound->model;

	sum_prices(bound, bound->price);
	price_groups(bound, bound->gain);
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		int64		relaxed = Min(bound->least[g], bound->profit[group->rank]);

		CHECK_FOR_INTERRUPTS();
		for (int32 i = 0; i < group->noptions; i++)
		{
			int32		k = group->first_option + i;

			excess[k] = bound->keep && !bound->keep[k] ? TOO_LARGE :
				price_of(bound, group, k, bound->gain) - relaxed;
		}
	}
}

/* What the prices to be tried prove. */
static int64
value_of(EveningBound *bound, const EveningRelax *relax, const int64 *cut_price)
{
	const EveningModel *model = bound->model;
	int64		cells = (int64) model->problem->nresources * model->nslots;
	int64		value;
	int64		chosen;

	CHECK_FOR_INTERRUPTS();
	sum_prices(bound, bound->try_price);
	value = charge_cuts(bound, relax, cut_price);
	for (int64 i = 0; i < cells; i++)
	{
		/* A price is below 2^45, and there are less than 2^14 tables. */
		if (pg_add_s64_overflow(value, bound->try_price[i] * model->room[i], &value))
			return TOO_LARGE;
	}
	price_groups(bound, bound->try_gain);
	chosen = bound->seated ? choose_wanted(bound) : choose_gainful(bound);
	if (chosen == IMPOSSIBLE || chosen == TOO_LARGE)
		return chosen;
	if (pg_add_s64_overflow(value, chosen, &value))
		return TOO_LARGE;
	return value;
}

/* Writes what the cuts charge; returns what they are worth. */
static int64
charge_cuts(EveningBound *bound, const EveningRelax *relax,
			const int64 *cut_price)
{
	int64		value = 0;

	if (relax == NULL || relax->ncuts == 0)
		return 0;
	memset(bound->try_gain, 0, sizeof(int64) * relax->nvariables);
	for (int32 i = 0; i < relax->ncuts; i++)
	{
		const EveningCut *cut = &relax->cuts[i];
		int64		price = cut->at_least ? -cut_price[i] : cut_price[i];

		value += price * cut->amount;
		for (int32 k = 0; k < cut->nvariables; k++)
			bound->try_gain[cut->variables[k]] += price;
	}
	return value;
}

/* Sums over slots, kept small enough that no sum of them overflows. */
static void
sum_prices(EveningBound *bound, int64 *price)
{
	const EveningModel *model = bound->model;
	int32		nslots = model->nslots;

	for (int32 r = 0; r < model->problem->nresources; r++, price += nslots)
	{
		int64	   *sums = bound->sums + (Size) r * (nslots + 1);
		int64		sum = 0;

		for (int32 slot = 0; slot < nslots; slot++)
		{
			sums[slot] = sum;
			if (price[slot] < 0)
				price[slot] = 0;
			if (sum + price[slot] > MAX_PRICE_SUM)
				price[slot] = MAX_PRICE_SUM - sum;
			sum += price[slot];
		}
		sums[nslots] = sum;
	}
}

/* Finds the price of each group's cheapest option. */
static void
price_groups(EveningBound *bound, const int64 *gain)
{
	const EveningModel *model = bound->model;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		int64		least = NO_OPTION;

		for (int32 i = 0; i < group->noptions; i++)
		{
			int32		k = group->first_option + i;

			if (bound->keep == NULL || bound->keep[k])
				least = Min(least, price_of(bound, group, k, gain));
		}
		bound->least[g] = least;
	}
}

static inline int64
price_of(const EveningBound *bound, const EveningGroup *group, int32 variable,
		 const int64 *gain)
{
	const EveningModel *model = bound->model;
	const EveningOption *option =
		&model->problem->options[model->group_options[variable]];
	const EveningUse *use = model->problem->uses + option->first_use;
	int32		width = model->nslots + 1;
	int64		price = gain[variable];

	if (bound->seated)
		price += option->cost * SCORE_SCALE;
	for (int i = 0; i < option->nuses; i++, use++)
	{
		const int64 *sums = bound->sums + (Size) use->resource * width;

		price += use->amount * (sums[group->until] - sums[group->from]);
	}
	return price;
}

/*
 * For a score: the wanted number of bookings of each rank, those whose options
 * cost least.  The profit is what the last of them costs; this is the best
 * profit for these prices.  Returns the negated sum, or IMPOSSIBLE when there
 * are not enough bookings with an option.
 */
static int64
choose_wanted(EveningBound *bound)
{
	const EveningModel *model = bound->model;
	PricedGroup *priced = alloc(model->ngroups, sizeof(PricedGroup));
	int64		value = 0;
	int64		sum;
	int32		rank = -1;
	int32		missing = 0;
	bool		too_large = false;
	bool		impossible = false;

	for (int32 g = 0; g < model->ngroups; g++)
		priced[g] = (PricedGroup)
	{
		.rank = model->groups[g].rank,.group = g,.least = bound->least[g]
	};
	qsort(priced, model->ngroups, sizeof(PricedGroup), compare_priced);
	memset(bound->try_profit, 0, sizeof(int64) * model->nranks);
	for (int32 i = 0; i < model->ngroups; i++)
	{
		int32		n;

		if (priced[i].rank != rank)
		{
			rank = priced[i].rank;
			missing = bound->seated[rank];
		}
		n = Min(missing, model->groups[priced[i].group].nbookings);
		missing -= n;
		if (n == 0)
			continue;
		bound->try_profit[rank] = priced[i].least;
		if (priced[i].least == NO_OPTION)
			impossible = true;
		else if (pg_mul_s64_overflow(priced[i].least, n, &sum) ||
				 pg_sub_s64_overflow(value, sum, &value))
			too_large = true;
	}
	pfree(priced);
	return too_large ? TOO_LARGE : impossible ? IMPOSSIBLE : value;
}

/* For weights: every booking whose profit is more than its price. */
static int64
choose_gainful(EveningBound *bound)
{
	const EveningModel *model = bound->model;
	int64		value = 0;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		int64		profit = model->weight[group->rank] * bound->scale;

		bound->try_profit[group->rank] = profit;
		if (profit > bound->least[g])
			value += (profit - bound->least[g]) * group->nbookings;
	}
	return value;
}

static int
compare_priced(const void *a, const void *b)
{
	const PricedGroup *x = a;
	const PricedGroup *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->least != y->least)
		return x->least < y->least ? -1 : 1;
	return x->group < y->group ? -1 : x->group > y->group;
}
