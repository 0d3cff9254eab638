/*-------------------------------------------------------------------------
 *
 * evening_seating.h
 *	  A seating of an evening that is being changed, and the best one so far.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_SEATING_H
#define MENUCA_EVENING_SEATING_H

#include "seating/evening_model.h"

/* A booking at one of the resources that it uses. */
typedef struct SeatingMember
{
	int32		booking;
	int32		nth;			/* use of its option */
} SeatingMember;

typedef struct SeatingMembers
{
	SeatingMember *members;
	int32		n;
	int32		size;
} SeatingMembers;

/* What a booking had before the current move. */
typedef struct SeatingChange
{
	int32		booking;
	int32		option;			/* -1: none */
	int64		pain;
} SeatingChange;

typedef struct EveningSeating
{
	const EveningModel *model;
	int32	   *room;			/* left now, as in the model */
	int32	   *chosen;			/* of each booking: its option; -1: none */
	int64	   *pain_of;		/* of each seated booking */
	SeatingMembers *members;	/* of each resource */
	int32	   *place;			/* [booking * max_uses + use]: index into
								 * members */
	int32		max_uses;
	int32	   *unseated;		/* bookings that have options, but none now */
	int32	   *unseated_place; /* of each booking */
	int32		nunseated;
	const int64 *penalty;		/* of each rank: pain of an unseated booking */
	int64		weight;			/* of the seated bookings */
	int64		score;
	int64		pain;			/* of all bookings */

	SeatingChange *changes;		/* of the current move */
	int32		nchanges;
	int32		changes_size;

	int32	   *best;			/* chosen of the best seating */
	int64		best_weight;
	int64		best_score;
	bool		best_is_now;	/* not yet copied to best[] */
} EveningSeating;

/*
 * Nobody is seated yet.  penalty is referred to.  In the current memory
 * context.
 */
extern EveningSeating *evening_seating_begin(const EveningModel *model,
											 const int64 *penalty);

/* Seats an unseated booking; there is room.  pain is what it adds to pain. */
extern void evening_seating_seat(EveningSeating *seating, int32 booking,
								 int32 option, int64 pain);

/* Unseats a booking, if it is seated. */
extern void evening_seating_unseat(EveningSeating *seating, int32 booking);

/* Begins a move; each booking is noted before it is changed. */
extern void evening_seating_begin_move(EveningSeating *seating);
extern void evening_seating_note(EveningSeating *seating, int32 booking);

/* Takes back the changes of all noted bookings. */
extern void evening_seating_undo(EveningSeating *seating);

/* Remembers the seating if none had more weight, or as much and less score. */
extern void evening_seating_keep(EveningSeating *seating);

/* The best one: option of each booking or -1. */
extern const int32 *evening_seating_best(EveningSeating *seating);

#endif							/* MENUCA_EVENING_SEATING_H */
