/*-------------------------------------------------------------------------
 *
 * evening_search.c
 *	  Simulated annealing with ejections: see evening_search.h.
 *
 * A move seats a booking at an option whether or not there is room, ejects
 * whoever is in the way, and seats the ejected ones where there is room.
 * Random numbers come from a generator of a fixed seed, and chances are
 * computed with integers, so that a search is the same everywhere.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "seating/evening_search.h"

#define MAX_PENALTY_RANK 6
#define REACH 3
#define LEVELS 64				/* temperatures of an annealing */

/* A booking at one of the resources that it uses. */
typedef struct Member
{
	int32		booking;
	int32		nth;			/* use of its option */
} Member;

typedef struct Members
{
	Member	   *members;
	int32		n;
	int32		size;
} Members;

/* What a booking had before the move. */
typedef struct Change
{
	int32		booking;
	int32		option;
	int64		pain;
} Change;

/* An option to be sorted by its excess. */
typedef struct ExcessOption
{
	int64		excess;
	int32		nth;			/* of its group */
	int32		option;
} ExcessOption;

struct EveningSearch
{
	const EveningModel *model;
	int32	   *options;		/* of each group, the best ones first */
	int64	   *pains;			/* of each of options: what is annealed */
	int64	   *excess;			/* of each of options: what they are sorted by */
	int32	   *first;			/* of each group, index into options */
	int32	   *noptions;		/* of each group */
	int32		most_options;	/* of any group */

	int32	   *room;			/* now, as in the model */
	int32	   *chosen;			/* of each booking; -1: none */
	int64	   *pain_of;		/* of each booking's option */
	Members    *members;		/* of each resource */
	int32	   *place;			/* [booking * max_uses + use]: index into
								 * members */
	int32		max_uses;
	int32	   *seatable;		/* bookings that have options */
	int32	   *unseated;		/* those of them without one now */
	int32	   *unseated_place; /* of each booking */
	int32		nunseated;
	int64	   *penalty;		/* of each rank, for being unseated */
	int64		weight;
	int64		score;
	int64		pain;			/* score and penalties: what is annealed */

	Change	   *changes;		/* of the current move */
	int32		nchanges;
	int32		changes_size;

	int32	   *best;			/* chosen of the best seating */
	int64		best_weight;
	int64		best_score;
	bool		best_is_now;	/* not yet copied to best[] */

	int64		typical;		/* difference between options' costs */
	uint64		random;
	int64		steps;
};

static int	compare_excess(const void *a, const void *b);
static void measure_costs(EveningSearch *search);
static void change(EveningSearch *search, int32 booking, int32 place);
static void put_back(EveningSearch *search, const Change *change);
static void choose(EveningSearch *search, int32 booking, int32 option);
static void leave(EveningSearch *search, int32 booking);
static void enter(EveningSearch *search, int32 booking, int32 option,
				  int64 pain);
static void note_change(EveningSearch *search, int32 booking);
static bool fits(EveningSearch *search, int32 booking, int32 option);
static int32 cheapest_fitting(EveningSearch *search, int32 booking);
static void greedy_in_order(EveningSearch *search, const int32 *order);
static void move(EveningSearch *search, int32 booking, int32 place);
static void eject(EveningSearch *search, int32 booking, int32 option);
static int32 pick_victim(EveningSearch *search, int32 resource, int32 slot);
static void undo(EveningSearch *search);
static void pick_move(EveningSearch *search, int64 temperature,
					  int32 *booking, int32 *place);
static int32 count_excess(const EveningSearch *search, int32 group, int64 most);
static int64 tolerance(EveningSearch *search, int64 temperature);
static void keep_best(EveningSearch *search);
static void copy_best(EveningSearch *search);
static void go_to_best(EveningSearch *search);
static uint32 random_below(EveningSearch *search, uint32 n);

EveningSearch *
evening_search_begin(const EveningModel *model)
{
	const EveningProblem *problem = model->problem;
	EveningSearch *search = palloc0(sizeof(EveningSearch));
	Size		n = Max(problem->nbookings, 1);
	Size		cells = (Size) problem->nresources * model->nslots;
	Size		noptions = 0;
	int32		nseatable = 0;

	search->model = model;
	search->random = UINT64CONST(0x9e3779b97f4a7c15);
	for (int32 i = 0; i < problem->noptions; i++)
		search->max_uses = Max(search->max_uses, problem->options[i].nuses);
	for (int32 g = 0; g < model->ngroups; g++)
		noptions += model->groups[g].noptions;
	search->options = palloc_extended(sizeof(int32) * Max(noptions, 1),
									  MCXT_ALLOC_HUGE);
	search->pains = palloc_extended(sizeof(int64) * Max(noptions, 1),
									MCXT_ALLOC_HUGE);
	search->excess = palloc_extended(sizeof(int64) * Max(noptions, 1),
									 MCXT_ALLOC_HUGE);
	search->first = palloc(sizeof(int32) * Max(model->ngroups, 1));
	search->noptions = palloc(sizeof(int32) * Max(model->ngroups, 1));
	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];

		search->first[g] = group->first_option;
		search->noptions[g] = group->noptions;
		search->most_options = Max(search->most_options, group->noptions);
		memcpy(search->options + group->first_option,
			   model->group_options + group->first_option,
			   sizeof(int32) * group->noptions);
		for (int32 i = 0; i < group->noptions; i++)
			search->excess[group->first_option + i] =
				search->pains[group->first_option + i] =
				problem->options[model->group_options[group->first_option + i]].cost;
	}
	search->room = palloc(sizeof(int32) * Max(cells, 1));
	memcpy(search->room, model->room, sizeof(int32) * cells);
	search->members = palloc0(sizeof(Members) * Max(problem->nresources, 1));
	search->place = palloc0(sizeof(int32) * n * Max(search->max_uses, 1));
	search->chosen = palloc(sizeof(int32) * n);
	search->pain_of = palloc0(sizeof(int64) * n);
	search->best = palloc(sizeof(int32) * n);
	search->seatable = palloc(sizeof(int32) * n);
	search->unseated = palloc(sizeof(int32) * n);
	search->unseated_place = palloc0(sizeof(int32) * n);
	search->changes_size = 64;
	search->changes = palloc(sizeof(Change) * search->changes_size);
	measure_costs(search);
	for (int32 b = 0; b < problem->nbookings; b++)
	{
		search->chosen[b] = search->best[b] = -1;
		if (model->group_of[b] < 0)
			continue;
		search->seatable[nseatable++] = b;
		search->unseated_place[b] = search->nunseated;
		search->unseated[search->nunseated++] = b;
		search->pain += search->penalty[model->groups[model->group_of[b]].rank];
	}
	return search;
}

/* The typical difference of costs, and penalties that exceed it. */
static void
measure_costs(EveningSearch *search)
{
	const EveningModel *model = search->model;
	int64		sum = 0;
	int64		n = 0;
	int64		widest = 0;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		const int32 *options = model->group_options + group->first_option;
		int64		low = model->problem->options[options[0]].cost;
		int64		middle = model->problem->options[options[group->noptions / 2]].cost;
		int64		high = model->problem->options[options[group->noptions - 1]].cost;

		widest = Max(widest, high - low);
		if (middle > low)
		{
			sum += Min(middle - low, INT64CONST(1) << 40) / 64;
			n++;
		}
	}
	search->typical = n > 0 ? Max(sum / n * 64, 1) : 1;
	search->penalty = palloc(sizeof(int64) * Max(model->nranks, 1));
	for (int32 rank = 0; rank < model->nranks; rank++)
		search->penalty[rank] = (Max(widest, search->typical) * 2 + 1)
			<< (3 * Min(rank, MAX_PENALTY_RANK));
}

void
evening_search_restrict(EveningSearch *search, const int64 *excess,
						int64 slack, int64 scale, bool guided)
{
	const EveningModel *model = search->model;
	ExcessOption *sorted = palloc(sizeof(ExcessOption) * Max(search->most_options, 1));
	int32		n = 0;

	for (int32 g = 0; g < model->ngroups; g++)
	{
		const EveningGroup *group = &model->groups[g];
		int32		kept = 0;

		CHECK_FOR_INTERRUPTS();
		for (int32 i = 0; i < group->noptions; i++)
		{
			if (excess[group->first_option + i] <= slack)
				sorted[kept++] = (ExcessOption)
			{
				.excess = excess[group->first_option + i],
					.nth = i,
					.option = model->group_options[group->first_option + i]
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

	/* Whoever sits somewhere gets the new pain. */
	for (int32 b = 0; b < model->problem->nbookings; b++)
	{
		int32		option = search->chosen[b];

		if (option >= 0)
		{
			change(search, b, -1);
			choose(search, b, option);
		}
	}
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

const int32 *
evening_search_best(const EveningSearch *search, int64 *weight, int64 *score)
{
	copy_best((EveningSearch *) search);
	*weight = search->best_weight;
	*score = search->best_score;
	return search->best;
}

void
evening_search_adopt(EveningSearch *search, const int32 *chosen)
{
	int32		n = search->model->problem->nbookings;

	copy_best(search);
	for (int32 b = 0; b < n; b++)
	{
		if (search->chosen[b] != chosen[b])
			change(search, b, -1);
	}
	for (int32 b = 0; b < n; b++)
	{
		if (search->chosen[b] != chosen[b])
			choose(search, b, chosen[b]);
	}
	keep_best(search);
}

int64
evening_search_steps(const EveningSearch *search)
{
	return search->steps;
}

typedef struct OrderKey
{
	int32		rank;
	int32		options;
	int32		from;
	int32		booking;
} OrderKey;

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
	if (x->options != y->options)
		return x->options < y->options ? -1 : 1;
	return compare_by_start(a, b);
}

void
evening_search_greedy(EveningSearch *search)
{
	const EveningModel *model = search->model;
	int32		n = search->nunseated;
	OrderKey   *keys = palloc(sizeof(OrderKey) * Max(n, 1));
	int32	   *order = palloc(sizeof(int32) * Max(n, 1));

	for (int32 i = 0; i < n; i++)
	{
		int32		b = search->unseated[i];
		const EveningGroup *group = &model->groups[model->group_of[b]];

		keys[i] = (OrderKey)
		{
			.rank = group->rank,.options = group->noptions,
				.from = group->from,.booking = b
		};
	}
	for (int pass = 0; pass < 2; pass++)
	{
		qsort(keys, n, sizeof(OrderKey),
			  pass == 0 ? compare_by_options : compare_by_start);
		for (int32 i = 0; i < n; i++)
			order[i] = keys[i].booking;
		for (int32 i = 0; i < n; i++)
			change(search, order[i], -1);
		greedy_in_order(search, order);
		keep_best(search);
	}
	go_to_best(search);
	pfree(keys);
	pfree(order);
}

static void
greedy_in_order(EveningSearch *search, const int32 *order)
{
	int32		n = search->nunseated;

	for (int32 i = 0; i < n; i++)
	{
		int32		place = cheapest_fitting(search, order[i]);

		CHECK_FOR_INTERRUPTS();
		if (place >= 0)
			change(search, order[i], place);
	}
}

void
evening_search_anneal(EveningSearch *search, int64 max_steps, int heat,
					  int64 wanted_weight, int64 wanted_score)
{
	int64		hot = Max(search->typical * heat / 16, 1);
	int64		temperature = hot;
	int64		begun = search->steps;
	int			level = 0;

	if (search->model->nseatable == 0)
		return;
	go_to_best(search);
	while (search->steps - begun < max_steps)
	{
		int32		booking;
		int32		place;
		int64		pain = search->pain;

		CHECK_FOR_INTERRUPTS();
		if (search->best_weight >= wanted_weight &&
			search->best_score <= wanted_score)
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
		if (search->pain - pain > tolerance(search, temperature))
			undo(search);
		else
			keep_best(search);
	}
}

/*
 * A random booking, rather one without an option, and a random other option of
 * those whose excess is not too high for the temperature.
 */
static void
pick_move(EveningSearch *search, int64 temperature, int32 *booking, int32 *place)
{
	const EveningModel *model = search->model;
	int32		g;
	int32		n;

	if (search->nunseated > 0 && random_below(search, 4) == 0)
		*booking = search->unseated[random_below(search, search->nunseated)];
	else
		*booking = search->seatable[random_below(search, model->nseatable)];
	g = model->group_of[*booking];
	*place = -1;
	if (search->noptions[g] == 0)
		return;
	n = count_excess(search, g, search->excess[search->first[g]] +
					 tolerance(search, temperature * REACH));
	*place = search->first[g] + random_below(search, n);
	if (search->options[*place] == search->chosen[*booking])
		*place = -1;
}

/* How many options of the group have at most that excess. */
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
	int32		nejected;

	search->nchanges = 0;
	note_change(search, booking);
	change(search, booking, -1);
	eject(search, booking, search->options[place]);
	change(search, booking, place);
	nejected = search->nchanges;
	for (int32 i = 1; i < nejected; i++)
	{
		int32		other = search->changes[i].booking;
		int32		fitting = cheapest_fitting(search, other);

		if (fitting >= 0)
			change(search, other, fitting);
	}

	/* Whoever left may have made room for somebody else. */
	if (search->nunseated > 0)
	{
		int32		other = search->unseated[random_below(search, search->nunseated)];
		int32		fitting = cheapest_fitting(search, other);

		if (fitting >= 0)
		{
			note_change(search, other);
			change(search, other, fitting);
		}
	}
}

/* Makes room for an option. */
static void
eject(EveningSearch *search, int32 booking, int32 option)
{
	const EveningModel *model = search->model;
	const EveningProblem *problem = model->problem;
	const EveningGroup *group = &model->groups[model->group_of[booking]];
	const EveningOption *o = &problem->options[option];

	for (int32 i = 0; i < o->nuses; i++)
	{
		const EveningUse *use = &problem->uses[o->first_use + i];
		const int32 *room = search->room + (Size) use->resource * model->nslots;

		for (int32 slot = group->from; slot < group->until; slot++)
		{
			while (room[slot] < use->amount)
			{
				int32		victim = pick_victim(search, use->resource, slot);

				note_change(search, victim);
				change(search, victim, -1);
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
	const Members *members = &search->members[resource];
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
	search->steps++;
	Assert(victim >= 0);
	return victim;
}

/* The place in options of the best one that there is room for; -1: none. */
static int32
cheapest_fitting(EveningSearch *search, int32 booking)
{
	int32		g = search->model->group_of[booking];
	int32		n = search->noptions[g];
	const int32 *options = search->options + search->first[g];

	for (int32 i = 0; i < n; i++)
	{
		if (fits(search, booking, options[i]))
		{
			search->steps += i + 1;
			return search->first[g] + i;
		}
	}
	search->steps += n;
	return -1;
}

static inline bool
fits(EveningSearch *search, int32 booking, int32 option)
{
	const EveningModel *model = search->model;
	const EveningGroup *group = &model->groups[model->group_of[booking]];

	return evening_model_fits(model->problem, search->room, model->nslots,
							  &model->problem->options[option],
							  group->from, group->until);
}

/* Remembers what the booking has, to be able to undo the move. */
static void
note_change(EveningSearch *search, int32 booking)
{
	if (search->nchanges == search->changes_size)
	{
		search->changes_size *= 2;
		search->changes = repalloc(search->changes,
								   sizeof(Change) * search->changes_size);
	}
	search->changes[search->nchanges].booking = booking;
	search->changes[search->nchanges].pain = search->pain_of[booking];
	search->changes[search->nchanges++].option = search->chosen[booking];
}

static void
undo(EveningSearch *search)
{
	for (int32 i = 0; i < search->nchanges; i++)
		change(search, search->changes[i].booking, -1);
	for (int32 i = search->nchanges - 1; i >= 0; i--)
		put_back(search, &search->changes[i]);
}

/*
 * Gives the booking the option at that place in options, for which there is
 * room, or none (-1).
 */
static void
change(EveningSearch *search, int32 booking, int32 place)
{
	if (search->chosen[booking] >= 0)
		leave(search, booking);
	if (place >= 0)
		enter(search, booking, search->options[place], search->pains[place]);
}

static void
put_back(EveningSearch *search, const Change *change)
{
	if (change->option >= 0)
		enter(search, change->booking, change->option, change->pain);
}

/* Gives a booking without an option one that may be left out now, or none. */
static void
choose(EveningSearch *search, int32 booking, int32 option)
{
	int32		g = search->model->group_of[booking];

	if (option < 0)
		return;
	for (int32 i = 0; i < search->noptions[g]; i++)
	{
		int32		place = search->first[g] + i;

		if (search->options[place] == option)
		{
			change(search, booking, place);
			return;
		}
	}
	enter(search, booking, option, search->typical);
}

static void
leave(EveningSearch *search, int32 booking)
{
	const EveningModel *model = search->model;
	const EveningProblem *problem = model->problem;
	const EveningGroup *group = &model->groups[model->group_of[booking]];
	const EveningOption *o = &problem->options[search->chosen[booking]];
	int32	   *places = search->place + (Size) booking * search->max_uses;

	if (search->best_is_now)
		copy_best(search);
	for (int32 i = 0; i < o->nuses; i++)
	{
		const EveningUse *use = &problem->uses[o->first_use + i];
		int32	   *room = search->room + (Size) use->resource * model->nslots;
		Members    *members = &search->members[use->resource];
		Member		last = members->members[--members->n];

		for (int32 slot = group->from; slot < group->until; slot++)
			room[slot] += use->amount;
		members->members[places[i]] = last;
		search->place[(Size) last.booking * search->max_uses + last.nth] = places[i];
	}
	search->score -= o->cost;
	search->weight -= model->weight[group->rank];
	search->pain += search->penalty[group->rank] - search->pain_of[booking];
	search->unseated_place[booking] = search->nunseated;
	search->unseated[search->nunseated++] = booking;
	search->chosen[booking] = -1;
}

static void
enter(EveningSearch *search, int32 booking, int32 option, int64 pain)
{
	const EveningModel *model = search->model;
	const EveningProblem *problem = model->problem;
	const EveningGroup *group = &model->groups[model->group_of[booking]];
	const EveningOption *o = &problem->options[option];
	int32	   *places = search->place + (Size) booking * search->max_uses;
	int32		place = search->unseated_place[booking];
	int32		last = search->unseated[--search->nunseated];

	if (search->best_is_now)
		copy_best(search);
	for (int32 i = 0; i < o->nuses; i++)
	{
		const EveningUse *use = &problem->uses[o->first_use + i];
		int32	   *room = search->room + (Size) use->resource * model->nslots;
		Members    *members = &search->members[use->resource];

		for (int32 slot = group->from; slot < group->until; slot++)
			room[slot] -= use->amount;
		if (members->n == members->size)
		{
			members->size = Max(members->size * 2, 8);
			members->members = members->members == NULL ?
				palloc(sizeof(Member) * members->size) :
				repalloc(members->members, sizeof(Member) * members->size);
		}
		places[i] = members->n;
		members->members[members->n].booking = booking;
		members->members[members->n++].nth = i;
	}
	search->score += o->cost;
	search->weight += model->weight[group->rank];
	search->pain += pain - search->penalty[group->rank];
	search->pain_of[booking] = pain;
	search->unseated[place] = last;
	search->unseated_place[last] = place;
	search->chosen[booking] = option;
}

/* Remembers the seating if none was better; copied before it changes. */
static void
keep_best(EveningSearch *search)
{
	if (search->weight < search->best_weight ||
		(search->weight == search->best_weight &&
		 (search->score >= search->best_score && search->weight > 0)))
		return;
	search->best_weight = search->weight;
	search->best_score = search->score;
	search->best_is_now = true;
}

static void
copy_best(EveningSearch *search)
{
	if (!search->best_is_now)
		return;
	memcpy(search->best, search->chosen,
		   sizeof(int32) * search->model->problem->nbookings);
	search->best_is_now = false;
}

static void
go_to_best(EveningSearch *search)
{
	const EveningProblem *problem = search->model->problem;

	copy_best(search);
	for (int32 b = 0; b < problem->nbookings; b++)
	{
		if (search->chosen[b] != search->best[b])
			change(search, b, -1);
	}
	for (int32 b = 0; b < problem->nbookings; b++)
	{
		if (search->chosen[b] != search->best[b])
			choose(search, b, search->best[b]);
	}
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
