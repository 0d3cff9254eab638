/*-------------------------------------------------------------------------
 *
 * evening_search.c
 *	  Simulated annealing with ejections: see evening_search.h.
 *
 * A move seats a booking at an option whether or not there is room, ejects
 * whoever is in the way, and seats the ejected ones where there is room.
 * Random numbers come from a generator of a fixed seed, and chances are
 * computed with integers, so a search is the same everywhere.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "seating/evening_search.h"
#include "seating/evening_seating.h"

/* Found by measuring. */
#define LEVELS 64				/* temperatures of an annealing */
#define REACH 3					/* options are tried whose excess is about so
								 * many times the temperature */
#define UNSEATED 4				/* every so manieth move seats somebody
								 * unseated */
#define MAX_PENALTY_RANK 4

/* An option to be sorted by its excess. */
typedef struct ExcessOption
{
	int64		excess;
	int32		nth;			/* of its group */
	int32		option;
} ExcessOption;

/* A booking to be put in order. */
typedef struct OrderKey
{
	int32		rank;
	int32		noptions;
	int32		from;
	int32		booking;
} OrderKey;

struct EveningSearch
{
	const EveningModel *model;
	EveningSeating *seating;
	int32	   *options;		/* of each group, the best ones first */
	int64	   *pains;			/* of each of options: what is annealed */
	int64	   *excess;			/* of each of options: what they are sorted by */
	int32	   *first;			/* of each group, index into options */
	int32	   *noptions;		/* of each group */
	int32		most_options;	/* of any group */
	int32	   *seatable;		/* bookings that have options */
	int64	   *penalty;		/* of each rank, for being unseated */
	int64		full_penalty;	/* of the lowest rank, more than any cost */
	int64		typical;		/* difference between options' costs */
	uint64		random;
	int64		steps;
};

static void list_options(EveningSearch *search);
static void measure_costs(EveningSearch *search);
static void greedy_in_order(EveningSearch *search, const OrderKey *order, int32 n);
static void pick_move(EveningSearch *search, int64 temperature,
					  int32 *booking, int32 *place);
static int32 count_excess(const EveningSearch *search, int32 group, int64 most);
static void move(EveningSearch *search, int32 booking, int32 place);
static void eject(EveningSearch *search, int32 booking, int32 option);
static int32 pick_victim(EveningSearch *search, int32 resource, int32 slot);
static bool seat_best(EveningSearch *search, int32 booking);
static int32 best_fitting(EveningSearch *search, int32 booking);
static void seat_at(EveningSearch *search, int32 booking, int32 place);
static void go_to(EveningSearch *search, const int32 *chosen);
static void choose_option(EveningSearch *search, int32 booking, int32 option);
static int64 tolerance(EveningSearch *search, int64 temperature);
static uint32 random_below(EveningSearch *search, uint32 n);
static int	compare_excess(const void *a, const void *b);
static int	compare_by_start(const void *a, const void *b);
static int	compare_by_options(const void *a, const void *b);

EveningSearch *
evening_search_begin(const EveningModel *model)
{
	EveningSearch *search = palloc0(sizeof(EveningSearch));
	int32		nbookings = model->problem->nbookings;
	int32		n = 0;

	search->model = model;
	search->random = UINT64CONST(0x9e3779b97f4a7c15);
	list_options(search);
	measure_costs(search);
	search->seating = evening_seating_begin(model, search->penalty);
	search->seatable = palloc(sizeof(int32) * Max(nbookings, 1));
	for (int32 b = 0; b < nbookings; b++)
	{
		if (model->group_of[b] >= 0)
			search->seatable[n++] = b;
	}
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
	search->options = palloc_extended(sizeof(int32) * n, MCXT_ALLOC_HUGE);
	search->pains = palloc_extended(sizeof(int64) * n, MCXT_ALLOC_HUGE);
	search->excess = palloc_extended(sizeof(int64) * n, MCXT_ALLOC_HUGE);
	search->first = palloc(sizeof(int32) * Max(model->ngroups, 1));
	search->noptions = palloc(sizeof(int32) * Max(model->ngroups, 1));
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];

		search->first[g] = group->first_option;
		search->noptions[g] = group->noptions;
		search->most_options = Max(search->most_options, group->noptions);
		for (int32 i = group->first_option; i < group->first_option + group->noptions; i++)
		{
			search->options[i] = model->group_options[i];
			search->excess[i] = search->pains[i] =
				model->problem->options[search->options[i]].cost;
		}
	}
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
		const int64 *costs = search->pains + search->first[g];
		int32		last = search->noptions[g] - 1;

		widest = Max(widest, costs[last] - costs[0]);
		if (costs[(last + 1) / 2] > costs[0])
		{
			sum += costs[(last + 1) / 2] - costs[0];
			n++;
		}
	}
	search->typical = n > 0 ? Max(sum / n, 1) : 1;
	search->penalty = palloc(sizeof(int64) * Max(model->nranks, 1));
	search->full_penalty = Max(widest, search->typical) * 2 + 1;
	for (int32 rank = 0; rank < model->nranks; rank++)
		search->penalty[rank] = search->full_penalty << (3 * Min(rank, MAX_PENALTY_RANK));
}

/* The seating made by the better of two orders: hard ones first, or by start. */
void
evening_search_greedy(EveningSearch *search)
{
	const EveningModel *model = search->model;
	EveningSeating *seating = search->seating;
	int32		n = seating->nunseated;
	OrderKey   *order = palloc(sizeof(OrderKey) * Max(n, 1));

	for (int32 i = 0; i < n; i++)
	{
		int32		b = seating->unseated[i];
		const EveningGroup *group = &model->groups[model->group_of[b]];

		order[i] = (OrderKey)
		{
			.rank = group->rank,.noptions = group->noptions,
				.from = group->from,.booking = b
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
		evening_seating_unseat(search->seating, order[i].booking);
	for (int32 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		seat_best(search, order[i].booking);
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

	if (search->model->nseatable == 0)
		return;
	if (fresh)
	{
		for (int32 i = 0; i < search->model->nseatable; i++)
			evening_seating_unseat(seating, search->seatable[i]);
	}
	else
		go_to(search, evening_seating_best(seating));
	while (search->steps - begun < max_steps)
	{
		int32		booking;
		int32		place;
		int64		pain = seating->pain;

		CHECK_FOR_INTERRUPTS();
		if (seating->best_weight >= wanted_weight &&
			seating->best_score <= wanted_score)
			break;
		while ((search->steps - begun) / (max_steps / LEVELS + 1) > level)
		{
			level++;
			temperature = Max(temperature * 15 / 16, 1);
		}
		pick_move(search, temperature, &booking, &place);
		if (place < 0)
		{
			search->steps++;
			continue;
		}
		move(search, booking, place);
		if (seating->pain - pain > tolerance(search, temperature))
			evening_seating_undo(seating);
		else
			evening_seating_keep(seating);
	}
}

/*
 * A random booking, rather one without an option, and a random other option of
 * those whose excess is not too high for the temperature (its place, or -1).
 */
static void
pick_move(EveningSearch *search, int64 temperature, int32 *booking, int32 *place)
{
	const EveningSeating *seating = search->seating;
	int32		g;
	int32		n;

	if (seating->nunseated > 0 && random_below(search, UNSEATED) == 0)
		*booking = seating->unseated[random_below(search, seating->nunseated)];
	else
		*booking = search->seatable[random_below(search, search->model->nseatable)];
	g = search->model->group_of[*booking];
	*place = -1;
	if (search->noptions[g] == 0)
		return;
	n = count_excess(search, g, search->excess[search->first[g]] +
					 tolerance(search, temperature * REACH));
	*place = search->first[g] + random_below(search, n);
	if (search->options[*place] == seating->chosen[*booking])
		*place = -1;
}

/* How many options of the group have at most that excess; at least 1. */
static int32
count_excess(const EveningSearch *search, int32 group, int64 most)
{
	const int64 *excess = search->excess + search->first[group];
	int32		low = 1;
	int32		high = search->noptions[group];

	while (low < high)
	{
		int32		middle = low + (high - low + 1) / 2;

		if (excess[middle - 1] <= most)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static void
move(EveningSearch *search, int32 booking, int32 place)
{
	EveningSeating *seating = search->seating;
	int32		nejected;

	evening_seating_begin_move(seating);
	evening_seating_note(seating, booking);
	evening_seating_unseat(seating, booking);
	eject(search, booking, search->options[place]);
	seat_at(search, booking, place);
	nejected = seating->nchanges;
	for (int32 i = 1; i < nejected; i++)
		seat_best(search, seating->changes[i].booking);

	/* Whoever left may have made room for somebody else. */
	if (seating->nunseated > 0)
	{
		int32		other = seating->unseated[random_below(search, seating->nunseated)];
		int32		fitting = best_fitting(search, other);

		if (fitting >= 0)
		{
			evening_seating_note(seating, other);
			seat_at(search, other, fitting);
		}
	}
}

/* Makes room for an option. */
static void
eject(EveningSearch *search, int32 booking, int32 option)
{
	const EveningModel *model = search->model;
	EveningSeating *seating = search->seating;
	const EveningGroup *group = &model->groups[model->group_of[booking]];
	const EveningOption *o = &model->problem->options[option];

	for (int32 i = 0; i < o->nuses; i++)
	{
		const EveningUse *use = &model->problem->uses[o->first_use + i];
		const int32 *room = seating->room + (Size) use->resource * model->nslots;

		for (int32 slot = group->from; slot < group->until; slot++)
		{
			while (room[slot] < use->amount)
			{
				int32		victim = pick_victim(search, use->resource, slot);

				evening_seating_note(seating, victim);
				evening_seating_unseat(seating, victim);
			}
		}
	}
	search->steps += o->nuses;
}

/* A random one of the bookings that use the resource in the slot. */
static int32
pick_victim(EveningSearch *search, int32 resource, int32 slot)
{
	const EveningModel *model = search->model;
	const SeatingMembers *members = &search->seating->members[resource];
	uint32		n = 0;
	int32		victim = -1;

	for (int32 i = 0; i < members->n; i++)
	{
		int32		b = members->members[i].booking;
		const EveningGroup *group = &model->groups[model->group_of[b]];

		if (group->from <= slot && slot < group->until &&
			random_below(search, ++n) == 0)
			victim = b;
	}
	search->steps += 1 + members->n / 16;

	/* An option that is listed fits when nobody else is there. */
	Assert(victim >= 0);
	return victim;
}

static bool
seat_best(EveningSearch *search, int32 booking)
{
	int32		place = best_fitting(search, booking);

	if (place >= 0)
		seat_at(search, booking, place);
	return place >= 0;
}

/* The place in options of the first one that there is room for; -1: none. */
static int32
best_fitting(EveningSearch *search, int32 booking)
{
	const EveningModel *model = search->model;
	int32		g = model->group_of[booking];
	const EveningGroup *group = &model->groups[g];
	const int32 *options = search->options + search->first[g];

	for (int32 i = 0; i < search->noptions[g]; i++)
	{
		search->steps++;
		if (evening_model_fits(model->problem, search->seating->room,
							   model->nslots, &model->problem->options[options[i]],
							   group->from, group->until))
			return search->first[g] + i;
	}
	return -1;
}

static void
seat_at(EveningSearch *search, int32 booking, int32 place)
{
	evening_seating_seat(search->seating, booking, search->options[place],
						 search->pains[place]);
}

void
evening_search_restrict(EveningSearch *search, const int64 *excess,
						int64 slack, int64 scale, bool guided, int softness)
{
	const EveningModel *model = search->model;
	EveningSeating *seating = search->seating;
	ExcessOption *sorted = palloc(sizeof(ExcessOption) * Max(search->most_options, 1));
	int32		n = 0;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		int32		kept = 0;

		CHECK_FOR_INTERRUPTS();
		for (int32 i = 0; i < group->noptions; i++)
		{
			int32		k = group->first_option + i;

			if (excess[k] <= slack)
				sorted[kept++] = (ExcessOption)
			{
				.excess = excess[k],.nth = i,.option = model->group_options[k]
			};
		}
		qsort(sorted, kept, sizeof(ExcessOption), compare_excess);
		search->first[g] = n;
		search->noptions[g] = kept;
		for (int32 i = 0; i < kept; i++, n++)
		{
			search->options[n] = sorted[i].option;
			search->excess[n] = sorted[i].excess / scale;
			search->pains[n] = guided ? search->excess[n] :
				model->problem->options[sorted[i].option].cost;
		}
	}
	pfree(sorted);
	for (int32 rank = 0; rank < model->nranks; rank++)
		search->penalty[rank] = Max(search->full_penalty / softness, 1)
			<< (3 * Min(rank, MAX_PENALTY_RANK));

	/* Whoever is seated gets the new pain. */
	for (int32 b = 0; b < model->problem->nbookings; b++)
	{
		int32		option = seating->chosen[b];

		evening_seating_unseat(seating, b);
		choose_option(search, b, option);
	}
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
	int32		n = search->model->problem->nbookings;

	for (int32 b = 0; b < n; b++)
	{
		if (seating->chosen[b] != chosen[b])
			evening_seating_unseat(seating, b);
	}
	for (int32 b = 0; b < n; b++)
	{
		if (seating->chosen[b] != chosen[b])
			choose_option(search, b, chosen[b]);
	}
}

/* Gives an unseated booking an option that may be left out now, or none. */
static void
choose_option(EveningSearch *search, int32 booking, int32 option)
{
	int32		g = search->model->group_of[booking];

	if (option < 0)
		return;
	for (int32 i = 0; i < search->noptions[g]; i++)
	{
		if (search->options[search->first[g] + i] == option)
		{
			seat_at(search, booking, search->first[g] + i);
			return;
		}
	}
	evening_seating_seat(search->seating, booking, option, search->typical);
}

/*
 * How much worse a seating may be at that temperature: an exponentially
 * distributed number with it as its mean.  The logarithm is interpolated
 * between powers of two.
 */
static int64
tolerance(EveningSearch *search, int64 temperature)
{
	uint64		r = (uint64) random_below(search, PG_UINT32_MAX) + 1;
	int			bits = pg_leftmost_one_pos64(r);
	int64		log2 = ((int64) bits << 16) +
		(int64) (((r - (UINT64CONST(1) << bits)) << 16) >> bits);

	/* ln(2) is 45426 / 2^16. */
	return temperature * ((((INT64CONST(32) << 16) - log2) * 45426) >> 16) / 65536;
}

/* A random number from 0 to n - 1, by xorshift64*. */
static uint32
random_below(EveningSearch *search, uint32 n)
{
	search->random ^= search->random >> 12;
	search->random ^= search->random << 25;
	search->random ^= search->random >> 27;
	return (uint32) (((search->random * UINT64CONST(0x2545f4914f6cdd1d) >> 32) * n) >> 32);
}

static int
compare_excess(const void *a, const void *b)
{
	const ExcessOption *x = a;
	const ExcessOption *y = b;

	if (x->excess != y->excess)
		return x->excess < y->excess ? -1 : 1;
	return x->nth < y->nth ? -1 : x->nth > y->nth;
}

static int
compare_by_start(const void *a, const void *b)
{
	const OrderKey *x = a;
	const OrderKey *y = b;

	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->booking < y->booking ? -1 : x->booking > y->booking;
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
