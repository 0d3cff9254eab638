/*-------------------------------------------------------------------------
 *
 * evening_model.c
 *	  An evening as its solver sees it: see evening_model.h.
 *
 * Use of a resource grows only when a window starts, so it is enough to look
 * at the instants at which one does.  Of these a *slot* is one after which a
 * window ends before the next one starts: when none does, whatever is used at
 * the earlier start is still used at the later one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "seating/evening_model.h"

#define MAX_COST INT64CONST(1000000000)
#define MAX_AMOUNT 10000
#define MAX_BOOKINGS 100000
#define MAX_WEIGHT (INT64CONST(1) << 36)

/* A booking with what makes it like others. */
typedef struct LikeBooking
{
	int32		list;
	int32		from;
	int32		until;
	int32		rank;
	int32		booking;
} LikeBooking;

/* An option of a list, to be sorted. */
typedef struct CostOption
{
	int64		cost;
	int32		option;
} CostOption;

static void check_limits(const EveningProblem *problem);
static int64 *make_slots(const EveningProblem *problem, int32 *nslots);
static int32 slot_from(const int64 *slots, int32 nslots, int64 instant);
static void make_model_room(EveningModel *model, const int64 *slots);
static void make_ranks(EveningModel *model, int32 *rank_of);
static void make_groups(EveningModel *model, const int64 *slots,
						const int32 *rank_of);
static void add_group_options(EveningModel *model, EveningGroup *group,
							  const CostOption *sorted, int32 n);
static void make_unit(EveningModel *model);
static bool are_alike(const LikeBooking *x, const LikeBooking *y);
static int	compare_int64(const void *a, const void *b);
static int	compare_likes(const void *a, const void *b);
static int	compare_options(const void *a, const void *b);

EveningModel *
evening_model_create(const EveningProblem *problem)
{
	EveningModel *model = palloc0(sizeof(EveningModel));
	int64	   *slots;
	int32	   *rank_of;

	check_limits(problem);
	model->problem = problem;
	slots = make_slots(problem, &model->nslots);
	make_model_room(model, slots);
	rank_of = palloc(sizeof(int32) * Max(problem->nbookings, 1));
	make_ranks(model, rank_of);
	make_groups(model, slots, rank_of);
	make_unit(model);
	pfree(slots);
	pfree(rank_of);
	return model;
}

/* Sums of what passes here fit an int64. */
static void
check_limits(const EveningProblem *problem)
{
	bool		fits = true;

	for (int32 i = 0; i < problem->nresources; i++)
		fits &= problem->counts[i] <= MAX_AMOUNT;
	for (int32 i = 0; i < problem->nfixed; i++)
		fits &= problem->fixed[i].amount <= MAX_AMOUNT;
	for (int32 i = 0; i < problem->noptions; i++)
	{
		const EveningOption *option = &problem->options[i];
		int64		amount = 0;

		for (int32 k = 0; k < option->nuses; k++)
			amount += problem->uses[option->first_use + k].amount;
		fits &= option->cost <= MAX_COST && option->cost >= -MAX_COST &&
			amount <= MAX_AMOUNT;
	}
	if (!fits || problem->nbookings > MAX_BOOKINGS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the evening is too large to be planned"),
				 errdetail("It has a score above %lld points, more than %d dining tables of one kind, or more than %d bookings.",
						   (long long) (MAX_COST / 10000), MAX_AMOUNT,
						   MAX_BOOKINGS)));
}

/* The slots, ascending. */
static int64 *
make_slots(const EveningProblem *problem, int32 *nslots)
{
	int32		n = problem->nbookings + problem->nfixed;
	int64	   *starts = palloc(sizeof(int64) * Max(n, 1));
	int64	   *ends = palloc(sizeof(int64) * Max(n, 1));
	int32		k = 0;
	int32		end = 0;

	for (int32 i = 0; i < problem->nbookings; i++)
	{
		starts[i] = problem->bookings[i].start;
		ends[i] = problem->bookings[i].end;
	}
	for (int32 i = 0; i < problem->nfixed; i++)
	{
		starts[problem->nbookings + i] = problem->fixed[i].start;
		ends[problem->nbookings + i] = problem->fixed[i].end;
	}
	qsort(starts, n, sizeof(int64), compare_int64);
	qsort(ends, n, sizeof(int64), compare_int64);
	for (int32 i = 0; i < n; i++)
	{
		while (end < n && ends[end] <= starts[i])
			end++;
		if (i + 1 < n && (starts[i + 1] == starts[i] ||
						  (end < n && ends[end] > starts[i + 1])))
			continue;
		starts[k++] = starts[i];
	}
	pfree(ends);
	*nslots = k;
	return starts;
}

/* The first slot at that instant or later. */
static int32
slot_from(const int64 *slots, int32 nslots, int64 instant)
{
	int32		low = 0;
	int32		high = nslots;

	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (slots[middle] < instant)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
make_model_room(EveningModel *model, const int64 *slots)
{
	const EveningProblem *problem = model->problem;
	Size		n = (Size) problem->nresources * model->nslots;

	if (n > MaxAllocSize / sizeof(int64) - 1)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the evening is too large to be planned"),
				 errdetail("%d dining tables and %d instants at which a booking starts.",
						   problem->nresources, model->nslots)));
	model->room = palloc(sizeof(int32) * Max(n, 1));
	for (int32 r = 0; r < problem->nresources; r++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int32 slot = 0; slot < model->nslots; slot++)
			model->room[(Size) r * model->nslots + slot] =
				Max(problem->counts[r], 0);
	}
	for (int32 i = 0; i < problem->nfixed; i++)
	{
		const EveningFixed *fixed = &problem->fixed[i];
		int32	   *room = model->room + (Size) fixed->resource * model->nslots;
		int32		until = slot_from(slots, model->nslots, fixed->end);

		for (int32 slot = slot_from(slots, model->nslots, fixed->start);
			 slot < until; slot++)
			room[slot] = Max(room[slot] - fixed->amount, 0);
	}
}

/* Ranks of the priorities, and weights that make their sum lexicographic. */
static void
make_ranks(EveningModel *model, int32 *rank_of)
{
	const EveningProblem *problem = model->problem;
	int32		n = problem->nbookings;
	int64	   *priorities = palloc(sizeof(int64) * Max(n, 1));
	int32	   *members;
	int64		sum = 0;

	for (int32 i = 0; i < n; i++)
		priorities[i] = problem->bookings[i].priority;
	qsort(priorities, n, sizeof(int64), compare_int64);
	for (int32 i = 0; i < n; i++)
	{
		if (i == 0 || priorities[i] != priorities[i - 1])
			priorities[model->nranks++] = priorities[i];
	}
	members = palloc0(sizeof(int32) * Max(model->nranks, 1));
	for (int32 i = 0; i < n; i++)
	{
		rank_of[i] = slot_from(priorities, model->nranks,
							   problem->bookings[i].priority);
		members[rank_of[i]]++;
	}
	model->weight = palloc(sizeof(int64) * Max(model->nranks, 1));
	model->exact_weights = true;
	for (int32 rank = 0; rank < model->nranks; rank++)
	{
		model->weight[rank] = Min(1 + sum, MAX_WEIGHT);
		if (1 + sum > MAX_WEIGHT)
			model->exact_weights = false;
		sum += members[rank] * model->weight[rank];
		sum = Min(sum, MAX_WEIGHT * 2);
	}
	pfree(members);
	pfree(priorities);
}

static void
make_groups(EveningModel *model, const int64 *slots, const int32 *rank_of)
{
	const EveningProblem *problem = model->problem;
	int32		n = problem->nbookings;
	LikeBooking *likes = palloc(sizeof(LikeBooking) * Max(n, 1));
	CostOption *sorted = NULL;
	int32		sorted_list = -1;
	int32		nlikes = 0;
	Size		total = 0;

	model->group_of = palloc(sizeof(int32) * Max(n, 1));
	for (int32 i = 0; i < n; i++)
	{
		const EveningBooking *booking = &problem->bookings[i];

		model->group_of[i] = -1;
		if (booking->list < 0)
			continue;
		likes[nlikes++] = (LikeBooking)
		{
			.list = booking->list,
				.from = slot_from(slots, model->nslots, booking->start),
				.until = slot_from(slots, model->nslots, booking->end),
				.rank = rank_of[i],
				.booking = i
		};
	}
	qsort(likes, nlikes, sizeof(LikeBooking), compare_likes);
	for (int32 i = 0; i < nlikes; i++)
		total += problem->lists[likes[i].list].noptions;
	model->groups = palloc(sizeof(EveningGroup) * Max(nlikes, 1));

	/* Counted per booking, this would be too much where many are alike. */
	for (int32 i = 1; i < nlikes; i++)
	{
		if (are_alike(&likes[i], &likes[i - 1]))
			total -= problem->lists[likes[i].list].noptions;
	}
	model->group_options =
		MemoryContextAllocHuge(CurrentMemoryContext,
							   sizeof(int32) * Max(total, 1));
	total = 0;
	for (int32 i = 0; i < nlikes;)
	{
		const EveningList *list = &problem->lists[likes[i].list];
		EveningGroup *group = &model->groups[model->ngroups];
		int32		end = i;

		CHECK_FOR_INTERRUPTS();
		if (sorted_list != likes[i].list)
		{
			if (sorted)
				pfree(sorted);
			sorted = palloc(sizeof(CostOption) * Max(list->noptions, 1));
			for (int32 k = 0; k < list->noptions; k++)
			{
				sorted[k].option = list->first_option + k;
				sorted[k].cost = problem->options[sorted[k].option].cost;
			}
			qsort(sorted, list->noptions, sizeof(CostOption), compare_options);
			sorted_list = likes[i].list;
		}
		group->from = likes[i].from;
		group->until = likes[i].until;
		group->list = likes[i].list;
		group->rank = likes[i].rank;
		group->first_option = (int32) total;
		add_group_options(model, group, sorted, list->noptions);
		while (end < nlikes && are_alike(&likes[i], &likes[end]))
		{
			if (group->noptions > 0)
				model->group_of[likes[end].booking] = model->ngroups;
			end++;
		}
		group->nbookings = end - i;
		if (group->noptions > 0)
		{
			model->ngroups++;
			model->nseatable += group->nbookings;
			total += group->noptions;
		}
		i = end;
	}
	if (sorted)
		pfree(sorted);
	pfree(likes);
}

/* Those of the sorted options that fit beside the fixed use. */
static void
add_group_options(EveningModel *model, EveningGroup *group,
				  const CostOption *sorted, int32 n)
{
	const EveningProblem *problem = model->problem;

	group->noptions = 0;
	for (int32 k = 0; k < n; k++)
	{
		if (evening_model_fits(problem, model->room, model->nslots,
							   &problem->options[sorted[k].option],
							   group->from, group->until))
			model->group_options[group->first_option + group->noptions++] =
				sorted[k].option;
	}
}

static bool
are_alike(const LikeBooking *x, const LikeBooking *y)
{
	return x->list == y->list && x->from == y->from &&
		x->until == y->until && x->rank == y->rank;
}

/* The greatest common divisor of all costs. */
static void
make_unit(EveningModel *model)
{
	const EveningProblem *problem = model->problem;
	int64		unit = 0;

	for (int32 i = 0; i < problem->noptions; i++)
	{
		int64		a = problem->options[i].cost;

		a = a < 0 ? -a : a;
		while (a != 0)
		{
			int64		rest = unit % a;

			unit = a;
			a = rest;
		}
	}
	model->unit = Max(unit, 1);
}

static int
compare_int64(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

static int
compare_likes(const void *a, const void *b)
{
	const LikeBooking *x = a;
	const LikeBooking *y = b;

	if (x->list != y->list)
		return x->list < y->list ? -1 : 1;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->until != y->until)
		return x->until < y->until ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->booking < y->booking ? -1 : x->booking > y->booking;
}

static int
compare_options(const void *a, const void *b)
{
	const CostOption *x = a;
	const CostOption *y = b;

	if (x->cost != y->cost)
		return x->cost < y->cost ? -1 : 1;
	return x->option < y->option ? -1 : x->option > y->option;
}
