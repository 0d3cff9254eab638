/*-------------------------------------------------------------------------
 *
 * evening_seating.h
 *	  A seating of an evening that is being changed, and the best one so far.
 *
 * A *guest* is a booking that has options.  Guests are numbered by start, so
 * that those who are there at an instant have numbers near each other.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_SEATING_H
#define MENUCA_EVENING_SEATING_H

#include "port/pg_bitutils.h"

#include "seating/evening_model.h"

/*
 * The slots of a group's window, packed as the room is: 1 in each lane that
 * belongs to the window.
 */
typedef struct SeatingWindow
{
	int32		first_word;
	int32		nwords;
	const uint64 *ones;			/* of each of these words */
} SeatingWindow;

/* The guests whose window has a slot, as bits. */
typedef struct SeatingCover
{
	int32		first_word;
	int32		nwords;
	const uint64 *bits;			/* of each of these words */
} SeatingCover;

/* What a guest gets by a move. */
typedef struct SeatingChange
{
	int32		guest;
	int32		option;			/* index into the problem's; -1: none */
	int64		pain;
} SeatingChange;

typedef struct EveningSeating
{
	const EveningModel *model;
	int32		nguests;
	int32	   *booking;		/* of each guest */
	int32	   *guest_of;		/* of each booking; -1: it has no option */
	int32	   *group;			/* of each guest */

	int32		lane_bits;		/* of a slot's room in a word; its highest bit
								 * is always 0 */
	int32		lanes;			/* of a word */
	uint64		high;			/* the highest bit of each lane */
	int32		room_words;		/* of a resource */
	uint64	   *room;			/* [resource * room_words + word]: left now */
	SeatingWindow *windows;		/* of each group */
	int32		user_words;		/* of a resource */
	uint64	   *users;			/* [resource * user_words + word]: guests who
								 * use it */
	SeatingCover *covers;		/* of each slot */

	int32	   *chosen;			/* of each guest: index into the problem's
								 * options; -1: none */
	int64	   *pain_of;		/* of each guest */
	int32	   *unseated;		/* guests who have no option now */
	int32	   *unseated_place; /* of each guest: index into unseated */
	int32		nunseated;
	const int64 *penalty;		/* of each rank: pain of an unseated guest */
	int64		weight;			/* of the seated guests */
	int64		score;

	int32	   *best;			/* chosen of the best seating */
	int64		best_weight;
	int64		best_score;
	bool		best_is_now;	/* not yet copied to best[] */
	int32	   *best_chosen;	/* of each booking */
} EveningSeating;

/*
 * Nobody is seated yet.  penalty is referred to.  In the current memory
 * context.
 */
extern EveningSeating *evening_seating_begin(const EveningModel *model,
											 const int64 *penalty);

/* Records what a guest has now; room and users know it already. */
extern void evening_seating_settle(EveningSeating *seating,
								   const SeatingChange *change);

/* Remembers the seating if none had more weight, or as much and less score. */
extern void evening_seating_keep(EveningSeating *seating);

/* The best one: option of each booking or -1; valid until the next call. */
extern const int32 *evening_seating_best(EveningSeating *seating);

/*
 * The lanes of a window's word in which there is less room than the amount:
 * their highest bits.  No lane borrows from the next, for a lane with its
 * highest bit set is more than any amount.
 */
static inline uint64
evening_seating_lacks(const EveningSeating *seating, uint64 room, uint64 ones,
					  int32 amount)
{
	return ~((room | seating->high) - ones * amount) & seating->high;
}

/* Whether there is room for those uses in the window of a group. */
static inline bool
evening_seating_fits(const EveningSeating *seating, int32 group,
					 const EveningUse *uses, int32 nuses)
{
	const SeatingWindow *window = &seating->windows[group];

	for (int32 i = 0; i < nuses; i++)
	{
		const uint64 *room = seating->room +
			(Size) uses[i].resource * seating->room_words + window->first_word;

		uint64		lacks = 0;

		for (int32 w = 0; w < window->nwords; w++)
			lacks |= evening_seating_lacks(seating, room[w], window->ones[w],
										   uses[i].amount);
		if (lacks != 0)
			return false;
	}
	return true;
}

/* Takes the room of an option, or gives it back; only room and users change. */
static inline void
evening_seating_shift(EveningSeating *seating, int32 guest, int32 option,
					  bool take)
{
	const EveningProblem *problem = seating->model->problem;
	const EveningOption *o = &problem->options[option];
	const EveningUse *uses = problem->uses + o->first_use;
	const SeatingWindow *window = &seating->windows[seating->group[guest]];

	for (int32 i = 0; i < o->nuses; i++)
	{
		uint64	   *room = seating->room +
			(Size) uses[i].resource * seating->room_words + window->first_word;
		int32		amount = take ? -uses[i].amount : uses[i].amount;

		/* Lanes stay between 0 and their limit, so whole words can be added. */
		for (int32 w = 0; w < window->nwords; w++)
			room[w] += window->ones[w] * (uint64) (int64) amount;
		seating->users[(Size) uses[i].resource * seating->user_words + guest / 64] ^=
			UINT64CONST(1) << guest % 64;
	}
}

/*
 * One of the guests who use the resource in the slot, and in the other slot, too,
 * if there is one: the first one from a random place on.
 */
static inline int32
evening_seating_user(const EveningSeating *seating, int32 resource, int32 slot,
					 int32 other, uint32 random)
{
	const SeatingCover *cover = &seating->covers[slot];
	const SeatingCover *too = &seating->covers[other];
	const uint64 *users = seating->users + (Size) resource * seating->user_words;
	int32		low = Max(cover->first_word, too->first_word);
	int32		n = Min(cover->first_word + cover->nwords, too->first_word + too->nwords) - low;

	/* Where guests of both slots have no word in common, n is 0 or less. */
	for (int pass = 0; pass < 2; pass++)
	{
		int32		w = low + (int32) (((uint64) random * n) >> 32);
		uint64		mask = PG_UINT64_MAX << random % 64;

		/* The first word is looked at twice: from the place on, and before. */
		for (int32 i = 0; n > 0 && i <= n; i++)
		{
			uint64		found = users[w] & cover->bits[w - cover->first_word] & mask;

			if (pass == 0)
				found &= too->bits[w - too->first_word];
			if (found != 0)
				return w * 64 + pg_rightmost_one_pos64(found);
			mask = PG_UINT64_MAX;
			w = w + 1 == low + n ? low : w + 1;
		}
		low = cover->first_word;
		n = cover->nwords;
	}
	Assert(false);
	return -1;
}

#endif							/* MENUCA_EVENING_SEATING_H */
