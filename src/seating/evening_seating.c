/*-------------------------------------------------------------------------
 *
 * evening_seating.c
 *	  A seating that is being changed: see evening_seating.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/evening_seating.h"

#define FEW_WORDS 2

/* A booking to be put in order; those of one group are alike. */
typedef struct Arrival
{
	int32		from;
	int32		noptions;
	int32		group;
	int32		booking;
} Arrival;

static void number_guests(EveningSeating *seating);
static void pack_room(EveningSeating *seating);
static void make_windows(EveningSeating *seating);
static void make_covers(EveningSeating *seating);
static void copy_best(EveningSeating *seating);
static int	compare_arrival(const void *a, const void *b);
static void *alloc_zeros(Size n, Size size);

EveningSeating *
evening_seating_begin(const EveningModel *model, const int64 *penalty)
{
	EveningSeating *seating = palloc0(sizeof(EveningSeating));
	int32		n = model->nseatable;

	seating->model = model;
	seating->penalty = penalty;
	seating->nguests = n;
	number_guests(seating);
	pack_room(seating);
	make_windows(seating);
	make_covers(seating);
	seating->user_words = (n + 63) / 64;
	seating->users = alloc_zeros((Size) model->problem->nresources * seating->user_words,
								 sizeof(uint64));
	seating->chosen = alloc_zeros(n, sizeof(int32));
	seating->best = alloc_zeros(n, sizeof(int32));
	seating->best_chosen = alloc_zeros(model->problem->nbookings, sizeof(int32));
	seating->pain_of = alloc_zeros(n, sizeof(int64));
	seating->unseated = alloc_zeros(n, sizeof(int32));
	seating->unseated_place = alloc_zeros(n, sizeof(int32));
	seating->nunseated = n;
	for (int32 i = 0; i < n; i++)
	{
		seating->chosen[i] = seating->best[i] = -1;
		seating->pain_of[i] = penalty[model->groups[seating->group[i]].rank];
		seating->unseated[i] = seating->unseated_place[i] = i;
	}
	return seating;
}

static void
number_guests(EveningSeating *seating)
{
	const EveningModel *model = seating->model;
	Arrival    *arrivals = alloc_zeros(model->nseatable, sizeof(Arrival));
	int32		n = 0;

	seating->booking = alloc_zeros(model->nseatable, sizeof(int32));
	seating->group = alloc_zeros(model->nseatable, sizeof(int32));
	seating->guest_of = alloc_zeros(model->problem->nbookings, sizeof(int32));
	for (int32 b = 0; b < model->problem->nbookings; b++)
	{
		seating->guest_of[b] = -1;
		if (model->group_of[b] >= 0)
			arrivals[n++] = (Arrival)
		{
			.from = model->groups[model->group_of[b]].from,
				.noptions = model->groups[model->group_of[b]].noptions,
				.group = model->group_of[b],.booking = b
		};
	}
	qsort(arrivals, n, sizeof(Arrival), compare_arrival);
	for (int32 i = 0; i < n; i++)
	{
		seating->booking[i] = arrivals[i].booking;
		seating->group[i] = model->group_of[arrivals[i].booking];
		seating->guest_of[arrivals[i].booking] = i;
	}
	pfree(arrivals);
}

/* Lanes of 8 bits hold rooms to 127, those of 16 bits all that there are. */
static void
pack_room(EveningSeating *seating)
{
	const EveningModel *model = seating->model;
	int32		nslots = model->nslots;
	int64		cells = (int64) model->problem->nresources * nslots;

	seating->lane_bits = 8;
	for (int64 i = 0; i < cells; i++)
	{
		if (model->room[i] > PG_INT8_MAX)
			seating->lane_bits = 16;
	}
	seating->lanes = 64 / seating->lane_bits;
	for (int32 lane = 1; lane <= seating->lanes; lane++)
		seating->high |= UINT64CONST(1) << (lane * seating->lane_bits - 1);
	seating->room_words = (nslots + seating->lanes - 1) / seating->lanes;
	seating->room = alloc_zeros((Size) model->problem->nresources * seating->room_words,
								sizeof(uint64));
	for (int32 r = 0; r < model->problem->nresources; r++)
	{
		uint64	   *room = seating->room + (Size) r * seating->room_words;

		for (int32 slot = 0; slot < nslots; slot++)
			room[slot / seating->lanes] |=
				(uint64) model->room[(Size) r * nslots + slot] <<
				(slot % seating->lanes * seating->lane_bits);
	}
}

static void
make_windows(EveningSeating *seating)
{
	const EveningModel *model = seating->model;
	int32		lanes = seating->lanes;
	uint64	   *ones;
	Size		n = 0;

	seating->windows = alloc_zeros(model->ngroups, sizeof(SeatingWindow));
	for (int32 g = 0; g < model->ngroups; g++)
	{
		SeatingWindow *window = &seating->windows[g];

		window->first_word = model->groups[g].from / lanes;
		window->nwords = (model->groups[g].until - 1) / lanes + 1 - window->first_word;

		/* With few words, loops of equal length cost less than short ones. */
		if (seating->room_words <= FEW_WORDS)
		{
			window->first_word = 0;
			window->nwords = seating->room_words;
		}
		n += window->nwords;
	}
	ones = alloc_zeros(n, sizeof(uint64));
	for (int32 g = 0; g < model->ngroups; g++)
	{
		SeatingWindow *window = &seating->windows[g];

		for (int32 slot = model->groups[g].from; slot < model->groups[g].until; slot++)
			ones[slot / lanes - window->first_word] |=
				UINT64CONST(1) << (slot % lanes * seating->lane_bits);
		window->ones = ones;
		ones += window->nwords;
	}
}

static void
make_covers(EveningSeating *seating)
{
	const EveningModel *model = seating->model;
	uint64	   *bits;
	Size		n = 0;

	seating->covers = alloc_zeros(model->nslots, sizeof(SeatingCover));
	for (int32 slot = 0; slot < model->nslots; slot++)
		seating->covers[slot].first_word = -1;
	for (int32 i = 0; i < seating->nguests; i++)
	{
		const EveningGroup *group = &model->groups[seating->group[i]];

		for (int32 slot = group->from; slot < group->until; slot++)
		{
			SeatingCover *cover = &seating->covers[slot];

			if (cover->first_word < 0)
				cover->first_word = i / 64;
			n += i / 64 + 1 - cover->first_word - cover->nwords;
			cover->nwords = i / 64 + 1 - cover->first_word;
		}
	}
	bits = alloc_zeros(n, sizeof(uint64));
	for (int32 slot = 0; slot < model->nslots; slot++)
	{
		SeatingCover *cover = &seating->covers[slot];

		cover->bits = bits;
		bits += cover->nwords;
	}
	for (int32 i = 0; i < seating->nguests; i++)
	{
		const EveningGroup *group = &model->groups[seating->group[i]];

		for (int32 slot = group->from; slot < group->until; slot++)
		{
			SeatingCover *cover = &seating->covers[slot];

			((uint64 *) cover->bits)[i / 64 - cover->first_word] |= UINT64CONST(1) << i % 64;
		}
	}
}

void
evening_seating_settle(EveningSeating *seating, const SeatingChange *change)
{
	const EveningModel *model = seating->model;
	const EveningOption *options = model->problem->options;
	int32		guest = change->guest;
	int32		before = seating->chosen[guest];
	int64		weight = model->weight[model->groups[seating->group[guest]].rank];

	copy_best(seating);
	if (before >= 0)
		seating->score -= options[before].cost;
	if (change->option >= 0)
		seating->score += options[change->option].cost;
	if (before < 0 && change->option >= 0)
	{
		int32		place = seating->unseated_place[guest];
		int32		last = seating->unseated[--seating->nunseated];

		seating->unseated[place] = last;
		seating->unseated_place[last] = place;
		seating->weight += weight;
	}
	else if (before >= 0 && change->option < 0)
	{
		seating->unseated_place[guest] = seating->nunseated;
		seating->unseated[seating->nunseated++] = guest;
		seating->weight -= weight;
	}
	seating->chosen[guest] = change->option;
	seating->pain_of[guest] = change->pain;
}

/* Copied only when the seating changes, for one better one follows another. */
void
evening_seating_keep(EveningSeating *seating)
{
	if (seating->weight < seating->best_weight ||
		(seating->weight == seating->best_weight &&
		 (seating->score >= seating->best_score || seating->weight == 0)))
		return;
	seating->best_weight = seating->weight;
	seating->best_score = seating->score;
	seating->best_is_now = true;
}

const int32 *
evening_seating_best(EveningSeating *seating)
{
	copy_best(seating);
	for (int32 b = 0; b < seating->model->problem->nbookings; b++)
		seating->best_chosen[b] = seating->guest_of[b] < 0 ? -1 :
			seating->best[seating->guest_of[b]];
	return seating->best_chosen;
}

static inline void
copy_best(EveningSeating *seating)
{
	if (!seating->best_is_now)
		return;
	memcpy(seating->best, seating->chosen, sizeof(int32) * seating->nguests);
	seating->best_is_now = false;
}

static int
compare_arrival(const void *a, const void *b)
{
	const Arrival *x = a;
	const Arrival *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->noptions != y->noptions)
		return x->noptions < y->noptions ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->booking < y->booking ? -1 : x->booking > y->booking;
}

static void *
alloc_zeros(Size n, Size size)
{
	return palloc_extended(Max(n, 1) * size, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}
