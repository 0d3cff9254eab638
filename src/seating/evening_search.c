/*-------------------------------------------------------------------------
 *
 * evening_search.c
 *	  Simulated annealing with ejections: see evening_search.h.
 *
 * Random numbers come from a generator of a fixed seed, and chances are
 * computed with integers, so a search is the same everywhere.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "seating/evening_search.h"

/* Found by measuring. */
#define LEVELS 64				/* temperatures of an annealing */
#define REACH 3					/* options are tried whose excess is up to
								 * about REACH times the temperature */
#define UNSEATED 4				/* one move in UNSEATED seats somebody
								 * unseated */
#define MAX_PENALTY_RANK 4
#define MOVE_STEPS 8

/* A guest to be put in order. */
typedef struct OrderKey
{
	int32		rank;
	int32		noptions;
	int32		guest;
} OrderKey;

static void list_options(EveningSearch *search);
static SearchOption search_option(const EveningModel *model, int32 option,
								  int64 excess, int64 pain);
static void measure_costs(EveningSearch *search);
static void measure_pains(EveningSearch *search);
static void greedy_in_order(EveningSearch *search, const OrderKey *order, int32 n);
static void pick_move(EveningSearch *search, int64 temperature,
					  int32 *guest, int32 *place);
static bool is_content(const EveningSearch *search, int32 guest);
static int32 count_excess(const EveningSearch *search, int32 group, int64 most);
static void choose_option(EveningSearch *search, int32 guest, int32 option);
static void go_to(EveningSearch *search, const int32 *chosen);
static int64 pain_at(const EveningSearch *search, int32 guest, int32 option);
static int64 tolerance(EveningSearch *search, int64 temperature);
static int	compare_excess(const void *a, const void *b);
static int	compare_by_start(const void *a, const void *b);
static int	compare_by_options(const void *a, const void *b);

EveningSearch *
evening_search_begin(const EveningModel *model)
{
	EveningSearch *search = palloc0(sizeof(EveningSearch));

	search->model = model;
	search->random = UINT64CONST(0xe7037ed1a0b428db);
	list_options(search);
	measure_costs(search);
	measure_pains(search);
	search->seating = evening_seating_begin(model, search->penalty);
	search->changes = palloc(sizeof(SeatingChange) * (model->nseatable + 1));
	return search;
}

/* All options, by cost. */
static void
list_options(EveningSearch *search)
{
	const EveningModel *model = search->model;
	Size		n = 0;

	for (int32 g = 0; g < model->ngroups; g++)
		n += model->groups[g].noptions;
	n = Max(n, 1);
	search->options = palloc_extended(sizeof(SearchOption) * n, MCXT_ALLOC_HUGE);
	search->first = palloc(sizeof(int32) * Max(model->ngroups, 1));
	search->noptions = palloc(sizeof(int32) * Max(model->ngroups, 1));
	search->least = palloc(sizeof(int64) * Max(model->ngroups, 1));
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];

		search->first[g] = group->first_option;
		search->noptions[g] = group->noptions;
		for (int32 i = group->first_option; i < group->first_option + group->noptions; i++)
		{
			int64		cost = model->problem->options[model->group_options[i]].cost;

			search->options[i] = search_option(model, model->group_options[i], cost, cost);
		}
	}
}

static SearchOption
search_option(const EveningModel *model, int32 option, int64 excess, int64 pain)
{
	const EveningOption *o = &model->problem->options[option];

	return (SearchOption)
	{
		.excess = excess,.pain = pain,.uses = model->problem->uses + o->first_use,
			.nuses = o->nuses,.option = option
	};
}

/* The typical difference of costs, and penalties that exceed any. */
static void
measure_costs(EveningSearch *search)
{
	const EveningModel *model = search->model;
	int64		sum = 0;
	int64		n = 0;
	int64		widest = 0;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		const SearchOption *options = search->options + search->first[g];
		int32		last = search->noptions[g] - 1;

		widest = Max(widest, options[last].pain - options[0].pain);
		if (options[(last + 1) / 2].pain > options[0].pain)
		{
			sum += options[(last + 1) / 2].pain - options[0].pain;
			n++;
		}
	}
	search->typical = n > 0 ? Max(sum / n, 1) : 1;
	search->penalty = palloc(sizeof(int64) * Max(model->nranks, 1));
	search->full_penalty = Max(widest, search->typical) * 2 + 1;
	for (int32 rank = 0; rank < model->nranks; rank++)
		search->penalty[rank] = search->full_penalty << (3 * Min(rank, MAX_PENALTY_RANK));
}

/* The least pain of each group's guests. */
static void
measure_pains(EveningSearch *search)
{
	for (int32 g = 0; g < search->model->ngroups; g++)
	{
		const SearchOption *options = search->options + search->first[g];
		int64		least = search->penalty[search->model->groups[g].rank];

		for (int32 i = 0; i < search->noptions[g]; i++)
			least = Min(least, options[i].pain);
		search->least[g] = least;
	}
}

/* The seating made by the better of two orders: hard ones first, or by start. */
void
evening_search_greedy(EveningSearch *search)
{
	const EveningModel *model = search->model;
	EveningSeating *seating = search->seating;
	int32		n = seating->nguests;
	OrderKey   *order = palloc(sizeof(OrderKey) * Max(n, 1));

	for (int32 i = 0; i < n; i++)
	{
		const EveningGroup *group = &model->groups[seating->group[i]];

		order[i] = (OrderKey)
		{
			.rank = group->rank,.noptions = group->noptions,.guest = i
		};
	}
	qsort(order, n, sizeof(OrderKey), compare_by_options);
	greedy_in_order(search, order, n);
	qsort(order, n, sizeof(OrderKey), compare_by_start);
	greedy_in_order(search, order, n);
	go_to(search, evening_seating_best(seating));
	pfree(order);
}

static void
greedy_in_order(EveningSearch *search, const OrderKey *order, int32 n)
{
	for (int32 i = 0; i < n; i++)
		choose_option(search, order[i].guest, -1);
	for (int32 i = 0; i < n; i++)
	{
		int32		place = evening_move_fitting(search, order[i].guest, PG_INT64_MAX);

		CHECK_FOR_INTERRUPTS();
		if (place >= 0)
			choose_option(search, order[i].guest, search->options[place].option);
	}
	evening_seating_keep(search->seating);
}

void
evening_search_anneal(EveningSearch *search, int64 max_steps, int heat,
					  bool fresh, int64 wanted_weight, int64 wanted_score)
{
	EveningSeating *seating = search->seating;
	int64		temperature = Max(search->typical * heat / 16, 1);
	int64		begun = search->steps;
	int			level = 0;

	if (seating->nguests == 0)
		return;
	if (fresh)
	{
		for (int32 i = 0; i < seating->nguests; i++)
			choose_option(search, i, -1);
	}
	else
		go_to(search, evening_seating_best(seating));
	while (search->steps - begun < max_steps)
	{
		int32		guest;
		int32		place;

		CHECK_FOR_INTERRUPTS();
		if (seating->best_weight >= wanted_weight &&
			seating->best_score <= wanted_score)
			break;
		while ((search->steps - begun) / (max_steps / LEVELS + 1) > level)
		{
			level++;
			temperature = Max(temperature * 15 / 16, 1);
		}
		pick_move(search, temperature, &guest, &place);
		search->steps += MOVE_STEPS;
		if (place >= 0 && evening_move_make(search, guest, place, tolerance(search, temperature)))
			evening_seating_keep(seating);
	}
}

/*
 * A random guest, rather one without an option, or one whose option is not the
 * best, and a random other option of those whose excess is not too high for the
 * temperature (its place, or -1).
 */
static void
pick_move(EveningSearch *search, int64 temperature, int32 *guest, int32 *place)
{
	const EveningSeating *seating = search->seating;
	int32		g;
	int32		n;

	if (seating->nunseated > 0 && evening_move_random(search, UNSEATED) == 0)
		*guest = seating->unseated[evening_move_random(search, seating->nunseated)];
	else
	{
		*guest = evening_move_random(search, seating->nguests);
		if (is_content(search, *guest))
			*guest = evening_move_random(search, seating->nguests);
	}
	g = seating->group[*guest];
	*place = -1;
	if (search->noptions[g] == 0)
		return;
	n = count_excess(search, g, search->options[search->first[g]].excess +
					 tolerance(search, temperature * REACH));
	*place = search->first[g] + evening_move_random(search, n);
	if (search->options[*place].option == seating->chosen[*guest])
		*place = -1;
}

/* Whether hardly any option is better than the guest's. */
static bool
is_content(const EveningSearch *search, int32 guest)
{
	return search->seating->pain_of[guest] <=
		search->least[search->seating->group[guest]] + search->typical / 16;
}

/* How many options of the group have at most that excess; at least 1. */
static int32
count_excess(const EveningSearch *search, int32 group, int64 most)
{
	const SearchOption *options = search->options + search->first[group];
	int32		low = 1;
	int32		high = search->noptions[group];

	while (low < high)
	{
		int32		middle = low + (high - low + 1) / 2;

		if (options[middle - 1].excess <= most)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

void
evening_search_restrict(EveningSearch *search, const int64 *excess,
						int64 slack, int64 scale, bool guided, int softness)
{
	const EveningModel *model = search->model;
	EveningSeating *seating = search->seating;
	int32		n = 0;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		SearchOption *options = search->options + n;
		int32		kept = 0;

		CHECK_FOR_INTERRUPTS();
		for (int32 i = group->first_option; i < group->first_option + group->noptions; i++)
		{
			int32		option = model->group_options[i];

			if (excess[i] <= slack)
				options[kept++] = search_option(model, option, excess[i] / scale,
												guided ? excess[i] / scale :
												model->problem->options[option].cost);
		}
		qsort(options, kept, sizeof(SearchOption), compare_excess);
		search->first[g] = n;
		search->noptions[g] = kept;
		n += kept;
	}
	for (int32 rank = 0; rank < model->nranks; rank++)
		search->penalty[rank] = Max(search->full_penalty / softness, 1)
			<< (3 * Min(rank, MAX_PENALTY_RANK));

	measure_pains(search);
	for (int32 i = 0; i < seating->nguests; i++)
		seating->pain_of[i] = pain_at(search, i, seating->chosen[i]);
}

void
evening_search_adopt(EveningSearch *search, const int32 *chosen)
{
	go_to(search, chosen);
	evening_seating_keep(search->seating);
}

const int32 *
evening_search_best(const EveningSearch *search, int64 *weight, int64 *score)
{
	*weight = search->seating->best_weight;
	*score = search->seating->best_score;
	return evening_seating_best(search->seating);
}

int64
evening_search_steps(const EveningSearch *search)
{
	return search->steps;
}

static void
go_to(EveningSearch *search, const int32 *chosen)
{
	EveningSeating *seating = search->seating;

	for (int32 i = 0; i < seating->nguests; i++)
	{
		if (seating->chosen[i] != chosen[seating->booking[i]])
			choose_option(search, i, -1);
	}
	for (int32 i = 0; i < seating->nguests; i++)
	{
		if (seating->chosen[i] != chosen[seating->booking[i]])
			choose_option(search, i, chosen[seating->booking[i]]);
	}
}

/* Gives a guest an option that there is room for, or none. */
static void
choose_option(EveningSearch *search, int32 guest, int32 option)
{
	EveningSeating *seating = search->seating;
	SeatingChange change = {.guest = guest,.option = option,
	.pain = pain_at(search, guest, option)};

	if (seating->chosen[guest] >= 0)
		evening_seating_shift(seating, guest, seating->chosen[guest], false);
	if (option >= 0)
		evening_seating_shift(seating, guest, option, true);
	evening_seating_settle(seating, &change);
}

/* Pain of a guest with an option, which may be left out now, or with none. */
static int64
pain_at(const EveningSearch *search, int32 guest, int32 option)
{
	int32		g = search->seating->group[guest];

	if (option < 0)
		return evening_move_penalty(search, guest);
	for (int32 i = search->first[g]; i < search->first[g] + search->noptions[g]; i++)
	{
		if (search->options[i].option == option)
			return search->options[i].pain;
	}
	return search->least[g] + search->typical;
}

/*
 * How much worse a seating may be at that temperature: an exponentially
 * distributed number with it as its mean.  The logarithm is interpolated
 * between powers of two.
 */
static int64
tolerance(EveningSearch *search, int64 temperature)
{
	uint64		r = (uint64) evening_move_random(search, PG_UINT32_MAX) + 1;
	int			bits = pg_leftmost_one_pos64(r);
	int64		log2 = ((int64) bits << 16) +
		(int64) (((r - (UINT64CONST(1) << bits)) << 16) >> bits);

	/* ln(2) is 45426 / 2^16. */
	return temperature * ((((INT64CONST(32) << 16) - log2) * 45426) >> 16) / 65536;
}

static int
compare_excess(const void *a, const void *b)
{
	const SearchOption *x = a;
	const SearchOption *y = b;

	if (x->excess != y->excess)
		return x->excess < y->excess ? -1 : 1;
	return x->option < y->option ? -1 : x->option > y->option;
}

static int
compare_by_start(const void *a, const void *b)
{
	const OrderKey *x = a;
	const OrderKey *y = b;

	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;

	/* Guests are numbered by start. */
	return x->guest < y->guest ? -1 : x->guest > y->guest;
}

static int
compare_by_options(const void *a, const void *b)
{
	const OrderKey *x = a;
	const OrderKey *y = b;

	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	if (x->noptions != y->noptions)
		return x->noptions < y->noptions ? -1 : 1;
	return compare_by_start(a, b);
}
