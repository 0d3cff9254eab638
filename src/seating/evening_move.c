/*-------------------------------------------------------------------------
 *
 * evening_move.c
 *	  One move of a search: see evening_move.h.
 *
 * While it is tried, only room and users change.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/evening_move.h"

/* Found by measuring. */
#define OTHER 4					/* one move in OTHER tries to seat somebody
								 * unseated, too */
#define MAX_EJECTED 4			/* moves that eject more hardly ever succeed */
#define OPTIONS_PER_STEP 4
#define TOO_MUCH PG_INT64_MAX

static int64 eject(EveningSearch *search, int32 guest, const SearchOption *option);
static bool find_lack(const EveningSeating *seating, const SeatingWindow *window,
					  const uint64 *room, int32 amount, int32 *first, int32 *last);
static bool try_move(EveningSearch *search, int64 pain, int64 allowed, int32 other);
static int64 place_guest(EveningSearch *search, SeatingChange *change, int64 most);
static SeatingChange *lift(EveningSearch *search, int32 guest);
static void undo_move(EveningSearch *search);

bool
evening_move_make(EveningSearch *search, int32 guest, int32 place, int64 allowed)
{
	EveningSeating *seating = search->seating;
	const SearchOption *option = &search->options[place];
	int64		pain = option->pain - seating->pain_of[guest];
	int64		ejected;
	int32		other = -1;

	/* Whoever leaves may make room for somebody else. */
	if (seating->chosen[guest] >= 0 && seating->nunseated > 0 &&
		evening_move_random(search, OTHER) == 0)
		other = seating->unseated[evening_move_random(search, seating->nunseated)];
	else if (pain > allowed)
		return false;
	search->nchanges = 0;
	lift(search, guest);
	ejected = eject(search, guest, option);
	if (ejected == TOO_MUCH)
	{
		undo_move(search);
		return false;
	}
	pain += ejected;
	search->changes[0].option = option->option;
	search->changes[0].pain = option->pain;
	evening_seating_shift(seating, guest, option->option, true);
	if (!try_move(search, pain, allowed, other))
	{
		undo_move(search);
		return false;
	}
	for (int32 i = 0; i < search->nchanges; i++)
		evening_seating_settle(seating, &search->changes[i]);
	return true;
}

/*
 * Makes room for an option.  Returns how pain changes if all who are ejected
 * get what is best for them.
 */
static int64
eject(EveningSearch *search, int32 guest, const SearchOption *option)
{
	EveningSeating *seating = search->seating;
	const SeatingWindow *window = &seating->windows[seating->group[guest]];
	int64		pain = 0;

	for (int32 i = 0; i < option->nuses; i++)
	{
		const EveningUse *use = &option->uses[i];
		const uint64 *room = seating->room +
			(Size) use->resource * seating->room_words + window->first_word;

		int32		first;
		int32		last;

		while (find_lack(seating, window, room, use->amount, &first, &last))
		{
			int32		victim;

			if (search->nchanges > MAX_EJECTED)
				return TOO_MUCH;
			victim = evening_seating_user(seating, use->resource, first, last,
										  evening_move_random(search, PG_UINT32_MAX));
			pain += search->least[seating->group[victim]] - seating->pain_of[victim];
			lift(search, victim);
			search->steps += 2;
		}
	}
	return pain;
}

/* The first and the last slot where there is less room; false: none. */
static inline bool
find_lack(const EveningSeating *seating, const SeatingWindow *window,
		  const uint64 *room, int32 amount, int32 *first, int32 *last)
{
	*first = -1;
	for (int32 w = 0; w < window->nwords; w++)
	{
		uint64		lacks = evening_seating_lacks(seating, room[w],
												  window->ones[w], amount);

		if (lacks == 0)
			continue;
		*last = (window->first_word + w) * seating->lanes +
			pg_leftmost_one_pos64(lacks) / seating->lane_bits;
		if (*first < 0)
			*first = (window->first_word + w) * seating->lanes +
				pg_rightmost_one_pos64(lacks) / seating->lane_bits;
	}
	return *first >= 0;
}

/*
 * Seats those who were ejected, and the other one.  pain is what it changes by
 * if each of them gets what is best.  False: it grows by more than is allowed.
 */
static bool
try_move(EveningSearch *search, int64 pain, int64 allowed, int32 other)
{
	EveningSeating *seating = search->seating;
	int32		nejected = search->nchanges;
	int64		hope = other < 0 ? 0 :
		seating->pain_of[other] - search->least[seating->group[other]];

	for (int32 i = 1; i < nejected && pain - hope <= allowed; i++)
		pain += place_guest(search, &search->changes[i], allowed + hope - pain);
	if (pain - hope > allowed)
		return false;
	if (other >= 0)
		pain += place_guest(search, lift(search, other), allowed + hope - pain) - hope;
	return pain <= allowed;
}

/* Seats a guest where there is room; returns by how much that is not the best. */
static int64
place_guest(EveningSearch *search, SeatingChange *change, int64 most)
{
	int64		least = search->least[search->seating->group[change->guest]];
	int32		place = evening_move_fitting(search, change->guest, least + most);

	if (place >= 0)
	{
		change->option = search->options[place].option;
		change->pain = search->options[place].pain;
		evening_seating_shift(search->seating, change->guest, change->option, true);
	}
	return change->pain - least;
}

/* Begins a guest's change: nobody uses his room now. */
static SeatingChange *
lift(EveningSearch *search, int32 guest)
{
	SeatingChange *change = &search->changes[search->nchanges++];
	int32		option = search->seating->chosen[guest];

	change->guest = guest;
	change->option = -1;
	change->pain = evening_move_penalty(search, guest);
	if (option >= 0)
		evening_seating_shift(search->seating, guest, option, false);
	return change;
}

/* Room and users are again as before the move. */
static void
undo_move(EveningSearch *search)
{
	EveningSeating *seating = search->seating;

	for (int32 i = 0; i < search->nchanges; i++)
	{
		const SeatingChange *change = &search->changes[i];

		if (change->option >= 0)
			evening_seating_shift(seating, change->guest, change->option, false);
	}
	for (int32 i = 0; i < search->nchanges; i++)
	{
		int32		guest = search->changes[i].guest;

		if (seating->chosen[guest] >= 0)
			evening_seating_shift(seating, guest, seating->chosen[guest], true);
	}
}

int32
evening_move_fitting(EveningSearch *search, int32 guest, int64 most)
{
	int32		g = search->seating->group[guest];
	const SearchOption *options = search->options + search->first[g];
	int32		n = search->noptions[g];

	int32		i;

	for (i = 0; i < n; i++)
	{
		if (options[i].pain <= most && evening_seating_fits(search->seating, g, options[i].uses, options[i].nuses))
		{
			search->steps += 1 + i / OPTIONS_PER_STEP;
			return search->first[g] + i;
		}
	}
	search->steps += 1 + i / OPTIONS_PER_STEP;
	return -1;
}
