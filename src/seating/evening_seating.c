/*-------------------------------------------------------------------------
 *
 * evening_seating.c
 *	  A seating that is being changed: see evening_seating.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/evening_seating.h"

static void add_seated(EveningSeating *seating, int32 resource, int32 booking,
					   int32 nth);
static void remove_member(EveningSeating *seating, int32 resource, int32 booking,
						  int32 nth);
static void copy_best(EveningSeating *seating);

EveningSeating *
evening_seating_begin(const EveningModel *model, const int64 *penalty)
{
	const EveningProblem *problem = model->problem;
	EveningSeating *seating = palloc0(sizeof(EveningSeating));
	Size		n = Max(problem->nbookings, 1);
	Size		cells = (Size) problem->nresources * model->nslots;

	seating->model = model;
	seating->penalty = penalty;
	for (int32 i = 0; i < problem->noptions; i++)
		seating->max_uses = Max(seating->max_uses, problem->options[i].nuses);
	seating->room = palloc_extended(sizeof(int32) * Max(cells, 1),
									MCXT_ALLOC_HUGE);
	memcpy(seating->room, model->room, sizeof(int32) * cells);
	seating->members = palloc0(sizeof(SeatingMembers) * Max(problem->nresources, 1));
	seating->place = palloc0(sizeof(int32) * n * Max(seating->max_uses, 1));
	seating->chosen = palloc(sizeof(int32) * n);
	seating->pain_of = palloc0(sizeof(int64) * n);
	seating->best = palloc(sizeof(int32) * n);
	seating->unseated = palloc(sizeof(int32) * n);
	seating->unseated_place = palloc0(sizeof(int32) * n);
	seating->changes_size = 64;
	seating->changes = palloc(sizeof(SeatingChange) * seating->changes_size);
	for (int32 b = 0; b < problem->nbookings; b++)
	{
		seating->chosen[b] = seating->best[b] = -1;
		if (model->group_of[b] < 0)
			continue;
		seating->unseated_place[b] = seating->nunseated;
		seating->unseated[seating->nunseated++] = b;
		seating->pain += penalty[model->groups[model->group_of[b]].rank];
	}
	return seating;
}

void
evening_seating_seat(EveningSeating *seating, int32 booking, int32 option,
					 int64 pain)
{
	const EveningModel *model = seating->model;
	const EveningGroup *group = &model->groups[model->group_of[booking]];
	const EveningOption *o = &model->problem->options[option];
	int32		place = seating->unseated_place[booking];
	int32		last = seating->unseated[seating->nunseated - 1];

	copy_best(seating);
	for (int32 i = 0; i < o->nuses; i++)
	{
		const EveningUse *use = &model->problem->uses[o->first_use + i];
		int32	   *room = seating->room + (Size) use->resource * model->nslots;

		for (int32 slot = group->from; slot < group->until; slot++)
			room[slot] -= use->amount;
		add_seated(seating, use->resource, booking, i);
	}
	seating->nunseated--;
	seating->unseated[place] = last;
	seating->unseated_place[last] = place;
	seating->score += o->cost;
	seating->weight += model->weight[group->rank];
	seating->pain += pain - seating->penalty[group->rank];
	seating->pain_of[booking] = pain;
	seating->chosen[booking] = option;
}

void
evening_seating_unseat(EveningSeating *seating, int32 booking)
{
	const EveningModel *model = seating->model;
	const EveningGroup *group;
	const EveningOption *o;

	if (seating->chosen[booking] < 0)
		return;
	copy_best(seating);
	group = &model->groups[model->group_of[booking]];
	o = &model->problem->options[seating->chosen[booking]];
	for (int32 i = 0; i < o->nuses; i++)
	{
		const EveningUse *use = &model->problem->uses[o->first_use + i];
		int32	   *room = seating->room + (Size) use->resource * model->nslots;

		for (int32 slot = group->from; slot < group->until; slot++)
			room[slot] += use->amount;
		remove_member(seating, use->resource, booking, i);
	}
	seating->score -= o->cost;
	seating->weight -= model->weight[group->rank];
	seating->pain += seating->penalty[group->rank] - seating->pain_of[booking];
	seating->unseated_place[booking] = seating->nunseated;
	seating->unseated[seating->nunseated++] = booking;
	seating->chosen[booking] = -1;
}

static void
add_seated(EveningSeating *seating, int32 resource, int32 booking, int32 nth)
{
	SeatingMembers *members = &seating->members[resource];

	if (members->n == members->size)
	{
		members->size = Max(members->size * 2, 8);
		members->members = members->members == NULL ?
			palloc(sizeof(SeatingMember) * members->size) :
			repalloc(members->members, sizeof(SeatingMember) * members->size);
	}
	seating->place[(Size) booking * seating->max_uses + nth] = members->n;
	members->members[members->n].booking = booking;
	members->members[members->n++].nth = nth;
}

/* The last member takes its place. */
static void
remove_member(EveningSeating *seating, int32 resource, int32 booking, int32 nth)
{
	SeatingMembers *members = &seating->members[resource];
	SeatingMember last = members->members[--members->n];
	int32		place = seating->place[(Size) booking * seating->max_uses + nth];

	members->members[place] = last;
	seating->place[(Size) last.booking * seating->max_uses + last.nth] = place;
}

void
evening_seating_begin_move(EveningSeating *seating)
{
	seating->nchanges = 0;
}

void
evening_seating_note(EveningSeating *seating, int32 booking)
{
	SeatingChange *change;

	if (seating->nchanges == seating->changes_size)
	{
		seating->changes_size *= 2;
		seating->changes = repalloc(seating->changes,
									sizeof(SeatingChange) * seating->changes_size);
	}
	change = &seating->changes[seating->nchanges++];
	change->booking = booking;
	change->option = seating->chosen[booking];
	change->pain = seating->pain_of[booking];
}

void
evening_seating_undo(EveningSeating *seating)
{
	for (int32 i = 0; i < seating->nchanges; i++)
		evening_seating_unseat(seating, seating->changes[i].booking);
	for (int32 i = seating->nchanges - 1; i >= 0; i--)
	{
		const SeatingChange *change = &seating->changes[i];

		if (change->option >= 0)
			evening_seating_seat(seating, change->booking, change->option,
								 change->pain);
	}
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
	return seating->best;
}

static inline void
copy_best(EveningSeating *seating)
{
	if (!seating->best_is_now)
		return;
	memcpy(seating->best, seating->chosen,
		   sizeof(int32) * seating->model->problem->nbookings);
	seating->best_is_now = false;
}
